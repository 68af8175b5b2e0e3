"""Searches a whole region: one exact model when it is small, else one neighbourhood after another, then the bound."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.matcher.adapters.solver.greedy import Places
from services.matcher.adapters.solver.neighbourhood import Holders
from services.matcher.adapters.solver.submodel import Outcome, improve
from services.matcher.adapters.solver.valuation import Group
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.options import Place, tie_break

ONE_MODEL = 60
"""Up to so many free students CP-SAT takes them in one model (measured: 4-500 ms)."""
AT_ONCE = 24
PER_ROUND = 0.05
"""Many short rounds beat few long ones (measured on 300 students: 0.05 s against 0.4 s leaves 20 instead of 22 out)."""
LEAST_PER_ROUND = 0.02
"""What a round counts for at least, since building it takes time too."""
LARGEST_WHOLE_MODEL = 40_000
"""Columns above which a model of all students at once yields neither plan nor bound in any useful time."""
SHARE_FOR_BOUND = 0.3


@dataclass(slots=True)
class Budget:
    """Deterministic time that is left."""

    left: float

    def spend(self, outcome: Outcome) -> None:
        """Take off what a round cost."""
        self.left -= max(LEAST_PER_ROUND, outcome.deterministic_time)


def search(ledger: Ledger, places: Places, groups: list[Group], limits: SolveLimits) -> Outcome:
    """Improve the booked plan for these students within the limits; the last outcome carries the bound."""
    if len(places) <= ONE_MODEL:
        return improve(ledger, places, groups, limits)
    budget = Budget(limits.deterministic_time * (1 - SHARE_FOR_BOUND))
    _rounds(ledger, places, groups, (budget, limits))
    left = budget.left + limits.deterministic_time * SHARE_FOR_BOUND
    columns = sum(len(place.guides) for found in places.values() for place in found)
    if columns > LARGEST_WHOLE_MODEL or left <= 0:
        return Outcome(None, 0, False, 0.0)
    return improve(ledger, places, groups, replace(limits, deterministic_time=left))


def _rounds(ledger: Ledger, places: Places, groups: list[Group], effort: tuple[Budget, SolveLimits]) -> None:
    """Round after round, until the time is spent or a whole pass over everybody brings nothing."""
    budget, limits = effort
    draw = random.Random(limits.seed)
    idle = 0
    for seed_student in _seeds(ledger, places, draw):
        if budget.left <= 0 or idle > len(places):
            return
        chosen = _round_about(ledger, places, seed_student, draw)
        outcome = improve(ledger, chosen, groups, replace(limits, deterministic_time=min(PER_ROUND, budget.left)))
        budget.spend(outcome)
        idle = 0 if outcome.placements is not None else idle + 1


def _seeds(ledger: Ledger, places: Places, draw: random.Random) -> Iterator[StudentId]:
    """Pass after pass: everybody without a place who could have one, and as many others."""
    if not places:
        return
    while True:
        waiting = [one for one in sorted(places) if one not in ledger.placed and places[one]]
        others = [one for one in sorted(places) if one in ledger.placed]
        passing = waiting + draw.sample(others, min(len(others), max(8, len(waiting))))
        draw.shuffle(passing)
        yield from passing
        if not passing:
            return


def _round_about(
    ledger: Ledger, places: Places, student: StudentId, draw: random.Random
) -> dict[StudentId, Sequence[Place]]:
    """The student, others who wait for the same, and those who hold it, partly by chance so that rounds differ."""
    chosen = {student: places[student]}
    rivals = [one for one in Holders(ledger).competitors(chosen) if one in places]
    sites = {place.site for place in places[student]}
    waiting = [one for one in places if one not in ledger.placed and sites & {place.site for place in places[one]}]
    waiting.sort(key=lambda one: tie_break(draw.randrange(2**32), one))
    for one in waiting[: AT_ONCE // 4]:
        chosen.setdefault(one, places[one])
    near = rivals[: AT_ONCE // 2]
    far = rivals[AT_ONCE // 2 :]
    for one in near + draw.sample(far, min(len(far), AT_ONCE)):
        if len(chosen) < AT_ONCE:
            chosen.setdefault(one, places[one])
    return chosen
