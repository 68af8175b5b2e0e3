"""The events and records that a matcher reads, and what a reader knows of what it publishes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from services.matcher.domain.documents import plain, region_to_document
from services.matcher.domain.facts import Fact
from services.matcher.domain.ids import StudentId
from services.matcher.domain.places import Place
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Region
from services.matcher.domain.told import fact_of
from shared.contracts import availability, placements, signals
from shared.contracts import region as regions
from shared.contracts import registrations as students
from shared.contracts.catalogue import event_type_of
from shared.contracts.envelope import new_event, to_headers
from shared.contracts.vocabulary import Contract, SignalStatus
from shared.messaging.record import Partition, Record
from tests.support.regions import region as one_school

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
REGION = "NL-R07"
PARTITION = 3
TOPICS = ("region.settings", "supervisor.availability", "student.registrations")


class Log:
    """Three topics as records with offsets, one partition each."""

    def __init__(self) -> None:
        self.ends = dict.fromkeys(TOPICS, 0)
        self.all: list[Record] = []

    def record(self, data: Contract) -> Record:
        """The record of an event."""
        event = new_event("urn:nld:leerplek:test", data, NOW)
        headers = {name: text.encode() for name, text in to_headers(event).items()}
        return self.raw(event_type_of(data).topic, event.subject.encode(), data.model_dump_json().encode(), headers)

    def records(self, events: Iterable[Contract]) -> list[Record]:
        """The records of events, in order."""
        return [self.record(event) for event in events]

    def raw(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Mapping[str, bytes] | None = None
    ) -> Record:
        """Any bytes at the end of a topic."""
        offset = self.ends[topic]
        self.ends[topic] = offset + 1
        self.all.append(Record(Partition(topic, PARTITION), offset, key, value, headers or {}))
        return self.all[-1]


def topic_of(event: Contract) -> str:
    """Where an event is published."""
    return event_type_of(event).topic


def key_of(event: Contract) -> bytes:
    """The key under which it is published."""
    return event_type_of(event).aggregate(event).encode()


def facts_of(events: Iterable[Contract]) -> list[Fact]:
    """The facts in events."""
    return [fact_of(new_event("urn:nld:leerplek:test", event, NOW)) for event in events]


def settings_event(of: Region | None = None, sequence: int = 1, **settings: Any) -> regions.RegionChanged:
    """The settings of a region."""
    document = region_to_document(of or one_school())
    return regions.RegionChanged.model_validate(
        {
            "region": document["region"],
            "sequence": sequence,
            "name": "Regio",
            "periods": document["periods"],
            "settings": {**document["settings"], **settings},
        }
    )


def day_event(day: date | str, sequence: int = 1, region: str = REGION) -> regions.DayStarted:
    """The beginning of a day."""
    return regions.DayStarted.model_validate({"region": region, "sequence": sequence, "day": day})


def site_event(
    site: object, sequence: int = 1, region: str = REGION, board: str | None = None
) -> availability.SiteChanged:
    """What holds of a site."""
    told = {"region": region, "sequence": sequence, "site": plain(site), "board": board}
    return availability.SiteChanged.model_validate(told)


def workplace_event(workplace: object, sequence: int = 1, region: str = REGION) -> availability.WorkplaceChanged:
    """What holds of a workplace."""
    return availability.WorkplaceChanged.model_validate(
        {"region": region, "sequence": sequence, "workplace": plain(workplace)}
    )


def supervisor_event(supervisor: object, sequence: int = 1, region: str = REGION) -> availability.SupervisorRegistered:
    """What holds of somebody who guides."""
    return availability.SupervisorRegistered.model_validate(
        {"region": region, "sequence": sequence, "supervisor": plain(supervisor)}
    )


def student_event(student: object, sequence: int = 1, region: str = REGION) -> students.StudentRegistered:
    """What holds of a student."""
    return students.StudentRegistered.model_validate(
        {"region": region, "sequence": sequence, "student": plain(student)}
    )


def mismatch(
    student: str, name: str = "m-1", sequence: int = 1, on: date | str = "2026-06-01", kind: str = "travel"
) -> students.MismatchReported:
    """Somebody reports that a student and their place do not fit."""
    told = {"id": name, "student": student, "institute": "01VU", "kind": kind, "reported_on": on}
    return students.MismatchReported.model_validate(
        {"region": REGION, "sequence": sequence, "mismatch": {**told, "reported_by": "institute"}}
    )


def no_mismatch(student: str, name: str = "m-1", sequence: int = 2) -> students.MismatchWithdrawn:
    """The report is withdrawn."""
    return students.MismatchWithdrawn(
        region=REGION, sequence=sequence, mismatch=name, student=student, institute="01VU"
    )


def withdrawal(student: str, sequence: int = 2, region: str = REGION) -> students.StudentWithdrawn:
    """A student who asks no place any more."""
    return students.StudentWithdrawn(region=region, sequence=sequence, student=student, institute="01VU")


def _place(placement: Placement, sequence: int, given: dict[str, Any]) -> dict[str, Any]:
    place = {"student": placement.student, "workplace": placement.workplace, "periods": placement.periods}
    return {"region": REGION, "sequence": sequence, **place, **given}


def accepted(placement: Placement, sequence: int = 1, **given: Any) -> availability.PlacementAccepted:
    """The school says yes."""
    return availability.PlacementAccepted.model_validate({**_place(placement, sequence, given), "site": "01AA01"})


def refused(placement: Placement, sequence: int = 1, **given: Any) -> availability.PlacementRefused:
    """The school says no."""
    return availability.PlacementRefused.model_validate(
        {"reason": "no-hours", **_place(placement, sequence, given), "site": "01AA01"}
    )


def confirmed(placement: Placement, sequence: int = 1, **given: Any) -> students.PlacementConfirmed:
    """The institute says yes."""
    return students.PlacementConfirmed.model_validate({**_place(placement, sequence, given), "institute": "01VU"})


def declined(placement: Placement, sequence: int = 1, **given: Any) -> students.PlacementDeclined:
    """The institute says no."""
    return students.PlacementDeclined.model_validate(
        {"reason": "travel", **_place(placement, sequence, given), "institute": "01VU"}
    )


def switch(placement: Placement, sequence: int = 1, **given: Any) -> students.SwitchRequested:
    """The institute asks for another place, and keeps this one until there is."""
    return students.SwitchRequested.model_validate(
        {"reason": "travel", **_place(placement, sequence, given), "institute": "01VU"}
    )


def events_before_students(of: Region) -> list[Contract]:
    """Settings, day, sites, workplaces and people of a region."""
    return [
        settings_event(of),
        day_event(of.today, region=of.id),
        *(site_event(one, region=of.id) for one in of.sites.values()),
        *(workplace_event(one, region=of.id) for one in of.workplaces.values()),
        *(supervisor_event(one, region=of.id) for one in of.supervisors.values()),
    ]


def events_of(of: Region) -> list[Contract]:
    """Everything of a region as events, students last."""
    return [*events_before_students(of), *(student_event(one, region=of.id) for one in of.students.values())]


@dataclass(frozen=True, slots=True)
class Known:
    """What a reader of `placements` and `placement.signals` knows of one student."""

    status: str = ""
    placement: dict[str, Any] | None = None
    reason: str | None = None
    site: str | None = None
    has_lost: bool = False


def known_from(events: Sequence[Contract]) -> dict[str, Known]:
    """A fold of what was published; asserts that sequences have no gap and that signals are raised and cleared in turn."""
    known: dict[str, Known] = {}
    sequences: dict[str, int] = {}
    live: dict[str, bool] = {}
    for event in events:
        subject = event_type_of(event).aggregate(event)
        sequence = event.sequence  # type: ignore[attr-defined]  # every event's data has one
        assert sequence == sequences.get(subject, 0) + 1, f"{subject}: {sequence} after {sequences.get(subject)}"
        sequences[subject] = sequence
        if isinstance(event, signals.Signal):
            assert live.get(subject, False) is not (event.status is SignalStatus.RAISED), event
            live[subject] = event.status is not SignalStatus.CLEARED
        _learn(known, event)
    return known


def _learn(known: dict[str, Known], event: Contract) -> None:
    match event:
        case placements.PlacementEvent():
            student = event.placement.student
            had = known.get(student, Known())
            assert (had.status == "placed") is not isinstance(event, placements.PlacementProposed), (had, event)
            document = event.placement.model_dump(mode="json")
            known[student] = Known("placed", document, None, event.site, had.has_lost)
        case placements.StudentUnplaced():
            had = known.get(event.student, Known())
            known[event.student] = Known("unplaced", None, event.reason.value, None, had.has_lost)
        case placements.PlacementWithdrawn():
            known[event.student] = Known("withdrawn", None, None, None, known[event.student].has_lost)
        case placements.PlacementEnded():
            had = known[event.student]
            known[event.student] = replace(had, status="ended", reason=None)
        case placements.SwitchEvent():
            pass
        case signals.PlacementLost():
            had = known[event.student]
            is_raised = event.status is SignalStatus.RAISED
            assert had.has_lost is not is_raised, f"{event.student}: {event.status}, and was {had}"
            assert (had.status == "unplaced") is is_raised
            known[event.student] = replace(had, has_lost=is_raised)
        case signals.Signal():
            pass
        case _:
            raise AssertionError(f"nobody expects {type(event).__name__}")


def known_of(places: Mapping[StudentId, Place]) -> dict[str, Known]:
    """The same from the matcher's own places."""
    return {
        student: Known(
            place.status.value,
            plain(place.placement),
            None if place.unplaced is None else place.unplaced.reason.value,
            place.site,
            place.lost is not None,
        )
        for student, place in places.items()
    }
