"""What the matcher has been told: facts by aggregate, folded in any order, and the region they add up to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from services.matcher.domain import documents
from services.matcher.domain.ids import PeriodId, RegionId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Period, Region, Site, Student, Supervisor, Workplace
from services.matcher.domain.settings import Settings
from services.matcher.domain.vocabulary import PlacementState

Document = Mapping[str, Any]
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Fact:
    """The whole state of one aggregate; `subject` is kind/id, `document` None when it ended."""

    region: RegionId
    subject: str
    sequence: int
    document: Document | None

    @property
    def kind(self) -> str:
        """What it is about: student, site, workplace, supervisor, region, day, a decision, a mismatch."""
        return self.subject.partition("/")[0]

    @property
    def id(self) -> str:
        """The aggregate's own id."""
        return self.subject.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a school or an institute decided about a student's place; `agrees` is None for: keep it, and look for another."""

    agrees: bool | None
    workplace: WorkplaceId
    periods: frozenset[PeriodId]


@dataclass(frozen=True, slots=True)
class Touched:
    """What changed since the last plan: the seeds of the neighbourhood that is solved again."""

    students: frozenset[StudentId] = frozenset()
    sites: frozenset[SiteId] = frozenset()
    workplaces: frozenset[WorkplaceId] = frozenset()
    supervisors: frozenset[SupervisorId] = frozenset()
    everything: bool = False

    def __or__(self, other: "Touched") -> "Touched":
        return Touched(
            self.students | other.students,
            self.sites | other.sites,
            self.workplaces | other.workplaces,
            self.supervisors | other.supervisors,
            self.everything or other.everything,
        )

    def __bool__(self) -> bool:
        return self.everything or bool(self.students or self.sites or self.workplaces or self.supervisors)


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """All facts of one region; what they refer to may not have arrived yet."""

    id: RegionId
    sequences: Mapping[str, int] = field(default_factory=dict)
    settings: Settings | None = None
    today: date | None = None
    periods: Mapping[PeriodId, Period] = field(default_factory=dict)
    sites: Mapping[SiteId, Site] = field(default_factory=dict)
    workplaces: Mapping[WorkplaceId, Workplace] = field(default_factory=dict)
    supervisors: Mapping[SupervisorId, Supervisor] = field(default_factory=dict)
    students: Mapping[StudentId, Student] = field(default_factory=dict)
    school_decisions: Mapping[StudentId, Decision] = field(default_factory=dict)
    institute_decisions: Mapping[StudentId, Decision] = field(default_factory=dict)


def fold(facts: RegionFacts, fact: Fact) -> tuple[RegionFacts, Touched]:
    """The facts with one more; what is not newer changes nothing. Raises RegionProblems when it cannot be read."""
    if not _is_news(facts, fact):
        return facts, Touched()
    known = replace(facts, sequences={**facts.sequences, fact.subject: fact.sequence})
    return _FOLDS.get(fact.kind, _unused)(known, fact)


def _is_news(facts: RegionFacts, fact: Fact) -> bool:
    """A later sequence than was told of this aggregate; of days, which only go forward, a later day."""
    if fact.kind == "day":
        return fact.document is not None and (facts.today is None or _day_in(fact.document) > facts.today)
    return fact.sequence > facts.sequences.get(fact.subject, 0)


def assemble(facts: RegionFacts, placements: tuple[Placement, ...]) -> Region | None:
    """The region to plan for, with what holds today; None until it has settings and a day."""
    if facts.settings is None or facts.today is None:
        return None
    sites = {key: site for key, site in facts.sites.items() if site.core is None or site.core in facts.sites}
    workplaces = {key: one for key, one in facts.workplaces.items() if one.site in sites}
    held = {one.student: one for one in placements}
    return Region(
        id=facts.id,
        today=facts.today,
        settings=facts.settings,
        periods=facts.periods,
        sites=sites,
        workplaces=workplaces,
        supervisors=facts.supervisors,
        students={key: _without_refused(facts, student) for key, student in facts.students.items()},
        placements=tuple(with_promise(facts, held[key]) for key in sorted(held)),
    )


def with_promise(facts: RegionFacts, placement: Placement) -> Placement:
    """The placement in the state that decisions and the calendar give it."""
    state = placement.state
    if state is PlacementState.PROPOSED and _is_agreed(facts, placement):
        state = PlacementState.SETTLED
    if state is PlacementState.SETTLED and facts.today is not None and _has_started(facts, placement):
        state = PlacementState.STARTED
    return replace(placement, state=state)


def _is_agreed(facts: RegionFacts, placement: Placement) -> bool:
    """School and institute both said yes to this workplace and these periods."""
    decisions = (facts.school_decisions.get(placement.student), facts.institute_decisions.get(placement.student))
    return all(
        one is not None
        and one.agrees
        and one.workplace == placement.workplace
        and one.periods == frozenset(placement.periods)
        for one in decisions
    )


def _has_started(facts: RegionFacts, placement: Placement) -> bool:
    starts = [facts.periods[period].start for period in placement.periods if period in facts.periods]
    return facts.today is not None and bool(starts) and min(starts) <= facts.today


def _without_refused(facts: RegionFacts, student: Student) -> Student:
    """A place that was refused or declined is not offered again: its site is left out for this student."""
    refused = tuple(
        facts.workplaces[decision.workplace].site
        for decision in (facts.school_decisions.get(student.id), facts.institute_decisions.get(student.id))
        if decision is not None and decision.agrees is False and decision.workplace in facts.workplaces
    )
    return replace(student, not_sites=(*student.not_sites, *refused)) if refused else student


def _region(facts: RegionFacts, fact: Fact) -> tuple[RegionFacts, Touched]:
    if fact.document is None:
        return replace(facts, settings=None), Touched(everything=True)
    periods = [documents.period_from_document(period) for period in fact.document["periods"]]
    settings = documents.settings_from_document(fact.document["settings"])
    known = {period.id: period for period in periods}
    return replace(facts, settings=settings, periods=known), Touched(everything=True)


def _day(facts: RegionFacts, fact: Fact) -> tuple[RegionFacts, Touched]:
    today = facts.today if fact.document is None else _day_in(fact.document)
    return replace(facts, today=today), Touched(everything=True)


def _day_in(document: Document) -> date:
    return date.fromisoformat(str(document["day"]))


def _site(facts: RegionFacts, fact: Fact) -> tuple[RegionFacts, Touched]:
    key = SiteId(fact.id)
    sites = _put(facts.sites, key, fact.document, documents.site_from_document)
    return replace(facts, sites=sites), Touched(sites=frozenset({key}))


def _workplace(facts: RegionFacts, fact: Fact) -> tuple[RegionFacts, Touched]:
    key = WorkplaceId(fact.id)
    workplaces = _put(facts.workplaces, key, fact.document, documents.workplace_from_document)
    return replace(facts, workplaces=workplaces), Touched(workplaces=frozenset({key}))


def _supervisor(facts: RegionFacts, fact: Fact) -> tuple[RegionFacts, Touched]:
    key = SupervisorId(fact.id)
    supervisors = _put(facts.supervisors, key, fact.document, documents.supervisor_from_document)
    return replace(facts, supervisors=supervisors), Touched(supervisors=frozenset({key}))


def _student(facts: RegionFacts, fact: Fact) -> tuple[RegionFacts, Touched]:
    key = StudentId(fact.id)
    students = _put(facts.students, key, fact.document, documents.student_from_document)
    return replace(facts, students=students), Touched(students=frozenset({key}))


def _put(known: Mapping[K, V], key: K, document: Document | None, read: Callable[[object], V]) -> dict[K, V]:
    """The known things with this one as the document says, or without it when it ended."""
    others = {each: thing for each, thing in known.items() if each != key}
    return others if document is None else {**others, key: read(document)}


def _school_decision(facts: RegionFacts, fact: Fact) -> tuple[RegionFacts, Touched]:
    key = StudentId(fact.id)
    decisions = {**facts.school_decisions, key: _decision(fact)}
    return replace(facts, school_decisions=decisions), Touched(students=frozenset({key}))


def _institute_decision(facts: RegionFacts, fact: Fact) -> tuple[RegionFacts, Touched]:
    key = StudentId(fact.id)
    decisions = {**facts.institute_decisions, key: _decision(fact)}
    return replace(facts, institute_decisions=decisions), Touched(students=frozenset({key}))


def _decision(fact: Fact) -> Decision:
    document = fact.document or {}
    periods = frozenset(PeriodId(str(period)) for period in document.get("periods", ()))
    return Decision(document.get("agrees"), WorkplaceId(str(document.get("workplace"))), periods)


def _unused(facts: RegionFacts, _fact: Fact) -> tuple[RegionFacts, Touched]:
    """Mismatch reports do not change the plan; they are kept for whoever explains it."""
    return facts, Touched()


_FOLDS = {
    "region": _region,
    "day": _day,
    "site": _site,
    "workplace": _workplace,
    "supervisor": _supervisor,
    "student": _student,
    "school-decision": _school_decision,
    "institute-decision": _institute_decision,
}
