"""The work for which the solver is needed: prices, what would place a student, what a wish costs, scenarios, what levers are worth."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from services.matcher.adapters.solver.lever_trials import values_of
from services.matcher.adapters.solver.portfolio import AnytimeLimits, Progress, certified, solve_anytime
from services.matcher.adapters.solver.pricing import TooMuchWork
from services.matcher.adapters.solver.pricing import prices as priced
from services.matcher.adapters.solver.remedies import Remedy
from services.matcher.adapters.solver.remedies import remedies as tried_for
from services.matcher.adapters.solver.wishes import Grant, Wishes
from services.matcher.adapters.workroom.library import Known, Library
from services.matcher.domain.checker import check
from services.matcher.domain.documents import plain
from services.matcher.domain.effects import Effect
from services.matcher.domain.facts import Document
from services.matcher.domain.five_sides import five_sides
from services.matcher.domain.ids import StudentId
from services.matcher.domain.lever_values import LeverValue, Trial, ranked, trials
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.scenarios import scenario_from_document
from services.matcher.domain.scenarios_applied import apply

MOST_WORK = 60.0
"""Counted work that the prices of a region may take: seconds of one core, about."""
GRACE_S = 1.5
"""So long after its time a solve may still hand in what it found; then the best plan so far is taken."""
TELL_EVERY_S = 0.5
Tell = Callable[[Document], None]


def prices(library: Library, about: Document, _tell: Tell) -> Document:
    """What one more quarter hour of each person and one more seat at each workplace is worth at most; nothing of what is worth nothing."""
    known = library.region(about["region"])
    try:
        found = priced(known.region, MOST_WORK)
    except TooMuchWork as skipped:
        return {"version": known.version, "hours": [], "seats": [], "skipped_s": round(skipped.work)}
    hours = [[name, period, round(points)] for (name, period), points in sorted(found.hours.items()) if points > 0.5]
    seats = [[name, period, round(points)] for (name, period), points in sorted(found.seats.items()) if points > 0.5]
    return {"version": known.version, "hours": hours, "seats": seats, "skipped_s": None}


def remedies(library: Library, about: Document, _tell: Tell) -> Document:
    """What would place a student without a place: each lever, and for this student alone a longer journey, period or subject."""
    known, student = library.region(about["region"]), StudentId(about["student"])
    if not _can_be_tried(known, student) or student in known.plan.by_student():
        return {"version": known.version, "levers": []}
    return {
        "version": known.version,
        "levers": [_remedy(one) for one in tried_for(known.region, known.plan, student)],
    }


def _remedy(one: Remedy) -> Document:
    return {
        "name": one.name,
        "helps": one.placement is not None,
        "placement": plain(one.placement),
        "minutes": one.minutes,
        **_effect(one.effect),
    }


def _effect(found: Effect) -> Document:
    return dict(plain(found))


def wishes(library: Library, about: Document, _tell: Tell) -> Document:
    """What each wish of a student would cost, and each site or workplace that is asked for, or the rule that forbids it."""
    known, student = library.region(about["region"]), StudentId(about["student"])
    asked = [one for one in about["at"] if one in known.region.sites or one in known.region.workplaces]
    if not _can_be_tried(known, student):
        return {"version": known.version, "wishes": []}
    return {
        "version": known.version,
        "wishes": [_grant(one) for one in Wishes(known.region, known.plan).of(student, asked)],
    }


def _grant(one: Grant) -> Document:
    never = None if one.never is None else {"reason": one.never.reason.value, "facts": dict(one.never.facts)}
    told = {**plain(one.wanted), "never": never, "placement": plain(one.placement), "is_proven": one.is_proven}
    return told if one.effect is None else {**told, **_effect(one.effect), "spare": one.spare, "price": one.price}


def _can_be_tried(known: Known, student: StudentId) -> bool:
    """What is tried starts from an allowed plan, which one is not while a rule that holds since then waits for an answer."""
    return student in known.region.students and not check(known.region, known.plan)


def scenario(library: Library, about: Document, tell: Tell) -> Document:
    """The plan as it would be after some changes, beside the plan without them that was sought just as long: each from five sides."""
    known, seconds = library.region(about["region"]), about["seconds"]
    changed = apply(scenario_from_document(about["document"], known.region), known.region)
    watch = _Stages(tell, ("before", "after"))
    before = watch.solve(library, "before", known.region, seconds)
    after = watch.solve(library, "after", changed, seconds)
    return {
        "plan_version": known.version,
        "before": _sides(known.region, before),
        "after": _sides(changed, after),
    }


def _sides(region: Region, plan: Plan) -> Document:
    proof = _certificate(plan)
    told = {"value": proof.value, "bound": proof.bound, "gap": proof.gap, "unplaced_bound": proof.unplaced_bound}
    return {**told, "parts": dict(proof.parts), "sides": dict(five_sides(region, plan).items())}


def levers(library: Library, about: Document, tell: Tell) -> Document:
    """What each lever is worth: the region solved as it is, and once more for each lever."""
    known, seconds = library.region(about["region"]), about["seconds"]
    wanted = list(trials(known.region))
    watch = _Stages(tell, ("now", *(trial.lever for trial in wanted)))
    now = watch.solve(library, "now", known.region, seconds)
    tried = [(trial, watch.solve(library, trial.lever, trial.region, seconds)) for trial in wanted]
    return {"plan_version": known.version, "levers": [_lever(one) for one in _ranked(known.region, now, tried)]}


def _ranked(region: Region, now: Plan, tried: list[tuple[Trial, Plan]]) -> list[LeverValue]:
    return ranked(values_of(region, now, tried))


def _lever(one: LeverValue) -> Document:
    told = {"lever": one.lever, "trying": one.trying.value, "points": one.points, "students": one.students}
    proof = {"is_proven": one.is_proven, "most_points": one.most_points}
    return {**told, **proof, "without": asdict(one.without), "with": asdict(one.having)}


def _certificate(plan: Plan) -> Certificate:
    assert plan.certificate is not None, "a solved plan has a certificate"
    return plan.certificate


@dataclass(slots=True)
class _Stages:
    """Solves one region after another, each for as long, and tells how it goes."""

    tell: Tell
    names: tuple[str, ...]
    told_at: float = field(default=0.0)

    def solve(self, library: Library, name: str, region: Region, seconds: int) -> Plan:
        """The best plan within the time; who cannot be stopped in time makes the process end after this work."""
        begun = time.monotonic()

        def on_progress(step: Progress) -> None:
            if time.monotonic() - self.told_at >= TELL_EVERY_S:
                self.told_at = time.monotonic()
                self.tell(self._body(name, step, (time.monotonic() - begun) / seconds))

        solving = _Solve(region, seconds, on_progress)
        plan, is_left_behind = solving.plan()
        library.is_tired = library.is_tired or is_left_behind
        return plan

    def _body(self, name: str, step: Progress, share: float) -> Mapping[str, Any]:
        number = self.names.index(name)
        return {
            "stage": name,
            "share": round((number + min(1.0, share)) / len(self.names), 4),
            "value": step.value,
            "bound": step.bound,
            "gap": step.gap,
            "unplaced": step.unplaced,
            "unplaced_bound": step.unplaced_bound,
        }


class _Solve:
    """A solve in a thread, of which the best plan so far is taken when its time is over."""

    def __init__(self, region: Region, seconds: int, on_progress: Callable[[Progress], None]) -> None:
        self._region, self._seconds, self._on_progress = region, seconds, on_progress
        self._last: Progress | None = None
        self._is_over = False
        self._plan: Plan | None = None
        self._error: BaseException | None = None

    def plan(self) -> tuple[Plan, bool]:
        """The plan, and whether the thread could not be stopped in time."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        thread.join(self._seconds + GRACE_S)
        while self._last is None and thread.is_alive():
            thread.join(0.1)
        self._is_over = True
        if self._error is not None:
            raise self._error
        if self._plan is not None:
            return self._plan, False
        last = self._last
        assert last is not None, "a solve begins with what holds"
        return certified(self._region, last.plan, last.bound, last.unplaced_bound), thread.is_alive()

    def _run(self) -> None:
        def note(step: Progress) -> None:
            self._last = step
            if not self._is_over:
                self._on_progress(step)

        try:
            self._plan = solve_anytime(self._region, AnytimeLimits(time_s=float(self._seconds)), note)
        except BaseException as problem:  # noqa: BLE001 - raised again by who waits
            self._error = problem
