"""Improves the whole region while nothing happens: annealing from hot on all tables, exact rounds over a few sites, and whatever
that brings with as few moves as it takes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.matcher.adapters.solver.compiled.search import COLD, HOT, EjectionSearch, fixed_of
from services.matcher.adapters.solver.compiled.tables import Tables, pooled_tables_of
from services.matcher.adapters.solver.engine.dearer import SEEKING, SETTLING, with_dearer_moves
from services.matcher.adapters.solver.engine.ejecting import apply_to, differing
from services.matcher.adapters.solver.engine.state import State, places_for
from services.matcher.adapters.solver.matching import way_for
from services.matcher.adapters.solver.rounds import Rounds
from services.matcher.adapters.solver.submodel import improve
from services.matcher.adapters.solver.valuation import groups_of
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.levers import shares_guidance
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Placement, Plan

QUICK, LEAST = 20_000, 50_000
"""Steps of a first annealing that only has to be quick, and of the second in a small region."""
SLOWER_WITH_LEVERS = 3
"""A step of annealing takes so many times as long where levers pool hours."""
LEAST_ROUND, LEAST_ROUNDS = 0.01, 0.05
"""What a round counts for at least, and all of them in a small region."""
FEWER_MOVES_TIME = 0.2
"""Deterministic time of the exact model that takes moves back."""
MOST_SETTLED, MOST_WITH_LEVERS = 400, 50
"""Students up to whom that is worth making the model: about a second (with levers 899 took more than a minute). More than these
differ only where a plan was made in haste."""


@dataclass(frozen=True, slots=True)
class Improvement:
    """How much one turn may do for each student, about a second of one core for 1,000: steps of annealing, and deterministic time of
    exact rounds over sites."""

    steps: int = 500
    rounds_time: float = 0.0003


def improve_in_ledger(improvement: Improvement, turn: int, state: State) -> None:
    """One turn: the ledger holds a plan that is as good or better by dearer moves than those of the region."""
    seed, was = state.region.settings.seed + turn, {**state.ledger.placed}
    tables = pooled_tables_of(with_dearer_moves(state.atlas, SEEKING))
    students = len(state.region.students)
    for steps in (QUICK, max(LEAST, improvement.steps * students)):
        apply_to(state.ledger, annealed(state, tables, steps, seed))
    if improvement.rounds_time:
        rounded(state, max(LEAST_ROUNDS, improvement.rounds_time * students), seed)
    settle(state, was, seed)


def annealed(state: State, tables: Tables, steps: int, seed: int) -> dict[StudentId, Placement | None]:
    """What differs in the best plan of one annealing from what is booked."""
    placed = state.ledger.placed
    steps //= SLOWER_WITH_LEVERS if tables.pooling is not None else 1
    fixed = fixed_of(state.atlas, tables, Plan(state.region.id, state.region.today, tuple(placed.values())))
    search = EjectionSearch(
        state.atlas,
        tables,
        Ledger(state.atlas, (placed[one] for one in sorted(fixed))),
        state.region.students.keys() - fixed,
        seed,
    )
    search.begin(placed[one] for one in sorted(placed) if one not in fixed)
    unplaced = state.region.settings.costs.unplaced
    search.run(steps, (0, steps), (HOT * unplaced, COLD * unplaced))
    if search.best is None:
        return {}
    return differing(placed, {one.student: one for one in search.placements()})


def rounded(state: State, time: float, seed: int) -> None:
    """Exact rounds on the ledger itself, with every lever."""
    places = places_for(state, sorted(state.region.students), dearer_moves=SEEKING)
    spent = 0.0
    for outcome in Rounds(state.ledger, places, groups_of(state.atlas), SolveLimits(1.0, seed)).run():
        spent += max(LEAST_ROUND, outcome.deterministic_time)
        if spent >= time:
            break


def settle(state: State, was: Mapping[StudentId, Placement], seed: int) -> None:
    """Whoever was moved is left where they were as far as the better plan does not need it: what a search finds moves many
    more (measured: 80 for 7 students more with a place, 19 for 9)."""
    others = differing(was, state.ledger.placed)
    if 0 < len(others) <= (MOST_WITH_LEVERS if shares_guidance(state.region.settings) else MOST_SETTLED):
        places = places_for(state, others, dearer_moves=SETTLING)
        improve(state.ledger, places, groups_of(state.atlas), SolveLimits(FEWER_MOVES_TIME, seed))
    keep_trainers(state)


def keep_trainers(state: State) -> None:
    """Who stays at a site keeps the trainers there as far as they have room: it costs nothing, and nobody hears of a change."""
    ledger = state.ledger
    for one in sorted(state.held.keys() & ledger.placed.keys()):
        was, now = state.held[one], ledger.placed[one]
        wanted = replace(now, so=was.so, io=was.io)
        if wanted == now or ledger.site_of[one] != state.bench.cases[one].site.id:
            continue
        ledger.remove(one)
        way = way_for(state.atlas, wanted)
        ledger.add(wanted if way is not None and way.fits(ledger) else now)
