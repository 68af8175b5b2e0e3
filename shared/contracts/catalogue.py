"""Every event type with its topic, its owner, its model and the key of its aggregate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.contracts import availability, placements, region, registrations, signals
from shared.contracts.services import Service
from shared.contracts.vocabulary import Contract

STUDENT_REGISTRATIONS = "student.registrations"
SUPERVISOR_AVAILABILITY = "supervisor.availability"
REGION_SETTINGS = "region.settings"
PLACEMENTS = "placements"
PLACEMENT_SIGNALS = "placement.signals"
TOPICS = (STUDENT_REGISTRATIONS, SUPERVISOR_AVAILABILITY, REGION_SETTINGS, PLACEMENTS, PLACEMENT_SIGNALS)


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type; `aggregate` gives the key: one aggregate, one key, so that compaction keeps its last state."""

    name: str
    topic: str
    owner: Service
    model: type[Contract]
    aggregate: Callable[[Any], str]

    @property
    def summary(self) -> str:
        """The first line of the model's docstring."""
        return (self.model.__doc__ or "").strip().splitlines()[0]


def _types(
    topic: str, owner: Service, aggregate: Callable[[Any], str], models: dict[str, type[Contract]]
) -> list[EventType]:
    return [EventType(f"nl.leerplek.{name}.v1", topic, owner, model, aggregate) for name, model in models.items()]


_ALL = [
    *_types(
        STUDENT_REGISTRATIONS,
        "intake",
        lambda data: f"student/{getattr(data.student, 'id', data.student)}",
        {
            "student.registered": registrations.StudentRegistered,
            "student.changed": registrations.StudentChanged,
            "student.withdrawn": registrations.StudentWithdrawn,
        },
    ),
    *_types(
        STUDENT_REGISTRATIONS,
        "intake",
        lambda data: f"mismatch/{getattr(data.mismatch, 'id', data.mismatch)}",
        {
            "student.mismatch-reported": registrations.MismatchReported,
            "student.mismatch-withdrawn": registrations.MismatchWithdrawn,
        },
    ),
    *_types(
        STUDENT_REGISTRATIONS,
        "intake",
        lambda data: f"institute-decision/{data.student}",
        {
            "student.placement-confirmed": registrations.PlacementConfirmed,
            "student.placement-declined": registrations.PlacementDeclined,
            "student.switch-requested": registrations.SwitchRequested,
        },
    ),
    *_types(
        SUPERVISOR_AVAILABILITY,
        "capacity",
        lambda data: f"site/{data.site.id}",
        {"site.changed": availability.SiteChanged},
    ),
    *_types(
        SUPERVISOR_AVAILABILITY,
        "capacity",
        lambda data: f"workplace/{data.workplace.id}",
        {"workplace.changed": availability.WorkplaceChanged},
    ),
    *_types(
        SUPERVISOR_AVAILABILITY,
        "capacity",
        lambda data: f"supervisor/{data.supervisor.id}",
        {
            "supervisor.registered": availability.SupervisorRegistered,
            "supervisor.hours-changed": availability.SupervisorHoursChanged,
            "supervisor.absence-reported": availability.SupervisorAbsenceReported,
            "supervisor.returned": availability.SupervisorReturned,
            "supervisor.departed": availability.SupervisorDeparted,
        },
    ),
    *_types(
        SUPERVISOR_AVAILABILITY,
        "capacity",
        lambda data: f"school-decision/{data.student}",
        {"placement.accepted": availability.PlacementAccepted, "placement.refused": availability.PlacementRefused},
    ),
    *_types(
        REGION_SETTINGS,
        "capacity",
        lambda data: f"region/{data.region}",
        {"region.changed": region.RegionChanged},
    ),
    *_types(
        REGION_SETTINGS,
        "capacity",
        lambda data: f"day/{data.region}",
        {"day.started": region.DayStarted},
    ),
    *_types(
        PLACEMENTS,
        "matcher",
        lambda data: f"student/{data.student}",
        {
            "placement.proposed": placements.PlacementProposed,
            "placement.changed": placements.PlacementChanged,
            "placement.withdrawn": placements.PlacementWithdrawn,
            "placement.settled": placements.PlacementSettled,
            "placement.ended": placements.PlacementEnded,
            "student.unplaced": placements.StudentUnplaced,
        },
    ),
    *_types(
        PLACEMENTS,
        "matcher",
        lambda data: f"switch/{data.student}",
        {
            "switch.offered": placements.SwitchOffered,
            "switch.impossible": placements.SwitchImpossible,
            "switch.closed": placements.SwitchClosed,
        },
    ),
    *_types(
        PLACEMENT_SIGNALS,
        "matcher",
        lambda data: f"signal/{data.signal}",
        {
            "mismatch.detected": signals.MismatchDetected,
            "student.at-risk": signals.StudentAtRisk,
            "shortage.detected": signals.ShortageDetected,
            "supervisor.overloaded": signals.SupervisorOverloaded,
            "placement.lost": signals.PlacementLost,
            "fairness.gap": signals.FairnessGap,
        },
    ),
]

EVENT_TYPES: dict[str, EventType] = {event_type.name: event_type for event_type in _ALL}
_BY_MODEL: dict[type[Contract], EventType] = {event_type.model: event_type for event_type in _ALL}


def event_type_of(data: Contract) -> EventType:
    """The event type that carries this data."""
    return _BY_MODEL[type(data)]
