"""Commands on contacts and on how organisations want their mail."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import (
    AT_INSTITUTE,
    Absence,
    Contact,
    Wish,
    check_ahead,
    check_contact,
    check_new_id,
)
from services.notifier.domain.delivery import Mail
from services.notifier.domain.letters.parting import Parting
from services.notifier.domain.life import release
from services.notifier.domain.modes import Mode, ModeSetting
from services.notifier.domain.subscriptions import check_preferences
from services.notifier.handlers.belonging import sites_of
from services.notifier.handlers.cancelling import cancel_mails
from services.notifier.handlers.parting import part
from services.notifier.handlers.raising import close_gaps_of
from services.notifier.handlers.untelling import untell
from services.notifier.ports import Store
from services.notifier.ports.posting import Composer
from shared.dutch import dutch_day
from shared.errors import BasedOn, Conflict, DomainError, NotFound
from shared.security.free_text import check_person_name

MAY_COME_BACK = timedelta(hours=1)
"""A mail that a mail server took over may still come back as undeliverable for so long."""


async def put_contact(
    store: Store, composer: Composer, contact: Contact, based_on: BasedOn, now: datetime
) -> tuple[Contact, bool]:
    """Creates or replaces a contact; True when it is new. The same content again changes nothing; a new id must be a UUID.

    An address that was stopped is tried again once it is another; the old one is told of that. Whatever waits for somebody in
    this role is looked at anew.
    """
    held = await store.contact(contact.id)
    await _check(store, contact, held, now)
    if held is None:
        check_new_id(contact.id)
        await _save(store, contact, now)
        return contact, True
    based_on(held.version)
    if contact.organisation != held.organisation:
        detail = "Een contact blijft bij zijn organisatie. Geef voor een andere organisatie een nieuw contact op."
        raise DomainError("andere-organisatie", detail, pointer="/organisation")
    is_same = held.email == contact.email
    stopped, doubted_at = (held.stopped, held.doubted_at) if is_same else (None, None)
    wanted = replace(contact, version=held.version, stopped=stopped, doubted_at=doubted_at)
    if wanted == held:
        return held, False
    if wanted.email.casefold() != held.email.casefold():
        await cancel_mails(store, await store.waiting_mails(held.id), now)  # the address may be somebody else's by now
        await part(store, composer, held, Parting.CHANGED, now)
    changed = replace(wanted, version=held.version + 1)
    await _save(store, changed, now)
    return changed, False


async def find_contact(store: Store, contact: str) -> Contact:
    """A contact; raises NotFound."""
    held = await store.contact(contact)
    if held is None:
        raise unknown_contact()
    return held


def unknown_organisation() -> NotFound:
    """What is answered about an organisation that is not there, or another's."""
    return NotFound("onbekende-organisatie", "Deze organisatie kennen we niet.")


def unknown_contact() -> NotFound:
    """What is answered about a contact that is not there, or another's."""
    return NotFound("onbekend-contact", "Dit contact kennen we niet.")


async def delete_contact(store: Store, composer: Composer, contact: str, based_on: BasedOn, now: datetime) -> None:
    """Erases a contact; what was written to them and waits is cancelled, and told to whoever has the role.

    What they took on is nobody's again, and they stand in for nobody any more. Their address is told so.
    """
    held = await find_contact(store, contact)
    based_on(held.version)
    await cancel_mails(store, await store.waiting_mails(contact), now)
    for alert in await store.taken_on_by(contact):
        await store.save_alert(release(alert, now))
    for each in await store.contacts(held.organisation):
        if each.absence is not None and each.absence.substitute == contact:
            alone = replace(each.absence, substitute=None)
            await store.save_contact(replace(each, absence=alone, version=each.version + 1))
    await part(store, composer, held, Parting.REMOVED, now)
    await store.delete_contact(held)


async def stop_address(store: Store, bounced: Mail, reason: str, now: datetime) -> None:
    """Nothing more is mailed to the address that this mail came back from, until the contact has another.

    Who else has the role hears of what did not arrive, or else the next role. Of a contact that has another address by now
    that mail alone is told anew; a test address is nobody's to stop.
    """
    held = await store.contact(bounced.contact)
    if held is None or not bounced.email:
        return
    if held.email.casefold() == bounced.email.casefold():
        for name in dict.fromkeys([held.id, *(each.contact for each in await store.told_by(bounced.id))]):
            await _stop(store, await store.contact(name), bounced.email, reason, now)
    elif (setting := (await store.modes()).of(held.organisation)) is not None and setting.mode is Mode.TEST:
        return
    await untell(store, [bounced.id], now)


async def is_refused_again(store: Store, refused: Mail, now: datetime) -> bool:
    """Whether this address refuses mails on a second day, without saying why, and took none in between. The first makes it doubted."""
    held = await store.contact(refused.contact)
    if held is None or held.stopped is not None or held.email.casefold() != refused.email.casefold():
        return False
    since = held.doubted_at
    if since is not None and dutch_day(since) == dutch_day(now):
        return False
    if since is not None and not await store.has_taken(refused.person, since, now - MAY_COME_BACK):
        return True
    await store.save_contact(replace(held, doubted_at=now, version=held.version + 1))
    return False


async def retry_address(store: Store, contact: str, now: datetime) -> Contact:
    """The address is mailed to again: whoever says so knows that it is good. Raises NotFound; where it was not stopped nothing changes."""
    held = await find_contact(store, contact)
    if held.stopped is None:
        return held
    after = replace(held, stopped=None, doubted_at=None, version=held.version + 1)
    await _save(store, after, now)
    return after


async def _stop(store: Store, contact: Contact | None, email: str, reason: str, now: datetime) -> None:
    """Of a contact with this address, one of several that one person may have."""
    if contact is None or contact.email.casefold() != email.casefold():
        return
    if contact.stopped is None:
        await store.save_contact(replace(contact, stopped=reason, version=contact.version + 1))
    await cancel_mails(store, await store.waiting_mails(contact.id), now)


async def prefer_digest(store: Store, contacts: Sequence[Contact]) -> None:
    """These contacts of one person wish the digest instead of mails at once; escalation goes on."""
    for contact in contacts:
        wishes = replace(contact.preferences, wish=Wish.DIGEST, by_kind=_without_immediate(contact))
        if wishes != contact.preferences:
            await store.save_contact(replace(contact, preferences=wishes, version=contact.version + 1))


async def be_absent(store: Store, contacts: Sequence[Contact], absence: Absence | None, now: datetime) -> None:
    """These contacts of one person are away (None: are not); who stands in does so where they are of the same organisation.

    Raises DomainError for an absence that cannot be, or for a substitute who cannot stand in for any of them.
    """
    substitute = await store.contact(absence.substitute) if absence and absence.substitute else None
    if absence and absence.substitute and not any(_may_replace(substitute, each) for each in contacts):
        raise DomainError("vervanger-onbekend", UNKNOWN_SUBSTITUTE, pointer="/absence/substitute")
    for contact in contacts:
        stands_in = absence.substitute if absence and _may_replace(substitute, contact) else None
        after = replace(contact, absence=replace(absence, substitute=stands_in) if absence else None)
        check_preferences(after)
        if after != contact:
            await _save(store, replace(after, version=contact.version + 1), now)


def colleagues(contacts: Sequence[Contact], known: Sequence[Contact]) -> list[Contact]:
    """Who of those that are known may stand in for one of these contacts of one person."""
    return [each for each in known if each.stopped is None and any(_may_replace(each, one) for one in contacts)]


async def find_mode(store: Store, organisation: str) -> ModeSetting:
    """What happens with the mails of an organisation; version 0 where it said nothing itself, and its school or its board may have."""
    modes = await store.modes()
    held = modes.said.get(organisation)
    found = modes.of(organisation) or ModeSetting(organisation, Mode.LIVE)
    return held or replace(found, organisation=organisation, version=0)


async def put_mode(store: Store, organisation: str, mode: Mode, address: str | None, based_on: BasedOn) -> ModeSetting:
    """Says what happens with the mails of an organisation, of a board or a school with those of its sites that say nothing themselves.

    Raises DomainError when a test has no address.
    """
    if (mode is Mode.TEST) != (address is not None):
        detail = "Geef een adres op als de berichten naar een testadres gaan, en anders niet."
        raise DomainError("testadres", detail, pointer="/address")
    held = await find_mode(store, organisation)
    based_on(held.version)
    after = ModeSetting(organisation, mode, address, held.version + 1)
    if replace(after, version=held.version) == held:
        return held
    await store.save_mode(after)
    return after


async def leave_mode(store: Store, organisation: str, based_on: BasedOn) -> ModeSetting:
    """From now on holds what its school or its board says, or else that all is mailed; what holds now."""
    based_on((await find_mode(store, organisation)).version)
    await store.forget_mode(organisation)
    return await find_mode(store, organisation)


def _without_immediate(contact: Contact) -> dict[AlertKind, Wish]:
    return {kind: wish for kind, wish in contact.preferences.by_kind.items() if wish is not Wish.IMMEDIATE}


async def _save(store: Store, contact: Contact, now: datetime) -> None:
    await store.save_contact(contact)
    await close_gaps_of(store, contact, now)
    await store.look_again()


async def _check(store: Store, contact: Contact, held: Contact | None, now: datetime) -> None:
    """Raises DomainError, or Conflict, for what cannot be kept of a contact."""
    check_contact(contact)
    check_person_name(contact.name or "", "/name")
    check_preferences(contact)
    if contact.absence is not None and (held is None or contact.absence != held.absence):
        check_ahead(contact.absence, dutch_day(now))
    if contact.role in AT_INSTITUTE and await sites_of(store, contact.organisation):
        detail = f"{contact.organisation} is een school. Bij de rol {contact.role} hoort een opleiding."
        raise DomainError("organisatie-past-niet", detail, pointer="/organisation")
    await _check_substitute(store, contact, held)
    await _check_single(store, contact)


async def _check_single(store: Store, contact: Contact) -> None:
    """Raises Conflict where this person has this role in this organisation already."""
    for each in await store.contacts(contact.organisation):
        is_same = (each.role, each.email.casefold()) == (contact.role, contact.email.casefold())
        if is_same and each.id != contact.id:
            detail = f"Dit adres heeft deze rol daar al, als contact {each.id}. Wijzig dat contact."
            raise Conflict("contact-bestaat-al", detail, pointer="/email")


UNKNOWN_SUBSTITUTE = "Kies als vervanger een contact van dezelfde organisatie."


def _may_replace(substitute: Contact | None, contact: Contact) -> bool:
    """Whether it is somebody else of the same organisation."""
    if substitute is None or substitute.organisation != contact.organisation:
        return False
    return substitute.email.casefold() != contact.email.casefold()


async def _check_substitute(store: Store, contact: Contact, held: Contact | None) -> None:
    """Raises DomainError unless the substitute is of the same organisation; one that was there already may have left since."""
    wanted = contact.absence.substitute if contact.absence else None
    if wanted is None or (held is not None and held.absence is not None and held.absence.substitute == wanted):
        return
    substitute = await store.contact(wanted)
    if substitute is None or substitute.organisation != contact.organisation:
        raise DomainError("vervanger-onbekend", UNKNOWN_SUBSTITUTE, pointer="/absence/substitute")
