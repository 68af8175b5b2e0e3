"""Plans region by region with an engine for each: takes one step after another, and improves it beside that."""

import gc
import time
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from services.matcher.adapters.collector import nothing_collected
from services.matcher.adapters.solver.bounds.course import Course
from services.matcher.adapters.solver.bounds.highs import Watch
from services.matcher.adapters.solver.bounds.limits import BoundLimits
from services.matcher.adapters.solver.bounds.rows import build
from services.matcher.adapters.solver.engine.adopting import Refused
from services.matcher.adapters.solver.engine.answers import Answer, Cause
from services.matcher.adapters.solver.engine.engine import Engine
from services.matcher.domain import limits
from services.matcher.domain.changes import Change, Suggestion, applied
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.places import Outcome
from services.matcher.domain.plan import Unplaced
from services.matcher.ports import Again, CannotPlanNow, Held, NoAllowedPlan, Planned, Step
from shared.contracts.placements import MoveCause
from shared.observability.bugs import bug_places

FRUITLESS = 7
"""Turns of improving that found nothing, after which a plan is left alone until something changes."""
PATIENCE = 2
"""Turns of improving that found nothing, after which the bound gets turns as well: until then a better plan matters more."""
TOUCHED = 0.02
"""So large a part of the students, or as many supervisors and workplaces, was touched by events when the whole plan is sought anew."""
PROVES = 2
"""Turns in three that the bound gets then; so the turns of improving stay odd and even by turns."""
TOLD = {Cause.MADE_ROOM, Cause.SWITCHED}
"""Causes that are told as they are, although nothing was lost."""
REASONS = 8
"""Students without a place whose reason each turn of improving tells anew."""


@dataclass(slots=True)
class _Kept:
    """A region as the engine has it, and how far the improving has come since its last step."""

    engine: Engine
    stamp: int
    fruitless: int = 0
    course: Course | None = None
    steps: Iterator[None] | None = None
    proof_steps: int = 0
    is_proven: bool = False
    """The course of the bound has come to its end."""
    touched: int = 0
    """How much events have touched since the whole plan was sought anew and nothing better was found."""

    @property
    def is_renewal_due(self) -> bool:
        """Improving finds nothing any more, and enough has happened to expect something of seeking all anew."""
        return self.fruitless >= PATIENCE and self.touched > TOUCHED * len(self.engine.region.students)

    def begin_again(self) -> None:
        """Another region or plan: all improving begins again."""
        self.fruitless, self.course, self.proof_steps, self.is_proven = 0, None, 0, False


class Desk:
    """The regions that one process plans for."""

    def __init__(self) -> None:
        """None is known yet."""
        self._kept: OrderedDict[RegionId, _Kept] = OrderedDict()

    def knows(self, region: RegionId, stamp: int) -> bool:
        """Whether it has this state of a region."""
        return region in self._kept and self._kept[region].stamp == stamp

    def newest(self, region: RegionId) -> int:
        """The stamp of the state that it has; 0 for none."""
        return self._kept[region].stamp if region in self._kept else 0

    def only(self, regions: Collection[RegionId]) -> None:
        """Forget every other region."""
        for region in [one for one in self._kept if one not in regions]:
            self._forget(region)

    def can_take(self, step: Step) -> bool:
        """Whether it has the state that a step starts from, or needs none."""
        return (isinstance(step.work, Change) and step.work.whole is not None) or self.knows(step.region, step.after)

    def begin(self, region: RegionId, stamp: int, held: Held | None) -> None:
        """Start from a state; None when there was nothing to plan for. Raises NoAllowedPlan."""
        self._forget(region)
        if held is not None:
            with self._failing(region), nothing_collected():
                kept = self._keep(region, stamp, _engine_of(held))
            kept.touched = len(held.region.students)

    def try_out(self, region: RegionId, stamp: int, held: Held | None) -> None:
        """Plans for the whole of a state with nothing changed, and forgets it. Raises NoAllowedPlan, CannotPlanNow."""
        self.begin(region, stamp, held)
        if held is not None:
            with self._failing(region):
                self._kept[region].engine.apply(Change(whole=held.region))
        self._forget(region)

    def take(self, step: Step) -> Planned:
        """The plan after a step from the state that was begun with or stepped to. Raises NoAllowedPlan."""
        started = time.perf_counter()
        with self._failing(step.region):
            outcome, is_other = self._taken(step)
            kept = self._kept[step.region]
            kept.stamp = step.stamp
            kept.touched += _touched(step.work)
            if is_other:
                kept.begin_again()
            self._kept.move_to_end(step.region)
            engine = kept.engine
            found = {one.student: engine.switch(one) for one in step.wanted}
        switches = {one: what for one, what in found.items() if what is not None}
        seconds = time.perf_counter() - started
        return Planned(outcome, engine.certificate, len(engine.without_place), seconds, switches)

    @contextmanager
    def _failing(self, region: RegionId) -> Iterator[None]:
        """Whatever fails, nothing is kept of a region that was half changed, and whoever asked can go on with other work."""
        try:
            yield
        except Refused as refused:
            self._forget(region)
            raise NoAllowedPlan(str(refused)) from refused
        except (MemoryError, OSError) as lack:
            self._forget(region)
            raise CannotPlanNow(
                f"planning for {region} failed: {bug_places(lack)}"
            ) from None  # its frames hold the memory
        except Exception as bug:
            self._forget(region)
            raise NoAllowedPlan(f"planning for {region} failed: {bug_places(bug)}") from bug

    def suggest(self, region: RegionId, turn: int) -> Suggestion | None:
        """What one turn finds: it improves, seeks all anew, or proves; None when these have nothing left to do.
        Raises NoAllowedPlan."""
        with self._failing(region):
            return self._suggested(region, turn)

    def _suggested(self, region: RegionId, turn: int) -> Suggestion | None:
        kept = self._kept[region]
        self._kept.move_to_end(region)
        if kept.is_renewal_due:
            found = _renewed(kept.engine, turn)
            kept.touched = kept.touched if found else 0
        else:
            found = self._improved(kept, turn) if _is_to_improve(kept, turn) else _proven(kept)
        if not found and kept.fruitless >= FRUITLESS and kept.is_proven:
            return None
        return replace(found, reasons=_reasons(kept.engine, turn))

    def suggest_again(self, region: RegionId, again: Again) -> Suggestion:
        """What a turn found in this state."""
        kept, found = self._kept[region], Suggestion()
        if again.is_renewal:
            found = _renewed(kept.engine, again.turn) or found
        elif not again.proof_steps:
            found = kept.engine.suggest(again.turn) or found
        while kept.proof_steps < again.proof_steps:
            found = _proven(kept)
        return replace(found, reasons=_reasons(kept.engine, again.turn))

    def _taken(self, step: Step) -> tuple[Outcome, bool]:
        """What becomes of whom, and whether region or plan are others now."""
        kept, work = self._kept.get(step.region), step.work
        if isinstance(work, Suggestion):
            assert kept is not None, "a suggestion is about a region that is known"
            answer = kept.engine.adopt(work) if work.after else None
            kept.engine.prove(work.bound, work.unplaced_bound)
            return _outcome(kept.engine, answer, (), work.reasons), answer is not None
        if kept is None:
            assert work.whole is not None, "a region that was not there before is told as a whole"
            kept = self._keep(step.region, step.stamp, Engine(work.whole))
            answer = kept.engine.begin()
            if work.deals:
                answer = answer.then(kept.engine.apply(Change(deals=work.deals)))
        elif (
            kept.engine.lost_at_start and work.whole is None
        ):  # what holds is not allowed any more, by rules that are newer than the plan
            answer = kept.engine.apply(Change(deals=work.deals, whole=applied(kept.engine.region, work)))
        elif step.told is not None:
            kept.engine.apply(work, told=step.told)
            return Outcome(), True
        else:
            answer = kept.engine.apply(work)
        asked = {*work.students, *work.states} if work.whole is None else {*work.whole.students}
        asked |= {one for deal in work.deals for one in deal}
        return _outcome(kept.engine, answer, asked, ()), True

    def _improved(self, kept: _Kept, turn: int) -> Suggestion:
        found = kept.engine.suggest(turn)
        kept.fruitless = 0 if found else kept.fruitless + 1
        return found or Suggestion()

    def _keep(self, region: RegionId, stamp: int, engine: Engine) -> _Kept:
        engine.warm()
        kept = self._kept[region] = _Kept(engine, stamp)
        while len(self._kept) > limits.REGIONS_AT_HAND:
            self._forget(next(iter(self._kept)))
        gc.collect()
        gc.freeze()  # else one event in a few hundred waits for the collector to look through all tables
        return kept

    def _forget(self, region: RegionId) -> None:
        if self._kept.pop(region, None) is not None:
            gc.unfreeze()


def _is_to_improve(kept: _Kept, turn: int) -> bool:
    if kept.fruitless >= FRUITLESS:
        return False
    return kept.fruitless < PATIENCE or kept.is_proven or turn % (PROVES + 1) == 0


def _renewed(engine: Engine, turn: int) -> Suggestion:
    found = engine.renew(turn)
    return Suggestion() if found is None else replace(found, is_renewal=True)


def _touched(work: Change | Suggestion) -> int:
    if isinstance(work, Suggestion):
        return 0
    if work.whole is not None:
        return len(work.whole.students)
    return work.size


def _engine_of(held: Held) -> Engine:
    engine = Engine(held.region)
    engine.prove(held.bound, held.unplaced_bound)
    return engine


def _outcome(
    engine: Engine, answer: Answer | None, asked: Collection[StudentId], reasons: Sequence[Unplaced]
) -> Outcome:
    """What becomes of those who moved and of those who were asked about."""
    moved = () if answer is None else answer.moved
    concerned = {*asked, *(one.student for one in moved)}
    placed = {one: held for one in sorted(concerned) if (held := engine.placement(one)) is not None}
    told = {one.student: one for one in (*(() if answer is None else answer.unplaced), *reasons)}
    waiting = {*engine.without_place}
    unplaced = {one: why for one, why in told.items() if one in waiting}
    unplaced |= {one.student: one for one in engine.reasons((concerned & waiting) - told.keys())}
    causes = {one.student: MoveCause(one.cause) for one in moved if one.has_lost or one.cause in TOLD}
    return Outcome(placed, unplaced, causes)


def _reasons(engine: Engine, turn: int) -> list[Unplaced]:
    """The reasons of some who wait, others every turn: what others got or left may have changed them."""
    waiting = engine.without_place
    first = turn * REASONS % max(1, len(waiting))
    return engine.reasons(waiting[first : first + REASONS])


def _proven(kept: _Kept) -> Suggestion:
    """One step more of the course of a bound, which begins anew with every state."""
    if kept.course is None:
        kept.course = Course(build(kept.engine.region), BoundLimits(), Watch(lambda: False))
        kept.steps = kept.course.steps()
    assert kept.steps is not None
    known, course = kept.engine.certificate, kept.course
    kept.is_proven = known.bound >= known.value or next(kept.steps, course) is course
    kept.proof_steps += 1
    if course.bound > known.bound or course.unplaced > known.unplaced_bound:
        return Suggestion(bound=float(course.bound), unplaced_bound=course.unplaced, proof_steps=kept.proof_steps)
    return Suggestion()
