"""People change their own wishes: how they hear, of which kinds otherwise, their quiet hours and their language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Contact, Language, Preferences, QuietHours, Role, Wish
from services.notifier.domain.subscriptions import Subscription, check_preferences, subscriptions
from services.notifier.handlers.answering import Readers, find_readers
from services.notifier.ports import Store


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody chose; `weekly` counts for programme managers alone."""

    wish: Wish
    by_kind: Mapping[AlertKind, Wish]
    quiet_hours: QuietHours | None
    language: Language
    weekly: bool


def wishes_of(first_of_all: Contact, contacts: Iterable[Contact]) -> Wishes:
    """What somebody wishes now, in the role in which they are spoken to; of a kind that only another role of theirs hears, there."""
    first = first_of_all.preferences
    by_kind = {kind: wish for each in contacts for kind, wish in each.preferences.by_kind.items()}
    return Wishes(first.wish, {**by_kind, **first.by_kind}, first.quiet_hours, first.language, first.weekly)


def heard_by(first: Contact, contacts: Iterable[Contact]) -> list[Subscription]:
    """Everything that somebody hears of, in all these roles."""
    found = {each.kind: each for contact in contacts for each in subscriptions(contact)}
    found |= {each.kind: each for each in subscriptions(first)}
    return [found[kind] for kind in AlertKind if kind in found]


async def change_wishes(store: Store, mail: str, wishes: Wishes) -> Readers:
    """Keeps what who got this mail chose, in all the roles by which it told them, each for the kinds that it hears of.

    Raises LinkGone, and DomainError for what cannot be wished: not to hear what belongs to the role, or quiet hours without an hour.
    """
    await wish(store, list((await find_readers(store, mail)).contacts.values()), wishes)
    return await find_readers(store, mail)


async def wish(store: Store, contacts: Sequence[Contact], wishes: Wishes) -> None:
    """Keeps what somebody chose, for each of these contacts of theirs; raises DomainError for what cannot be wished."""
    changed = [after for each in contacts if (after := _wishing(each, wishes)) != each]
    for contact in changed:
        check_preferences(contact)
    for contact in changed:
        await store.save_contact(replace(contact, version=contact.version + 1))
    if changed:
        await store.look_again()  # what waited for quiet hours may go, or wait longer


def _wishing(contact: Contact, wishes: Wishes) -> Contact:
    heard = {each.kind for each in subscriptions(contact)}
    preferences = Preferences(
        wishes.wish,
        {kind: wish for kind, wish in wishes.by_kind.items() if kind in heard},
        wishes.quiet_hours,
        wishes.language,
        wishes.weekly if contact.role is Role.PROGRAMME_MANAGER else contact.preferences.weekly,
    )
    return replace(contact, preferences=preferences)
