"""What people ask: which mails were sent and why, which alerts reach nobody, and who hears what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notifier.domain.alerts import Alert, AlertKind
from services.notifier.domain.contacts import Addressee, Contact, Role
from services.notifier.domain.decisions import Decision
from services.notifier.domain.delivery import Mail
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.notices import Told
from services.notifier.domain.routing import route
from services.notifier.domain.subscriptions import Hearing, Subscription, subscriptions, who_hears
from services.notifier.handlers.belonging import is_of, sites_of
from services.notifier.handlers.contacts import find_contact
from services.notifier.handlers.gathering import gather_knowledge
from services.notifier.ports import Store
from shared.dutch import dutch_day
from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Gap:
    """A role that nobody has, in a region where nobody can stand in: the alerts that therefore reach nobody."""

    kind: AlertKind
    region: str
    addressee: Addressee
    alerts: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A mail as somebody may see it: as it was written, or (not `is_whole`) only that it told of these alerts of theirs."""

    mail: Mail
    is_whole: bool
    alerts: Sequence[Alert]
    knowledge: Knowledge


async def find_message(store: Store, mail: str, organisation: str | None, now: datetime) -> Message:
    """A mail, for this organisation (None: for whoever runs Leerplek); raises NotFound where it tells nothing of theirs.

    Who works for two organisations gets one mail from both. Of that each sees what it was told, and nothing of the other.
    """
    held = await store.mail(mail)
    if held is None:
        raise unknown_mail()
    told = await store.told_by(mail)
    organisations = await _organisations(store, held, told)
    theirs = {each for each in set(organisations.values()) if await is_of(store, [each], organisation)}
    own = [each.alert for each in told if organisations[each.contact] in theirs]
    is_whole = theirs.issuperset(organisations.values())
    if not (is_whole or own):
        raise unknown_mail()
    alerts = await store.alerts_in(own)
    return Message(held, is_whole, alerts, await gather_knowledge(store, alerts, now))


async def find_whole_mail(store: Store, mail: str, organisation: str | None, now: datetime) -> Mail:
    """A mail that is theirs as a whole; raises NotFound."""
    found = await find_message(store, mail, organisation, now)
    if not found.is_whole:
        raise unknown_mail()
    return found.mail


def unknown_mail() -> NotFound:
    """Not there, or not theirs: that it is there is not for everybody to know."""
    return NotFound("onbekend-bericht", "Dit bericht kennen we niet.")


async def _organisations(store: Store, mail: Mail, told: Sequence[Told]) -> dict[str, str]:
    """The organisation of everybody whom a mail told in a role of theirs; of who has left since it is nobody's."""
    found = {mail.contact: mail.organisation}
    for contact in {each.contact for each in told} - set(found):
        held = await store.contact(contact)
        found[contact] = held.organisation if held is not None else ""
    return found


async def find_gaps(store: Store, now: datetime) -> list[Gap]:
    """Where alerts reach nobody, the longest waiting first."""
    alerts = [alert for alert in await store.open_alerts() if alert.kind is not AlertKind.GAP]
    if not alerts:
        return []
    told = await store.told({alert.id for alert in alerts})
    decisions: list[Decision] = []
    return _gaps(route(alerts, told, await gather_knowledge(store, alerts, now), decisions).unreachable)


async def find_subscriptions(store: Store, contact: str) -> tuple[Contact, list[Subscription]]:
    """A contact, and everything that they hear of and why; raises NotFound."""
    held = await find_contact(store, contact)
    return held, subscriptions(held)


async def find_hearings(store: Store, organisation: str, now: datetime) -> list[Hearing]:
    """Who hears what in an organisation, and where nobody does; raises NotFound when no organisation has such a code."""
    if await sites_of(store, organisation):
        raise NotFound("onbekende-organisatie", "Dit is een bestuur of een hele school. Vraag het per vestiging.")
    found = who_hears(organisation, await store.contacts(organisation), dutch_day(now))
    if not found:
        raise NotFound("onbekende-organisatie", "Dit is geen code van een opleiding, school of regio.")
    return found


async def find_name(store: Store, organisation: str) -> str:
    """What people call an organisation; its code where nobody named it."""
    return (await find_names(store, [organisation])).get(organisation, organisation)


async def find_names(store: Store, organisations: Collection[str]) -> Mapping[str, str]:
    """What people call schools and regions; not those that nobody named, nor institutes, which have no name here."""
    sites, regions = await store.sites(organisations), await store.regions()
    of_sites = {
        each.id: f"{each.name} ({each.town})" if each.town else each.name for each in sites.values() if each.name
    }
    return {each.id: each.name for each in regions.values() if each.name and each.id in organisations} | of_sites


async def find_region_gaps(store: Store, region: str, now: datetime) -> list[tuple[str, list[Role]]]:
    """The institutes and schools of a region in which a role that somebody must have has nobody, before anything goes wrong."""
    codes = await store.organisations_in(region)
    contacts, today = await store.contacts_of(codes), dutch_day(now)
    by_code: dict[str, list[Contact]] = {}
    for contact in contacts:
        by_code.setdefault(contact.organisation, []).append(contact)
    found = (
        (code, [each.role for each in who_hears(code, by_code.get(code, ()), today) if each.is_gap]) for code in codes
    )
    return [(code, roles) for code, roles in found if roles]


def _gaps(unreachable: Sequence[tuple[Alert, Addressee]]) -> list[Gap]:
    grouped: dict[tuple[AlertKind, str, Addressee], list[Alert]] = {}
    for alert, addressee in unreachable:
        grouped.setdefault((alert.kind, alert.case.region, addressee), []).append(alert)
    gaps = [
        Gap(kind, region, addressee, len(alerts), min(alert.opened_at for alert in alerts))
        for (kind, region, addressee), alerts in grouped.items()
    ]
    return sorted(gaps, key=lambda gap: gap.since)
