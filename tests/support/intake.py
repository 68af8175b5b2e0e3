"""Intake in memory, and factories of regions, students and mismatches."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.intake.domain import KnownRegion, MismatchReport, Registration, reference_taken
from services.intake.ports import Place
from shared.contracts.registrations import Mismatch, Student
from shared.contracts.vocabulary import Contract

REGION = KnownRegion("NL-R07", ("2026-S1", "2026-S2"), ("01VU", "02HU"))
NEEDS: dict[str, Any] = {
    "institute": "01VU",
    "route": "voltijd",
    "phase": "wpl1",
    "support": 1,
    "sector": "vo",
    "subject": "wiskunde",
    "lat": 52.1,
    "lon": 5.1,
    "period_sets": [["2026-S1"]],
}
NEW_REGISTRATION = {"region": REGION.id, **NEEDS}


def student(identifier: str = "s1", **changes: Any) -> Student:
    """A student who fits in REGION."""
    return Student.model_validate({"id": identifier, **NEEDS, **changes})


def mismatch(identifier: str = "m1", **changes: Any) -> Mismatch:
    """A mismatch of student s1."""
    about = {"student": "s1", "institute": "01VU", "kind": "travel", "reported_by": "institute"}
    return Mismatch.model_validate({"id": identifier, **about, "reported_on": date(2026, 10, 7), **changes})


@dataclass
class MemoryStore:
    """Intake's store in dictionaries; `published` is what went to the outbox, in order."""

    regions: dict[str, tuple[KnownRegion, int]] = field(default_factory=dict)
    registrations: dict[str, Registration] = field(default_factory=dict)
    references: dict[tuple[str, str], str] = field(default_factory=dict)
    mismatches: dict[str, MismatchReport] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    published: list[Contract] = field(default_factory=list)

    async def region(self, region: str) -> KnownRegion | None:
        return self.regions[region][0] if region in self.regions else None

    async def save_region(self, region: KnownRegion, sequence: int) -> None:
        if region.id not in self.regions or self.regions[region.id][1] < sequence:
            self.regions[region.id] = (region, sequence)

    async def registration(self, student: str) -> Registration | None:
        return self.registrations.get(student)

    async def student_with_reference(self, institute: str, reference: str) -> str | None:
        return self.references.get((institute, reference))

    async def save_registration(self, registration: Registration, reference: str | None = None) -> None:
        identifier = registration.student.id
        if reference is not None:
            key = (registration.student.institute, reference)
            if self.references.setdefault(key, identifier) != identifier:
                raise reference_taken()
        self.registrations[identifier] = registration

    async def mismatch(self, mismatch: str) -> MismatchReport | None:
        return self.mismatches.get(mismatch)

    async def open_mismatch_kinds(self, student: str) -> Sequence[str]:
        return [
            each.mismatch.kind for each in self.mismatches.values() if each.is_open and each.mismatch.student == student
        ]

    async def save_mismatch(self, report: MismatchReport) -> None:
        self.mismatches[report.mismatch.id] = report

    async def place(self, student: str) -> Place | None:
        return self.places.get(student)

    async def save_place(self, place: Place) -> None:
        if place.student not in self.places or self.places[place.student].sequence < place.sequence:
            self.places[place.student] = place

    async def forget_place(self, student: str) -> None:
        self.places.pop(student, None)

    async def publish(self, event: Contract) -> None:
        self.published.append(event)
