"""Searches a whole region: one exact model when it is small, else one round after another, then the bound."""

from dataclasses import dataclass, replace

from services.matcher.adapters.solver.greedy import Places
from services.matcher.adapters.solver.rounds import Rounds
from services.matcher.adapters.solver.submodel import Outcome, improve
from services.matcher.adapters.solver.valuation import Group
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.levers import shares_guidance
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.settings import Settings

ONE_MODEL = 60
"""Up to so many free students CP-SAT takes them in one model (measured: 4-500 ms)."""
ONE_MODEL_SIZE = 6_000
"""Variables above which a model of few students is still too large to begin with, as can be with every lever on."""
LEAST_PER_ROUND = 0.02
"""What a round counts for at least, since building it takes time too."""
LARGEST_WHOLE_MODEL = 40_000
"""Variables above which a model of all students at once yields neither plan nor bound in any useful time."""
VARIABLES_PER_TIME = 10_000
SHARE_FOR_BOUND = 0.3
RELIEFS = 3
"""With levers a guide is one variable for each relief, and a member two."""


@dataclass(slots=True)
class Budget:
    """Deterministic time that is left."""

    left: float

    def spend(self, outcome: Outcome) -> None:
        """Take off what a round cost."""
        self.left -= max(LEAST_PER_ROUND, outcome.deterministic_time)


def search(ledger: Ledger, places: Places, groups: list[Group], limits: SolveLimits) -> Outcome:
    """Improve the booked plan for these students within the limits; the last outcome carries the bound."""
    size = model_size(ledger.atlas.region.settings, places)
    if len(places) <= ONE_MODEL and size <= ONE_MODEL_SIZE:
        return improve(ledger, places, groups, limits)
    budget = Budget(limits.deterministic_time * (1 - SHARE_FOR_BOUND))
    if budget.left > 0:
        for outcome in Rounds(ledger, places, groups, limits).run():
            budget.spend(outcome)
            if budget.left <= 0:
                break
    left = budget.left + limits.deterministic_time * SHARE_FOR_BOUND
    if size > LARGEST_WHOLE_MODEL or left <= _least_time(ledger, size):
        return Outcome(None, 0, False, 0.0)
    return improve(ledger, places, groups, replace(limits, deterministic_time=left))


def _least_time(ledger: Ledger, size: int) -> float:
    """What a model of everybody takes at least before it says anything; with every lever on that is much."""
    return size / VARIABLES_PER_TIME if shares_guidance(ledger.atlas.region.settings) else 0.0


def model_size(settings: Settings, places: Places) -> int:
    """About how many variables a model of these students has."""
    if not shares_guidance(settings):
        return sum(len(place.guides) for found in places.values() for place in found)
    return sum(RELIEFS * len(place.guides) + 2 * len(place.members) for found in places.values() for place in found)
