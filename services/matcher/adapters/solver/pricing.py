"""What scarce hours and seats of a region are worth, from the first linear program of the bound."""

from services.matcher.adapters.solver.board import Stop
from services.matcher.adapters.solver.bounds.course import USUAL_ITERATIONS, Course
from services.matcher.adapters.solver.bounds.highs import IPM_WORK, Watch
from services.matcher.adapters.solver.bounds.limits import BoundLimits, Prices
from services.matcher.adapters.solver.bounds.rows import build
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.openings import Openings
from services.matcher.domain.ordering import tie_break
from services.matcher.domain.region import Region

USUAL_WORK = 5.0
"""Counted work, about seconds of one core, that the first program may take when nobody insists."""
SAMPLE = 100
"""So many students tell about how large the program of the region is; nothing else is decided by them."""
ENTRIES = 2
"""Entries in the program for each person who could guide or train at a place (measured: 1.2 to 2.5)."""
CERTAINLY = 2
"""So many times what is allowed, by that guess, and the program is not made at all: of 60,000 students it takes minutes."""
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
    if most_work is not None and _guessed_work(region) > CERTAINLY * most_work:
        raise TooMuchWork(_guessed_work(region))
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


def _guessed_work(region: Region) -> float:
    """About how much the first program takes, from a few students who are drawn by hash."""
    seed, openings = region.settings.seed, Openings(Atlas(region))
    drawn = sorted(region.students, key=lambda one: tie_break(seed, one))[:SAMPLE]
    places = [place for one in drawn for place in openings.of(region.students[one])]
    people = sum(
        len(place.periods) * (len(place.guides) + len(place.members) + len(place.sos) + len(place.ios))
        for place in places
    )
    return people * len(region.students) / max(1, len(drawn)) * ENTRIES * USUAL_ITERATIONS * IPM_WORK
