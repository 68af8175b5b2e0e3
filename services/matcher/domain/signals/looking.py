"""One look at a region after a plan: every rule on those whom the news concerns, and on everybody when a day begins."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from services.matcher.domain.ids import StudentId, SupervisorId
from services.matcher.domain.region import Student
from services.matcher.domain.signals import at_risk, fits, gaps, guidance, people, shortages
from services.matcher.domain.signals.course import Signal, Step, advance
from services.matcher.domain.signals.findings import Finding, signal_id
from services.matcher.domain.signals.helping import Helping
from services.matcher.domain.signals.scene import Case, Scene
from services.matcher.domain.signals.scope import News, Scope, near, whole
from services.matcher.domain.signals.table import RuleName
from services.matcher.domain.signals.telling import body_of, event_of
from shared.contracts.vocabulary import Contract

Signals = Mapping[str, Signal]
OF_STUDENTS = (
    RuleName.UNPLACED,
    RuleName.HOURS_BELOW_80,
    RuleName.SUPPORT_BELOW_NORM,
    RuleName.NO_SUCCESSOR,
    RuleName.TRAINER_OVERLOADED,
    RuleName.LONG_TRAVEL,
    RuleName.NO_BACKUP,
    RuleName.OPEN_MISMATCH,
    RuleName.GUIDED_BY_STARTER,
    RuleName.MISFIT_SUBJECT,
    RuleName.MISFIT_TRAVEL,
    RuleName.MISFIT_DAYS,
    RuleName.MISFIT_GUIDANCE,
)
"""The rules whose subject is a student, apart from moves, which are counted."""
NO_FIGURES: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class ChangedSignal:
    """A signal that changed, and the event that tells it; None when nothing is told of it now."""

    signal: Signal
    event: Contract | None = None


def look(known: Signals, scene: Scene, news: News, helping: Helping | None = None) -> list[ChangedSignal]:
    """Every signal that changes now, in the order of ids, each with its events in their order; the same input gives the same."""
    found = _Look(known, scene, news)
    found.at_all()
    return _told(found.steps, scene, helping or Helping(scene))


def count_moves(known: Signals, scene: Scene, news: News, helping: Helping) -> list[ChangedSignal]:
    """As `look`, but at nothing but who has moved: what cannot be seen later any more."""
    found = _Look(known, scene, news)
    found.at_moves()
    return _told(found.steps, scene, helping)


def _told(steps: Mapping[str, list[Step]], scene: Scene, helping: Helping) -> list[ChangedSignal]:
    return [_changed(step, scene, helping) for one in sorted(steps) for step in steps[one]]


def _changed(step: Step, scene: Scene, helping: Helping) -> ChangedSignal:
    signal, found = step.signal, step.finding
    if found is not None:
        helped = {} if found.lack is None else helping.helped(found.lack)
        signal = replace(signal, body=body_of(found, helped))
    event = event_of(scene.facts.id, signal) if step.is_told else None
    return ChangedSignal(signal if signal.is_open else replace(signal, body={}), event)


class _Look:
    """The steps of all signals, by id."""

    def __init__(self, known: Signals, scene: Scene, news: News) -> None:
        self.steps: dict[str, list[Step]] = {}
        self._known, self._scene, self._news = known, scene, news

    def at_all(self) -> None:
        """Every rule, on those whom the news concerns."""
        news, scene = self._news, self._scene
        if news.touched.everything:
            scope = whole(scene, [SupervisorId(one.subject) for one in self._open.get(RuleName.OVERLOADED, ())])
        else:
            scope = near(scene, news, self._is_overloaded)
        students = {*scope.students, *self._from_people(scope)}
        for student in sorted(students):
            self._at_student(student)
        self._at_reports(students)
        self._at_region(scope)

    def at_moves(self) -> None:
        """How often those have moved whose place is another now."""
        for student in sorted(self._news.changed):
            self._at_moves(student, self._scene.facts.students.get(student))

    @cached_property
    def _open(self) -> Mapping[RuleName, list[Signal]]:
        """The open signals of each rule."""
        found: dict[RuleName, list[Signal]] = defaultdict(list)
        for one in self._known.values():
            if one.is_open:
                found[one.rule].append(one)
        return found

    def _now(self, name: str) -> Signal | None:
        return self.steps[name][-1].signal if name in self.steps else self._known.get(name)

    def _advance(self, name: str, found: Finding | None, *, is_gone: bool = False) -> None:
        steps = advance(self._known.get(name), found, self._scene.today, is_gone=is_gone)
        if steps:
            self.steps[name] = steps

    def _all(self, before: Iterable[str], found: Iterable[Finding], *, is_gone: bool = False) -> None:
        """Each finding, and what is no longer found."""
        by_id = {one.id: one for one in found}
        for name in sorted({*before, *by_id}):
            self._advance(name, by_id.get(name), is_gone=is_gone)

    def _overloads(self, person: SupervisorId) -> Iterator[Signal]:
        for period in self._scene.facts.periods:
            signal = self._now(signal_id(RuleName.OVERLOADED, person, period))
            if signal is not None and signal.is_open:
                yield signal

    def _is_overloaded(self, person: SupervisorId) -> bool:
        return any(True for _ in self._overloads(person))

    def _from_people(self, scope: Scope) -> set[StudentId]:
        """What is asked of each; gives whom those guide of whom that is news."""
        concerned: set[StudentId] = set()
        for person in sorted(scope.guided):
            one, was = self._scene.facts.supervisors.get(person), self._is_overloaded(person)
            found = () if one is None else people.overloads(self._scene, one, scope.guided[person])
            self._all([signal.id for signal in self._overloads(person)], found, is_gone=one is None)
            if was is not self._is_overloaded(person):
                concerned |= {place.student for place in scope.guided[person]}
        return concerned

    def _at_student(self, name: StudentId) -> None:
        student = self._scene.facts.students.get(name)
        ids = {rule: signal_id(rule, name) for rule in OF_STUDENTS}
        is_open = {rule for rule, one in ids.items() if one in self._known and self._known[one].is_open}
        found = {} if student is None else {one.rule: one for one in self._findings(student, is_open)}
        for rule in OF_STUDENTS:
            if rule in found or rule in is_open:
                self._advance(ids[rule], found.get(rule), is_gone=student is None)
        self._at_moves(name, student)

    def _findings(self, student: Student, is_open: set[RuleName]) -> Iterator[Finding]:
        """Everything that the rules on one student find; at a place that has only just been proposed nothing new is told."""
        scene, case = self._scene, self._scene.case(student.id)
        if case is None:
            yield from (one for one in (at_risk.unplaced(scene, student), at_risk.lost_guidance(scene, student)) if one)
            return
        stands = scene.stands(case)
        if stands or is_open:
            yield from (one for one in self._of_case(case) if stands or one.rule in is_open)

    def _of_case(self, case: Case) -> Iterator[Finding]:
        scene = self._scene
        yield from guidance.short_of_hours(scene, case)
        yield from fits.travel(scene, case)
        yield from fits.subject(scene, case)
        yield from fits.days(scene, case)
        trainers = {one.id: figures for one in (case.so, case.io) if one and (figures := self._load_of(one.id))}
        for found in (
            at_risk.no_successor(scene, case),
            fits.open_mismatch(scene, case),
            guidance.trainer_overloaded(scene, case, trainers),
            guidance.no_backup(scene, case),
            guidance.guided_by_starter(scene, case),
        ):
            if found is not None:
                yield found

    def _load_of(self, person: SupervisorId) -> Mapping[str, int]:
        """The figures of somebody's first open overload."""
        for signal in self._overloads(person):
            told = [step.finding for step in self.steps.get(signal.id, ()) if step.finding is not None]
            figures = told[-1].figures if told else signal.body["figures"]
            return figures if isinstance(figures, Mapping) else NO_FIGURES
        return NO_FIGURES

    def _at_moves(self, name: StudentId, student: Student | None) -> None:
        """Moves are counted as they happen; what is counted is kept whether or not it is told."""
        key = signal_id(RuleName.SECOND_MOVE, name)
        known, changed = self._known.get(key), self._news.changed
        before = {} if known is None else known.memo
        if not before and name not in changed:
            return
        moves = {} if student is None else at_risk.moved(self._scene, before, changed.get(name))
        self._advance(
            key, None if student is None else at_risk.second_move(self._scene, student, moves), is_gone=student is None
        )
        if key in self.steps:
            self.steps[key][-1] = replace(self.steps[key][-1], signal=replace(self.steps[key][-1].signal, memo=moves))
        elif moves != before:
            quiet = known or Signal(key, RuleName.SECOND_MOVE, name)
            self.steps[key] = [Step(replace(quiet, memo=moves))]

    def _at_reports(self, students: set[StudentId]) -> None:
        """What was reported of these, and what was reported and is over."""
        found = []
        for student in sorted(students & self._scene.mismatches.keys()):
            case = self._scene.case(student)
            found += [fits.reported(self._scene, case, one) for one in self._scene.mismatches[student] if case]
        if found or self._news.touched.everything or self._news.touched.students or self._news.moved:
            self._all(
                [one.id for one in self._open.get(RuleName.REPORTED, ()) if one.about["student"] in students], found
            )

    def _at_region(self, scope: Scope) -> None:
        """Shortages of the subjects that are looked at, and shares of groups when these may be others."""
        short = (
            [*self._open.get(RuleName.SHORTAGE, ()), *self._open.get(RuleName.SHORTAGE_AT_SITE, ())]
            if scope.subjects or scope.is_whole
            else []
        )
        if scope.is_whole:
            self._all([one.id for one in short], shortages.shortages(self._scene))
        elif scope.subjects:
            of_these = [one.id for one in short if one.about["subject"] in scope.subjects]
            self._all(of_these, shortages.shortages(self._scene, scope.subjects))
        if scope.has_other_shares:
            self._all([one.id for one in self._open.get(RuleName.FAIRNESS, ())], gaps.gaps(self._scene))
