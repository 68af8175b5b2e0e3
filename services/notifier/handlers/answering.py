"""What the reader of a mail does by its links. Nobody signs in: the signed link says which mail it is, and so whose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.notifier.domain.alerts import Alert
from services.notifier.domain.asking import asks
from services.notifier.domain.contacts import Contact
from services.notifier.domain.delivery import Mail
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.modes import Modes, reader
from services.notifier.domain.routing import may_have
from services.notifier.handlers import caring
from services.notifier.handlers.contacts import prefer_digest
from services.notifier.handlers.gathering import gather_knowledge, gather_related
from services.notifier.ports import Store
from shared.errors import DomainError, NotFound


class Deed(StrEnum):
    """What somebody does with an alert."""

    ACKNOWLEDGE = "oppakken"
    SNOOZE = "later"
    HAND_OVER = "geven"


class LinkGone(NotFound):
    """The mail of a link is not there any more, or whoever got it has left, or is somebody else by now."""


class AlertOver(DomainError):
    """Nothing can be done any more by this mail."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody does, with which alert (None: all that can be answered), until when, or to whom it is given."""

    deed: Deed
    alert: str | None = None
    until: date | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a mail told its reader, as it is now: `live` can be answered, `over` has ended, or has begun anew since that mail.

    `asked` tells as whom: somebody with two roles got one mail.
    """

    mail: Mail
    reader: Contact
    asked: Mapping[str, Contact]
    live: tuple[Alert, ...]
    over: tuple[Alert, ...]
    knowledge: Knowledge


async def find_question(store: Store, mail: str, now: datetime) -> Question:
    """What a mail asks its reader; raises NotFound when the mail, or whoever got it, is not there any more."""
    readers, told = await find_readers(store, mail), await store.told_by(mail)
    roles = {each.alert: each.role for each in told if each.contact in readers.contacts}
    asked = {each.alert: readers.contacts[each.contact] for each in told if each.contact in readers.contacts}
    alerts = [each for each in await store.alerts_in(asked) if not each.is_fact and asks(each, roles[each.id])]
    live = tuple(each for each in alerts if each.is_live and each.opened_at <= readers.mail.created_at)
    over = tuple(each for each in alerts if each not in live)
    knowledge = await gather_knowledge(store, alerts, now, await gather_related(store, alerts))
    return Question(readers.mail, readers.first, asked, live, over, knowledge)


@dataclass(frozen=True, slots=True)
class Readers:
    """A mail, and by id the contacts as whom its reader got it who are still that person; there is one at least."""

    mail: Mail
    contacts: Mapping[str, Contact]

    @property
    def first(self) -> Contact:
        """As whom the reader is spoken to."""
        return self.contacts.get(self.mail.contact) or next(iter(self.contacts.values()))


async def find_readers(store: Store, mail: str) -> Readers:
    """A mail and who got it; raises NotFound when the mail is not there any more, or its contact is, or is somebody else by now."""
    held = await store.mail(mail)
    if held is None:
        raise LinkGone("bericht-weg", "Het bericht waar deze link bij hoort, staat niet meer in Leerplek.")
    modes, contacts = await store.modes(), dict[str, Contact]()
    for name in dict.fromkeys([held.contact, *(each.contact for each in await store.told_by(mail))]):
        contact = await store.contact(name)
        if contact is not None and held.person and _is_person(store, contact, held.person, modes):
            contacts[name] = contact
    if not contacts:
        detail = (
            "Deze link is van wie het bericht kreeg. Die staat niet meer in Leerplek, of heeft daar nu een ander adres. "
            "Er is niets veranderd. Gebruik de link in een bericht dat u zelf kreeg."
        )
        raise LinkGone("link-van-een-ander", detail)
    return Readers(held, contacts)


def _is_person(store: Store, contact: Contact, person: str, modes: Modes) -> bool:
    """Whether a contact is the person who got a mail, also when the mode of their organisation has changed since."""
    return person in {store.person_key(contact.email), store.person_key(reader(contact, modes))}


async def answer_mail(store: Store, mail: str, given: Answer, now: datetime) -> list[Alert]:
    """Does what its reader answers; the same again changes nothing. Raises DomainError where nothing can be done any more."""
    question = await find_question(store, mail, now)
    wanted = [each.id for each in question.live if given.alert in (None, each.id)]
    if not wanted:
        detail = "Deze melding is voorbij, of begon na dit bericht opnieuw. U hoeft er met dit bericht niets meer mee te doen."
        raise AlertOver("melding-voorbij", detail)
    return [await act(store, alert, given, question.asked[alert].id, now) for alert in wanted]


async def calm_reader(store: Store, mail: str) -> Contact:
    """Who got this mail wishes the digest instead of mails at once, in all the roles by which it told them; raises LinkGone."""
    await prefer_digest(store, list((await find_readers(store, mail)).contacts.values()))
    return (await find_readers(store, mail)).first


async def act(
    store: Store, alert: str, given: Answer, by: str, now: datetime, organisation: str | None = None
) -> Alert:
    """Does one thing with one alert, for this organisation when `by` is no contact; raises DomainError where it lacks until when, or to whom."""
    match given:
        case Answer(Deed.ACKNOWLEDGE):
            return await caring.acknowledge(store, alert, by, now, organisation)
        case Answer(Deed.SNOOZE, until=date() as until):
            return await caring.snooze(store, alert, by, until, now)
        case Answer(Deed.HAND_OVER, to=str() as to) if to:
            return await caring.hand_over(store, alert, by, to, now)
        case _:
            raise DomainError("antwoord-onvolledig", "Kies tot wanneer u uitstelt, of aan wie u de melding geeft.")


def others(alert: Alert, reader: str, knowledge: Knowledge) -> Sequence[Contact]:
    """To whom an alert can be given: who is concerned, can be reached today, and does not have it already."""
    concerned = may_have(alert, knowledge)
    return [
        each
        for each in sorted(knowledge.contacts, key=lambda one: (one.organisation, one.role, one.id))
        if each.organisation in concerned
        and each.id not in (reader, alert.care.handed_to)
        and each.stopped is None
        and not knowledge.is_absent(each)
    ]
