"""What an event tells the matcher, as a fact."""

from typing import Any

from services.matcher.domain.facts import BOARD, Fact
from services.matcher.domain.ids import RegionId
from shared.contracts import availability, region, registrations
from shared.contracts.envelope import Event, UnreadableEvent


def fact_of(event: Event) -> Fact:
    """The fact in an event of one of the three topics the matcher reads; raises UnreadableEvent for any other."""
    return Fact(RegionId(event.region), event.subject, event.sequence, _document(event.data))


def _document(data: object) -> dict[str, Any] | None:
    match data:
        case registrations.StudentEvent():
            return data.student.model_dump(mode="json")
        case registrations.MismatchReported():
            return data.mismatch.model_dump(mode="json")
        case registrations.StudentWithdrawn() | registrations.MismatchWithdrawn():
            return None
        case registrations.PlacementConfirmed() | availability.PlacementAccepted():
            return _decision(data, agrees=True)
        case registrations.PlacementDeclined() | availability.PlacementRefused():
            return _decision(data, agrees=False)
        case registrations.SwitchRequested():
            return _decision(data, agrees=None)
        case availability.SiteChanged():
            return data.site.model_dump(mode="json") | ({BOARD: data.board} if data.board else {})
        case availability.WorkplaceChanged():
            return data.workplace.model_dump(mode="json")
        case availability.SupervisorEvent():
            return data.supervisor.model_dump(mode="json")
        case region.RegionChanged():
            return data.model_dump(mode="json", include={"periods", "settings"})
        case region.DayStarted():
            return data.model_dump(mode="json", include={"day"})
        case _:
            raise UnreadableEvent(f"the matcher reads no {type(data).__name__}")


def _decision(
    data: registrations.InstituteDecision | availability.SchoolDecision, *, agrees: bool | None
) -> dict[str, Any]:
    """`agrees` is None when the student keeps the place and asks for another."""
    reason = getattr(data, "reason", None)
    return {
        "agrees": agrees,
        "workplace": data.workplace,
        "periods": list(data.periods),
        "refused": list(data.refused),
        "offer": data.offer,
        "reason": None if reason is None else str(reason),
    }
