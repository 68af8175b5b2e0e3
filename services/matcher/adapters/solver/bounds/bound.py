"""A lower bound on the cost of every allowed plan of a region, better as it goes on, and valid at every moment."""

from collections.abc import Iterator

from services.matcher.adapters.solver.board import Board, Stop, Turn
from services.matcher.adapters.solver.bounds.better import BestPlan
from services.matcher.adapters.solver.bounds.components import standing_of
from services.matcher.adapters.solver.bounds.course import Course
from services.matcher.adapters.solver.bounds.deciding import decided
from services.matcher.adapters.solver.bounds.highs import Watch
from services.matcher.adapters.solver.bounds.limits import BoundLimits, BoundResult, OnProgress
from services.matcher.adapters.solver.bounds.rows import build
from services.matcher.domain.region import Region

QUICKEST = 0.1


def bound(
    region: Region,
    incumbent_value: int,
    limits: BoundLimits = BoundLimits(),  # noqa: B008 - frozen
    on_progress: OnProgress = lambda _: None,
    stop: Stop = lambda: False,
) -> BoundResult:
    """The best bound within the limits, or until `stop` says so or the incumbent's value is reached.

    Every better one is told as it is found. The same region and limits give the same bound when nothing stops it.
    """
    course = Course(build(region), limits, Watch(stop))
    told = (0, 0)
    for _ in course.steps():
        if (course.bound, course.unplaced) != told:
            told = (course.bound, course.unplaced)
            on_progress(course.result(incumbent_value))
        if stop() or course.bound >= incumbent_value:
            break
    return course.result(incumbent_value)


class BoundTurns:
    """The course of a bound as a part of a solve: each turn one step, so one program solved."""

    def __init__(self, board: Board, limits: BoundLimits = BoundLimits()) -> None:  # noqa: B008 - frozen
        """Nothing is proven yet."""
        self._limits = limits
        self._watch = Watch(board.should_stop)
        self._course: Course | None = None
        self._steps: Iterator[None] = iter(())
        self._board, self._next_work = board, 0.0

    @property
    def next_work(self) -> float:
        """About what the last step took, or the next one says; where the least primary cost is known no long search comes."""
        return QUICKEST if self._board.is_primary_proven else self._next_work

    def take(self, board: Board, turn: Turn) -> float | None:  # noqa: ARG002 - a step is its own measure
        """Prove on the board what one more step proves, the first time who fits nowhere; None at the end of the course."""
        before = self._watch.work
        if self._course is None:
            model = build(board.region)
            best = BestPlan(
                lambda: board.primary,
                lambda: standing_of(model, board.best),
                lambda: _left_out(board),
                lambda: board.primary_bound,
            )
            self._course = Course(model, self._limits, self._watch, best)
            self._steps = self._course.steps()
            self._next_work, goes_on = self._course.expected_work, True
        else:
            self._course.expected_work = QUICKEST
            goes_on = next(self._steps, self._course) is None
            self._next_work = max(self._watch.work - before, self._course.expected_work)
            self._offer(board, self._course)
        board.prove(float(self._course.bound), self._course.unplaced, "bound")
        return self._watch.work - before if goes_on else None

    def _offer(self, board: Board, course: Course) -> None:
        """A solution in whole numbers as a plan."""
        if course.solution is not None and not board.should_stop():
            plan, work = decided(board, course.model, course.solution)
            self._watch.work += work
            if plan is not None:
                board.offer(plan, "bound")


def _left_out(board: Board) -> int:
    """How many the best plan leaves without a place."""
    return len(board.region.students) - len(board.best.placements)
