"""What intake's handlers need from outside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from services.intake.domain.decisions import Decision
from services.intake.domain.registrations import (
    KnownRegion,
    KnownSite,
    MismatchReport,
    Registration,
    RegistrationStatus,
)
from services.intake.ports.records import Records
from shared.contracts.signals import StudentSignal
from shared.contracts.vocabulary import Contract


@dataclass(frozen=True, slots=True)
class Place:
    """What the plan last said about a student: `status` is placed, unplaced, ended or withdrawn."""

    student: str
    sequence: int
    status: str
    body: dict[str, object]


@dataclass(frozen=True, slots=True)
class Switch:
    """How the search for another place for a student stands: `status` is offered, impossible or closed."""

    student: str
    sequence: int
    status: str
    body: dict[str, object]


@dataclass(frozen=True, slots=True)
class RegistrationFilter:
    """Which registrations are meant: all that have every value given here."""

    institute: str | None = None
    reference: str | None = None
    region: str | None = None
    status: RegistrationStatus | None = None


OutcomeState = Literal["waiting", "placed", "unplaced", "ended", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A student with what the plan last said, how a search for another place stands, and what the institute decided last."""

    registration: Registration
    place: Place | None
    switch: Switch | None
    decision: Decision | None

    @property
    def state(self) -> str:
        """The status of the place; waiting while the plan has said nothing."""
        return "waiting" if self.place is None else self.place.status


ByReference = tuple[str, str]
"""An institute, and how it calls a student itself."""


class Store(Records, Protocol):
    """Intake's facts and read models, within one transaction, as one institute sees them: of other students there are none."""

    @property
    def own(self) -> str | None:
        """The institute whose students there are; None: everybody's."""
        ...

    async def region(self, region: str) -> KnownRegion | None:
        """The region, if there is one."""
        ...

    async def save_region(self, region: KnownRegion, sequence: int) -> None:
        """Keeps a region unless a newer one is known."""
        ...

    async def read_regions_anew(self) -> int:
        """Has the topic of regions read once more where an older version kept one without its name and ends; how many there were."""
        ...

    async def save_site(self, site: KnownSite, sequence: int) -> None:
        """Keeps what a school is called and where it is unless something newer is known."""
        ...

    async def subjects(self, region: str) -> Collection[str]:
        """The subjects that a region knows: what its schools offer, and what its settings relate."""
        ...

    async def save_workplace(self, workplace: str, sequence: int, region: str, subject: str) -> None:
        """Keeps what a workplace is for unless something newer is known."""
        ...

    async def institutes_of(self, students: Collection[str]) -> Mapping[str, str]:
        """By id of each of these who is registered or was: whose student they are, also of others. Locks nothing."""
        ...

    async def tied_to_strangers(self, limit: int) -> Sequence[str]:
        """Registered students who are to be together with, or apart from, a student of another institute; so many at most."""
        ...

    async def registration(self, student: str) -> Registration | None:
        """A student's registration, locked for change."""
        ...

    async def student_with_reference(self, institute: str, reference: str) -> str | None:
        """The student that an institute knows by its own reference, and has not withdrawn."""
        ...

    async def references(self, students: Collection[str]) -> Mapping[str, str | None]:
        """By id of each of these who is here: how the institute calls them. Locks nothing."""
        ...

    async def registrations(self, wanted: RegistrationFilter, after: str | None, limit: int) -> Sequence[Registration]:
        """The first registrations that are meant, by the student's id, of those with an id beyond `after`."""
        ...

    async def save_registration(self, registration: Registration) -> None:
        """Keeps a registration; raises Conflict when another of the institute has its reference and is not withdrawn."""
        ...

    async def mismatch(self, mismatch: str) -> MismatchReport | None:
        """A mismatch report, locked for change."""
        ...

    async def mismatches(self, student: str | None, after: str | None, limit: int) -> Sequence[MismatchReport]:
        """The first mismatch reports, of one student or of all, by id, of those with an id beyond `after`."""
        ...

    async def open_mismatch_kinds(self, student: str) -> Sequence[str]:
        """The kinds of mismatch that are open for a student."""
        ...

    async def save_mismatch(self, report: MismatchReport) -> None:
        """Keeps a mismatch report."""
        ...

    async def outcomes(
        self, wanted: RegistrationFilter, state: OutcomeState | None, after: str | None, limit: int
    ) -> Sequence[Outcome]:
        """What became of the first of these students, by id, of those with an id beyond `after`."""
        ...

    async def place(self, student: str) -> Place | None:
        """What the plan last said about a student."""
        ...

    async def place_sequences(self, students: Collection[str]) -> Mapping[str, int]:
        """Up to which version the places of students are known; of whom nothing was said is absent."""
        ...

    async def save_places(self, places: Sequence[Place]) -> None:
        """Keeps places of different students, each newer than what is known."""
        ...

    async def forget_place(self, student: str) -> None:
        """Erases the place of a student who was erased, and what was decided and signalled about them."""
        ...

    async def hear_signals(self, signals: Sequence[StudentSignal]) -> Sequence[int | None]:
        """Keeps up to where signals were heard, and gives of each up to where before it (0: never); None when it is nothing newer.

        Only of students that are registered here.
        """
        ...

    async def switch(self, student: str) -> Switch | None:
        """How the search for another place for a student stands."""
        ...

    async def save_switch(self, switch: Switch) -> bool:
        """Keeps how a search stands unless something newer is known; whether it was news."""
        ...

    async def decision(self, student: str) -> Decision | None:
        """The institute's last decision about a student's place, locked for change."""
        ...

    async def save_decision(self, decision: Decision) -> None:
        """Keeps a decision."""
        ...

    async def by_reference(self, wanted: Collection[ByReference]) -> Mapping[ByReference, Registration]:
        """The registrations that are not withdrawn with these references, locked for change."""
        ...

    async def save_many(self, new: Sequence[Registration], changed: Sequence[Registration]) -> None:
        """Keeps many registrations in a few statements; raises Conflict as `save_registration` does."""
        ...

    async def publish(self, *events: Contract) -> None:
        """Puts events in the outbox, and in the audit."""
        ...
