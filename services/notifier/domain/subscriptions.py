"""Who hears what and why: everything that one contact is subscribed to, and for an organisation who has which role, or nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.notifier.domain.alerts import FACTS, AlertKind
from services.notifier.domain.contacts import ORGANISATION_OF, Addressee, Contact, Role, Wish, is_region
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.routing import CHAINS
from shared.errors import DomainError

_STUDENT_KINDS = frozenset({AlertKind.LOST, AlertKind.MISMATCH, AlertKind.DETECTED, AlertKind.AT_RISK})
RESPONSIBLE = {
    Role.INSTITUTE_COORDINATOR: _STUDENT_KINDS | {AlertKind.UNPLACED} | FACTS,
    Role.SCHOOL_TRAINER: _STUDENT_KINDS | {AlertKind.OVERLOADED} | FACTS,
    Role.SCHOOL_LEADER: frozenset({AlertKind.SHORTAGE}),
    Role.INSTITUTE_TRAINER: frozenset[AlertKind](),
    Role.PROGRAMME_MANAGER: frozenset({AlertKind.SHORTAGE, AlertKind.OVERLOADED, AlertKind.FAIRNESS, AlertKind.GAP}),
    Role.OPERATOR: frozenset({AlertKind.PARKED, AlertKind.SILENT}),
}
"""Which kinds a role is the first to hear of."""
NEXT = {
    role: frozenset(kind for kind, roles in CHAINS.items() if role in roles) - first
    for role, first in RESPONSIBLE.items()
}
"""Which kinds a role hears of when nobody before it took them on, or nobody has the role before it."""
NEEDED = frozenset({Role.INSTITUTE_COORDINATOR, Role.SCHOOL_TRAINER, Role.PROGRAMME_MANAGER, Role.OPERATOR})
"""Without these roles somebody else must stand in."""


class Why(StrEnum):
    """Why somebody hears of a kind."""

    RESPONSIBLE = "responsible"
    NEXT = "next"


class Pace(StrEnum):
    """How somebody hears of a kind."""

    AT_ONCE_WHEN_CRITICAL = "at-once-when-critical"
    AT_ONCE = "at-once"
    DIGEST = "digest"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One kind of alert that a contact hears of, why, and how; `is_own_choice`: they said so themselves."""

    kind: AlertKind
    why: Why
    pace: Pace
    is_own_choice: bool
    may_be_refused: bool


@dataclass(frozen=True, slots=True)
class Hearing:
    """One role in an organisation: which kinds it hears of, and who has it; a gap when nobody can be reached who has to be.

    `stand_ins` are by who is away today those who hear in their place.
    """

    role: Role
    first: frozenset[AlertKind]
    later: frozenset[AlertKind]
    contacts: tuple[Contact, ...]
    stand_ins: Mapping[str, Contact]
    is_gap: bool


def subscriptions(contact: Contact) -> list[Subscription]:
    """Everything that a contact hears of, in the order of kinds."""
    first, later = RESPONSIBLE[contact.role], NEXT[contact.role]
    found: list[Subscription] = []
    for kind in AlertKind:
        if kind in first or kind in later:
            why = Why.RESPONSIBLE if kind in first else Why.NEXT
            is_own_choice = kind in contact.preferences.by_kind
            found.append(Subscription(kind, why, _pace(contact, kind), is_own_choice, kind in FACTS))
    return found


def roles_in(organisation: str) -> list[Role]:
    """The roles that somebody may have in an organisation with this code; none when no organisation has such a code."""
    return [
        role
        for role, (pattern, _) in ORGANISATION_OF.items()
        if pattern.fullmatch(organisation) and (role is not Role.PROGRAMME_MANAGER or is_region(organisation))
    ]


def who_hears(organisation: str, contacts: Sequence[Contact], today: date) -> list[Hearing]:
    """By role who hears of what in an organisation, of all whose contacts these are; whoever is mailed today fills a gap."""
    known = Knowledge(today, {}, {}, {}, contacts)
    found: list[Hearing] = []
    for role in roles_in(organisation):
        addressee = Addressee(role, organisation)
        have_it, reached = tuple(known.with_role(addressee)), known.reachable(addressee)
        stand_ins = {
            each.id: reader
            for each in have_it
            if (reader := known.stands_in_for(each)) is not None and reader.stopped is None
        }
        found.append(Hearing(role, RESPONSIBLE[role], NEXT[role], have_it, stand_ins, role in NEEDED and not reached))
    return found


def check_preferences(contact: Contact) -> None:
    """Raises DomainError where somebody wishes not to hear of what nobody else would hear of in their place."""
    wished = [kind for kind, wish in contact.preferences.by_kind.items() if wish is Wish.NONE and kind not in FACTS]
    heard = RESPONSIBLE[contact.role] | NEXT[contact.role]
    if contact.preferences.wish is Wish.NONE or any(kind in heard for kind in wished):
        detail = "Deze meldingen horen bij de rol. Kies het dagbericht als u ze niet meteen wilt krijgen."
        raise DomainError("hoort-bij-de-rol", detail, pointer="/preferences")
    quiet = contact.preferences.quiet_hours
    if quiet is not None and quiet.start == quiet.until:
        detail = "De stille uren beginnen en eindigen op dezelfde tijd. Geef twee tijden, of laat de stille uren weg."
        raise DomainError("stille-uren-leeg", detail, pointer="/preferences/quiet_hours")
    if contact.absence is not None:
        if contact.absence.until < contact.absence.start:
            detail = "De laatste dag van de afwezigheid ligt vóór de eerste."
            raise DomainError("afwezigheid-omgekeerd", detail, pointer="/absence")
        if contact.absence.substitute == contact.id:
            raise DomainError("vervangt-zichzelf", "Kies een ander als vervanger.", pointer="/absence/substitute")


def _pace(contact: Contact, kind: AlertKind) -> Pace:
    wish = contact.preferences.wish_for(kind)
    if wish is Wish.NONE:
        return Pace.NEVER
    if wish is Wish.DIGEST or kind in FACTS:
        is_asked_for = contact.preferences.by_kind.get(kind) is Wish.IMMEDIATE
        return Pace.AT_ONCE if is_asked_for else Pace.DIGEST
    return Pace.AT_ONCE if kind in contact.preferences.by_kind else Pace.AT_ONCE_WHEN_CRITICAL
