"""Intake in memory, and factories of regions, students and mismatches."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.intake.domain.decisions import Decision
from services.intake.domain.registrations import (
    KnownRegion,
    KnownSite,
    MismatchReport,
    Registration,
    RegistrationStatus,
    reference_taken,
    without_strangers,
)
from services.intake.ports import ByReference, Outcome, OutcomeState, Place, RegistrationFilter, Switch
from shared.contracts.registrations import Mismatch, Student
from shared.contracts.signals import StudentSignal
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
    held: dict[str, Registration] = field(default_factory=dict)
    reports: dict[str, MismatchReport] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    switches: dict[str, Switch] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    signals: dict[str, tuple[str, int]] = field(default_factory=dict)
    sites: dict[str, tuple[int, KnownSite]] = field(default_factory=dict)
    workplaces: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    published: list[Contract] = field(default_factory=list)
    own: str | None = None
    taken_back: list[str] = field(default_factory=list)

    async def region(self, region: str) -> KnownRegion | None:
        return self.regions[region][0] if region in self.regions else None

    async def save_region(self, region: KnownRegion, sequence: int) -> None:
        if region.id not in self.regions or self.regions[region.id][1] < sequence:
            self.regions[region.id] = (region, sequence)

    async def read_regions_anew(self) -> int:
        return 0

    async def save_site(self, site: KnownSite, sequence: int) -> None:
        if site.id not in self.sites or self.sites[site.id][0] < sequence:
            self.sites[site.id] = (sequence, site)

    async def subjects(self, region: str) -> Collection[str]:
        known = await self.region(region)
        offered = [subject for _, where, subject in self.workplaces.values() if where == region]
        return {*offered, *(known.related if known is not None else ())}

    async def save_workplace(self, workplace: str, sequence: int, region: str, subject: str) -> None:
        if self.workplaces.get(workplace, (0, "", ""))[0] < sequence:
            self.workplaces[workplace] = (sequence, region, subject)

    async def institutes_of(self, students: Collection[str]) -> Mapping[str, str]:
        return {each: self.held[each].student.institute for each in students if each in self.held}

    async def tied_to_strangers(self, limit: int) -> Sequence[str]:
        known = {each: held.student.institute for each, held in self.held.items()}
        return [each for each, held in sorted(self.held.items()) if without_strangers(held, known)[1] is not None][
            :limit
        ]

    async def registration(self, student: str) -> Registration | None:
        held = self.held.get(student)
        return held if held is not None and self.own in (None, held.student.institute) else None

    async def student_with_reference(self, institute: str, reference: str) -> str | None:
        wanted = RegistrationFilter(institute, reference, status=RegistrationStatus.REGISTERED)
        return next((each.student.id for each in await self.registrations(wanted, None, 1)), None)

    async def references(self, students: Collection[str]) -> Mapping[str, str | None]:
        return {each: self.held[each].reference for each in students if each in self.held}

    async def registrations(self, wanted: RegistrationFilter, after: str | None, limit: int) -> Sequence[Registration]:
        found = [
            each
            for identifier, each in sorted(self.held.items())
            if (after is None or identifier > after)
            and wanted.institute in (None, each.student.institute)
            and self.own in (None, each.student.institute)
            and wanted.reference in (None, each.reference)
            and wanted.region in (None, each.region)
            and wanted.status in (None, each.status)
        ]
        return found[:limit]

    async def save_registration(self, registration: Registration) -> None:
        identifier = registration.student.id
        if registration.reference is not None and registration.status is RegistrationStatus.REGISTERED:
            holder = await self.student_with_reference(registration.student.institute, registration.reference)
            if holder not in (None, identifier):
                raise reference_taken()
        self.held[identifier] = registration

    async def mismatch(self, mismatch: str) -> MismatchReport | None:
        report = self.reports.get(mismatch)
        return report if report is not None and self.own in (None, report.mismatch.institute) else None

    async def mismatches(self, student: str | None, after: str | None, limit: int) -> Sequence[MismatchReport]:
        found = [
            each
            for identifier, each in sorted(self.reports.items())
            if (after is None or identifier > after)
            and student in (None, each.mismatch.student)
            and self.own in (None, each.mismatch.institute)
        ]
        return found[:limit]

    async def open_mismatch_kinds(self, student: str) -> Sequence[str]:
        return [
            each.mismatch.kind for each in self.reports.values() if each.is_open and each.mismatch.student == student
        ]

    async def save_mismatch(self, report: MismatchReport) -> None:
        self.reports[report.mismatch.id] = report

    async def outcomes(
        self, wanted: RegistrationFilter, state: OutcomeState | None, after: str | None, limit: int
    ) -> Sequence[Outcome]:
        found = [
            Outcome(held, self.places.get(key), self.switches.get(key), self.decisions.get(key))
            for held in await self.registrations(wanted, after, len(self.held))
            for key in [held.student.id]
        ]
        return [each for each in found if state in (None, each.state)][:limit]

    async def place(self, student: str) -> Place | None:
        return self.places.get(student)

    async def place_sequences(self, students: Collection[str]) -> Mapping[str, int]:
        return {student: self.places[student].sequence for student in students if student in self.places}

    async def save_places(self, places: Sequence[Place]) -> None:
        self.places |= {place.student: place for place in places}

    async def forget_place(self, student: str) -> None:
        for held in (self.places, self.switches, self.decisions):
            held.pop(student, None)
        self.signals = {signal: heard for signal, heard in self.signals.items() if heard[0] != student}

    async def hear_signals(self, signals: Sequence[StudentSignal]) -> Sequence[int | None]:
        return [self._hear(one) for one in signals]

    def _hear(self, signal: StudentSignal) -> int | None:
        held = self.signals.get(signal.signal, ("", 0))[1]
        if signal.student not in self.held or held >= signal.sequence:
            return None
        self.signals[signal.signal] = (signal.student, signal.sequence)
        return held

    async def copy(self, student: str) -> Mapping[str, object]:
        kept: dict[str, Mapping[str, object]] = {
            "student_place": self.places,
            "student_switch": self.switches,
            "institute_decision": self.decisions,
        }
        return {name: [held[student]] if student in held else [] for name, held in kept.items()}

    async def erase(self, held: Registration) -> None:
        student = held.student.id
        del self.held[student]
        await self.forget_place(student)
        self.reports = {key: one for key, one in self.reports.items() if one.mismatch.student != student}
        self.taken_back.append(f"student/{student}")

    async def outlived(self, before: datetime, limit: int) -> Sequence[str]:
        return sorted(one for one, held in self.held.items() if held.status is RegistrationStatus.WITHDRAWN)[:limit]

    async def switch(self, student: str) -> Switch | None:
        return self.switches.get(student)

    async def save_switch(self, switch: Switch) -> bool:
        is_news = switch.student not in self.switches or self.switches[switch.student].sequence < switch.sequence
        if is_news:
            self.switches[switch.student] = switch
        return is_news

    async def decision(self, student: str) -> Decision | None:
        return self.decisions.get(student)

    async def save_decision(self, decision: Decision) -> None:
        self.decisions[decision.event.student] = decision

    async def by_reference(self, wanted: Collection[ByReference]) -> Mapping[ByReference, Registration]:
        return {
            (each.student.institute, each.reference): each
            for each in self.held.values()
            if each.reference is not None
            and each.status is RegistrationStatus.REGISTERED
            and (each.student.institute, each.reference) in wanted
            and self.own in (None, each.student.institute)
        }

    async def save_many(self, new: Sequence[Registration], changed: Sequence[Registration]) -> None:
        for registration in (*changed, *new):
            await self.save_registration(registration)

    async def publish(self, *events: Contract) -> None:
        self.published += events
