"""What a school decides about a student who is placed at one of its sites."""

from dataclasses import dataclass
from typing import Literal

from shared.contracts.availability import PlacementAccepted, PlacementRefused, SchoolDecision
from shared.contracts.vocabulary import RefusalReason
from shared.errors import DomainError, NotFound

Verdict = Literal["accept", "refuse"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the plan last put a student (site None: nowhere) and who guides them there."""

    student: str
    region: str
    sequence: int
    site: str | None = None
    workplace: str = ""
    periods: tuple[str, ...] = ()
    guides: tuple[str, ...] = ()
    state: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The last decision about a student and its version."""

    event: SchoolDecision

    @property
    def verdict(self) -> Verdict:
        """Accepted or refused."""
        return "accept" if isinstance(self.event, PlacementAccepted) else "refuse"


def decide(
    place: Place | None, held: Decision | None, verdict: Verdict, reason: RefusalReason | None
) -> tuple[Decision, SchoolDecision | None]:
    """The school's verdict on the place a student has now; the same verdict on the same place changes nothing."""
    if place is None or place.site is None:
        raise NotFound("niet-geplaatst", "Deze student heeft nu geen plaats bij een van uw vestigingen.")
    _reason_fits(verdict, reason)
    fields = {
        "region": place.region,
        "sequence": held.event.sequence + 1 if held else 1,
        "student": place.student,
        "site": place.site,
        "workplace": place.workplace,
        "periods": place.periods,
    }
    event = PlacementAccepted(**fields) if reason is None else PlacementRefused(**fields, reason=reason)
    if held is not None and type(event) is type(held.event):
        same = held.event.model_copy(update={"sequence": event.sequence})
        if same == event:
            return held, None
    return Decision(event), event


def _reason_fits(verdict: Verdict, reason: RefusalReason | None) -> None:
    if verdict == "refuse" and reason is None:
        choices = ", ".join(RefusalReason)
        raise DomainError("reden-ontbreekt", f"Kies een reden: {choices}.", pointer="/reason")
    if verdict == "accept" and reason is not None:
        raise DomainError("reden-bij-akkoord", "Bij een akkoord hoort geen reden.", pointer="/reason")
