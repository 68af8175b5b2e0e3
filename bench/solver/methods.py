"""Ways to a plan: our own solver, and what a user would pick instead."""

from collections.abc import Callable
from math import inf

from bench.solver.trace import Clock, Sample, Tell
from bench.solver.whole_model import solve_whole
from services.matcher.adapters.solver.greedy import cheapest_fit, complete
from services.matcher.adapters.solver.greedy_levers import complete_with_levers
from services.matcher.adapters.solver.portfolio import AnytimeLimits, Progress, solve_anytime
from services.matcher.adapters.solver.repair import drop_invalid, with_states
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region

Method = Callable[[Region, Clock, Tell], Plan]
OURS, BY_DATE, BY_SCARCITY, CP_SAT = "leerplek", "greedy by date", "greedy by scarcity", "CP-SAT, whole model"


def leerplek(region: Region, clock: Clock, tell: Tell) -> Plan:
    """What `leerplek solve --threads 1` does."""

    def told(one: Progress) -> None:
        tell(Sample(clock.seconds, one.value, one.unplaced, one.bound, one.unplaced_bound))

    limits = AnytimeLimits(time_s=inf, seed=region.settings.seed)
    return solve_anytime(region, limits, told, clock.is_over)


def by_date(region: Region, clock: Clock, tell: Tell) -> Plan:
    """Whoever registered first gets the cheapest place that is left.

    Region files carry no moment of registration: the order in the file stands for it.
    """
    ledger = _held(region)
    openings = Openings(ledger.atlas)
    for name, student in region.students.items():
        if name not in ledger.placed:
            option = cheapest_fit(ledger, openings.of(student))
            if option is not None:
                ledger.add(option.placement())
    return _told(region, ledger, clock, tell)


def by_scarcity(region: Region, clock: Clock, tell: Tell) -> Plan:
    """Whoever has fewest ways to be placed gets the cheapest place that is left, with the levers that are on."""
    ledger = _held(region)
    openings = Openings(ledger.atlas)
    places = {name: openings.of(student) for name, student in region.students.items()}
    complete(ledger, places)
    complete_with_levers(ledger, places)
    return _told(region, ledger, clock, tell)


METHODS: dict[str, Method] = {OURS: leerplek, BY_DATE: by_date, BY_SCARCITY: by_scarcity, CP_SAT: solve_whole}


def _held(region: Region) -> Ledger:
    """What holds today, as far as that is still allowed."""
    held = drop_invalid(region, Plan(region.id, region.today, region.placements))[0]
    return Ledger(Atlas(region), held.placements)


def _told(region: Region, ledger: Ledger, clock: Clock, tell: Tell) -> Plan:
    seconds = clock.seconds
    placed = with_states(ledger.atlas, (ledger.placed[one] for one in sorted(ledger.placed)))
    plan = Plan(region.id, region.today, tuple(placed))
    assert not check(region, plan)
    value = sum(cost_parts(region, plan).values())
    tell(Sample(seconds, value, len(region.students) - len(placed)))
    return plan
