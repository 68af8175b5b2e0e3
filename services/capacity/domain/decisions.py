"""What a school decides about a student who is placed at one of its sites."""

from dataclasses import dataclass
from typing import Literal

from services.capacity.domain.unknown import not_placed
from shared.contracts.availability import PlacementAccepted, PlacementRefused, SchoolDecision
from shared.contracts.vocabulary import RefusalReason
from shared.errors import DomainError

Verdict = Literal["accept", "refuse"]


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
    """The school's verdict on the place a student has now, or on one that is offered; the same again changes nothing."""
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
    return Decision(event), event


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
