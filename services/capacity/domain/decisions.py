"""What a school decides about a student who is placed at one of its sites."""

from dataclasses import dataclass
from typing import Literal

from services.capacity.domain.unknown import not_placed
from shared.contracts.availability import PlacementAccepted, PlacementRefused, SchoolDecision
from shared.contracts.vocabulary import PlacementState, RefusalReason
from shared.errors import Conflict, DomainError

Verdict = Literal["accept", "refuse"]
ANOTHER_WAY = (
    "Past het niet meer? Overleg met de opleiding: zij meldt een mismatch of vraagt een andere plaats, en de student houdt deze tot er een "
    "betere is. Is een begeleider er niet, of is er geen plek meer? Geef dat door bij de begeleiders of de plekken."
)
_AGREED = {
    PlacementState.SETTLED: f"Deze plaatsing is afgesproken. {ANOTHER_WAY}",
    PlacementState.STARTED: f"Deze student is al begonnen. {ANOTHER_WAY}",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the plan last put a student (site None: nowhere) and who guides them; without a place, where they lost one."""

    student: str
    region: str
    sequence: int
    site: str | None = None
    workplace: str = ""
    periods: tuple[str, ...] = ()
    guides: tuple[str, ...] = ()
    state: str = ""
    lost_site: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A place at a site (None: no longer) that is offered to a student who has another; `sequence` is its number."""

    student: str
    region: str
    sequence: int
    site: str | None = None
    workplace: str = ""
    periods: tuple[str, ...] = ()
    answer_by: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The last decision about a student and its version."""

    event: SchoolDecision

    @property
    def verdict(self) -> Verdict:
        """Accepted or refused."""
        return "accept" if isinstance(self.event, PlacementAccepted) else "refuse"


def decide(
    about: Place | Offer | None, held: Decision | None, verdict: Verdict, reason: RefusalReason | None
) -> tuple[Decision, SchoolDecision | None]:
    """The school's verdict on the place a student has now, or on one that is offered; the same again changes nothing.

    Raises NotFound without a place or offer, Conflict as check_is_open, DomainError for a reason that does not fit.
    """
    if about is None or about.site is None:
        raise not_placed()
    _reason_fits(verdict, reason)
    fields = {
        "region": about.region,
        "sequence": held.event.sequence + 1 if held else 1,
        "student": about.student,
        "site": about.site,
        "workplace": about.workplace,
        "periods": about.periods,
        "refused": _refused_before(held),
        "offer": about.sequence if isinstance(about, Offer) else None,
    }
    event = PlacementAccepted(**fields) if reason is None else PlacementRefused(**fields, reason=reason)
    if held is not None and _is_same(held.event, event):
        return held, None
    if isinstance(about, Place):
        check_is_open(about, held, verdict)
    return Decision(event), event


def check_is_open(place: Place, held: Decision | None, verdict: Verdict) -> None:
    """Raises Conflict for a place that people agreed upon, and for accepting one that the school refused: it went to others."""
    agreed = next((told for state, told in _AGREED.items() if place.state == state), None)
    if agreed is not None:
        raise Conflict("al-afgesproken", agreed)
    if verdict == "accept" and place.workplace in _refused_before(held):
        detail = "U weigerde deze student hier al. Dat is niet terug te draaien: Leerplek zoekt een andere plek."
        raise Conflict("al-geweigerd", detail)


def _refused_before(held: Decision | None) -> tuple[str, ...]:
    """Where schools of this region refused the student, oldest first; of an offer nothing is remembered here."""
    if held is None:
        return ()
    event = held.event
    is_refused = isinstance(event, PlacementRefused) and event.offer is None and event.workplace not in event.refused
    return (*event.refused, event.workplace) if is_refused else event.refused


def _is_same(held: SchoolDecision, new: SchoolDecision) -> bool:
    return type(held) is type(new) and held == new.model_copy(
        update={"sequence": held.sequence, "refused": held.refused}
    )


def _reason_fits(verdict: Verdict, reason: RefusalReason | None) -> None:
    if verdict == "refuse" and reason is None:
        choices = ", ".join(RefusalReason)
        raise DomainError("reden-ontbreekt", f"Kies een reden: {choices}.", pointer="/reason")
    if verdict == "accept" and reason is not None:
        raise DomainError("reden-bij-akkoord", "Bij een akkoord hoort geen reden.", pointer="/reason")
