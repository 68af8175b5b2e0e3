"""What scarce hours and seats of a region are worth, from the first linear program of the bound."""

from services.matcher.adapters.solver.board import Stop
from services.matcher.adapters.solver.bounds.course import Course
from services.matcher.adapters.solver.bounds.highs import Watch
from services.matcher.adapters.solver.bounds.limits import BoundLimits, Prices
from services.matcher.adapters.solver.bounds.rows import build
from services.matcher.domain.region import Region

USUAL_WORK = 5.0
"""Counted work, about seconds of one core, that the first program may take when nobody insists."""
ROUNDS = 1
MOST_STEPS = 4


class TooMuchWork(Exception):
    """The prices would take more work than was allowed; `work` says how much, in about seconds of one core."""

    def __init__(self, work: float) -> None:
        """Keep how much it would take."""
        self.work = work
        super().__init__(f"{work:.0f} s")


def prices(region: Region, most_work: float | None = USUAL_WORK, stop: Stop = lambda: False) -> Prices:
    """By how much one more quarter hour or seat lowers at most the bound of who is left out; same region, same prices.

    What it saves of the best plan is at most that and the gap, since students are whole and this program divides them.
    Raises TooMuchWork before it begins on more than `most_work`; None allows any. Empty when `stop` says so before the end.
    """
    watch = Watch(stop)
    course = Course(build(region), BoundLimits(rounds=ROUNDS), watch)
    if most_work is not None and course.expected_work > most_work:
        raise TooMuchWork(course.expected_work)

    def is_known() -> bool:
        return bool(course.prices.hours or course.prices.seats)

    watch.stop = lambda: stop() or is_known()
    for number, _ in enumerate(course.steps(), 1):
        if is_known() or stop() or number == MOST_STEPS:
            break
    return course.prices
