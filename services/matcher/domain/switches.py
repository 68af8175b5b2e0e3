"""A student whose place does not fit: what is asked instead, what was found, and how an offer ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from services.matcher.domain.facts import Decision, Mismatch
from services.matcher.domain.ids import InstituteId, StudentId
from services.matcher.domain.places import Place, PlaceStatus
from services.matcher.domain.plan import Placement
from services.matcher.domain.reasons import Reason
from shared.contracts.placements import SwitchKind, SwitchOutcome, SwitchWish
from shared.contracts.vocabulary import DeclineReason, MismatchKind

OF_MISMATCH: Mapping[str, SwitchWish] = {
    MismatchKind.SUBJECT: SwitchWish.OWN_SUBJECT,
    MismatchKind.PHASE: SwitchWish.OTHER_PLACE,
    MismatchKind.TRAVEL: SwitchWish.SHORTER_TRAVEL,
    MismatchKind.DAYS: SwitchWish.MORE_COMMON_DAYS,
    MismatchKind.GUIDANCE_HOURS: SwitchWish.OTHER_GUIDES,
    MismatchKind.GUIDANCE_MATCH: SwitchWish.OTHER_GUIDES,
    MismatchKind.WORKPLACE_CONTENT: SwitchWish.OTHER_PLACE,
}
"""What must be better, by what was reported not to fit."""
OF_REASON: Mapping[str, SwitchWish] = {
    DeclineReason.TRAVEL: SwitchWish.SHORTER_TRAVEL,
    DeclineReason.SUBJECT: SwitchWish.OWN_SUBJECT,
    DeclineReason.DAYS: SwitchWish.MORE_COMMON_DAYS,
}
"""The same by the reason for which a switch was requested; any other reason asks for another place."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Another place that is looked for; `without` are offers that were refused."""

    student: StudentId
    wishes: frozenset[SwitchWish]
    without: tuple[Placement, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Another placement than the one that is held, which harms nobody; `others` is the other half of a swap."""

    student: StudentId
    kind: SwitchKind
    held: Placement
    placement: Placement
    others: "Found | None" = None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why nothing was found: what stands in the way of any other place, or (None) that none of the free ones is better.

    Where it is not the same everywhere the reason is OUTWEIGHED, and `facts` counts the places by what stands in the way.
    """

    reason: Reason | None
    free_places: int = 0
    swaps: int = 0
    facts: Mapping[str, int] = field(default_factory=dict)

    def is_news_after(self, before: "Obstacle | None") -> bool:
        """Another reason, or places that came free or are free no more; numbers alone are no news."""
        return before is None or (before.reason, before.free_places > 0) != (self.reason, self.free_places > 0)


class SwitchStatus(StrEnum):
    """Offered, found impossible, or an offer that ended."""

    OFFERED = "offered"
    IMPOSSIBLE = "impossible"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered instead of what is held, until when; `number` is the sequence with which it was told."""

    number: int
    kind: SwitchKind
    held: Placement
    placement: Placement
    answer_by: date
    partner: StudentId | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """The search for another place for one student, as it was last told.

    `answers` are the mismatches that it is an answer to, `requested` the wish of a request; `answered` are the mismatches that a
    switch was taken for before, `refused` are offers that were refused.
    """

    student: StudentId
    institute: InstituteId
    sequence: int
    status: SwitchStatus
    since: date
    wishes: frozenset[SwitchWish] = frozenset()
    answers: frozenset[str] = frozenset()
    requested: SwitchWish | None = None
    answered: frozenset[str] = frozenset()
    offer: Offer | None = None
    obstacle: Obstacle | None = None
    outcome: SwitchOutcome | None = None
    refused: tuple[Placement, ...] = ()

    @property
    def is_open(self) -> bool:
        """An offer waits for an answer."""
        return self.status is SwitchStatus.OFFERED


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for a student who has a place: by open mismatches, and by a request."""

    by_mismatch: Mapping[str, SwitchWish] = field(default_factory=dict)
    requested: SwitchWish | None = None

    @property
    def wishes(self) -> frozenset[SwitchWish]:
        """Everything that another place must be better in."""
        return frozenset(self.by_mismatch.values()) | ({self.requested} if self.requested else frozenset())


def asked_for(
    place: Place, decision: Decision | None, mismatches: Mapping[str, Mismatch], switch: Switch | None
) -> Asked:
    """What the open mismatches of a student and a request for a switch add up to; nothing for who has no place.

    A request is about the very place that it names, and stands until one is taken or the institute decides otherwise; a
    mismatch that a switch was taken for is answered.
    """
    held = place.placement
    if held is None or place.status is not PlaceStatus.PLACED:
        return Asked()
    answered = frozenset[str]() if switch is None else switch.answered
    opened = {key: OF_MISMATCH.get(one.kind, SwitchWish.OTHER_PLACE) for key, one in mismatches.items()}
    requested = _requested(held, decision, switch)
    return Asked({key: wish for key, wish in opened.items() if key not in answered}, requested)


def _requested(held: Placement, decision: Decision | None, switch: Switch | None) -> SwitchWish | None:
    if decision is None:
        return None
    if decision.offer is not None:
        return None if switch is None else switch.requested
    if decision.agrees is not None or decision.workplace != held.workplace:
        return None
    return OF_REASON.get(decision.reason or "", SwitchWish.OTHER_PLACE)


def how_it_stands(
    switch: Switch, place: Place | None, asked: Asked, decisions: tuple[Decision | None, Decision | None], today: date
) -> SwitchOutcome | None:
    """How an open offer has ended, TAKEN when both have agreed; None while it waits.

    Whose place is another one by now wants it no longer.
    """
    offer = switch.offer
    assert offer is not None, "an open offer"
    held = None if place is None or place.status is not PlaceStatus.PLACED else place.placement
    if held is None or not held.is_same_place(offer.held) or (switch.wishes and not asked.wishes):
        return SwitchOutcome.NO_LONGER_WANTED
    said = [one.agrees for one in decisions if one is not None and one.offer == offer.number]
    if False in said:
        return SwitchOutcome.REFUSED
    if said == [True, True]:
        return SwitchOutcome.TAKEN
    return SwitchOutcome.EXPIRED if offer.answer_by < today else None
