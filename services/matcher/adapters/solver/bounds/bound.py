"""A lower bound on the cost of every allowed plan of a region, better as it goes on, and valid at every moment."""

from collections.abc import Iterator

from services.matcher.adapters.solver.board import Board, Effort
from services.matcher.adapters.solver.bounds.course import Course
from services.matcher.adapters.solver.bounds.highs import Stop
from services.matcher.adapters.solver.bounds.limits import BoundLimits, BoundResult, OnProgress
from services.matcher.adapters.solver.bounds.rows import build
from services.matcher.domain.region import Region


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
    course = Course(build(region), limits, lambda: stop())
    told = (0, 0)
    for _ in course.steps():
        if (course.bound, course.unplaced) != told:
            told = (course.bound, course.unplaced)
            on_progress(course.result(incumbent_value))
        if stop() or course.bound >= incumbent_value:
            break
    return course.result(incumbent_value)


class HighsBounds:
    """Bounds for a portfolio, one step of the course each time it is called."""

    def __init__(self, limits: BoundLimits = BoundLimits()) -> None:  # noqa: B008 - frozen
        """Nothing is proven yet."""
        self._limits = limits
        self._region: Region | None = None
        self._steps: Iterator[None] = iter(())
        self._course: Course | None = None
        self._stop: Stop = lambda: False

    def bound(self, board: Board, effort: Effort) -> None:  # noqa: ARG002 - a step is its own measure
        """Prove on the board what one more step proves; nothing when the course is at its end."""
        self._stop = board.should_stop
        if self._region is not board.region:
            self._region = board.region
            self._course = Course(build(board.region), self._limits, lambda: self._stop())
            self._steps = self._course.steps()
        next(self._steps, None)
        if self._course is not None:
            board.prove(float(self._course.bound), self._course.unplaced, "bound")
