"""What an institute decides about the place of one of its students: confirm, decline, or ask for another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shared.contracts.registrations import InstituteDecision, PlacementConfirmed, PlacementDeclined, SwitchRequested
from shared.contracts.vocabulary import DeclineReason
from shared.errors import DomainError, NotFound

Verdict = Literal["confirm", "decline", "switch"]
MODELS: Mapping[Verdict, type[InstituteDecision]] = {
    "confirm": PlacementConfirmed,
    "decline": PlacementDeclined,
    "switch": SwitchRequested,
}


@dataclass(frozen=True, slots=True)
class Target:
    """The place that is decided about: the one a student has, or (with the number of the offer) one that is offered instead."""

    region: str
    student: str
    institute: str
    workplace: str
    periods: tuple[str, ...]
    offer: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The last decision about a student and its version."""

    event: InstituteDecision

    @property
    def verdict(self) -> Verdict:
        """Confirmed, declined, or another place asked for."""
        return next(name for name, model in MODELS.items() if isinstance(self.event, model))


def decide(
    about: Target | None, held: Decision | None, verdict: Verdict, reason: DeclineReason | None
) -> tuple[Decision, InstituteDecision | None]:
    """The institute's verdict; the same verdict on the same place changes nothing. Without a place or offer raises NotFound."""
    if about is None:
        raise NotFound("niet-geplaatst", "Deze student heeft nu geen plaats, of geen aanbod met dit nummer.")
    _fits(about, verdict, reason)
    fields = {
        "region": about.region,
        "sequence": held.event.sequence + 1 if held else 1,
        "student": about.student,
        "institute": about.institute,
        "workplace": about.workplace,
        "periods": about.periods,
        "refused": _declined_before(held),
        "offer": about.offer,
        **({} if reason is None else {"reason": reason}),
    }
    event = MODELS[verdict].model_validate(fields)
    if held is not None and _is_same(held.event, event):
        return held, None
    return Decision(event), event


def _declined_before(held: Decision | None) -> tuple[str, ...]:
    """What this institute declined for the student, oldest first; of an offer nothing is remembered here."""
    if held is None:
        return ()
    event = held.event
    is_declined = isinstance(event, PlacementDeclined) and event.offer is None and event.workplace not in event.refused
    return (*event.refused, event.workplace) if is_declined else event.refused


def _is_same(held: InstituteDecision, new: InstituteDecision) -> bool:
    return type(held) is type(new) and held == new.model_copy(
        update={"sequence": held.sequence, "refused": held.refused}
    )


def _fits(about: Target, verdict: Verdict, reason: DeclineReason | None) -> None:
    if verdict == "switch" and about.offer is not None:
        raise DomainError("wissel-bij-aanbod", "Neem het aanbod aan of wijs het af.", pointer="/decision")
    if verdict != "confirm" and reason is None:
        choices = ", ".join(DeclineReason)
        raise DomainError("reden-ontbreekt", f"Kies een reden: {choices}.", pointer="/reason")
    if verdict == "confirm" and reason is not None:
        raise DomainError("reden-bij-akkoord", "Bij een akkoord hoort geen reden.", pointer="/reason")
