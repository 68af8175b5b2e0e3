"""Improves the whole region while nothing happens: annealing on all tables, then exact rounds over a few sites."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from services.matcher.adapters.solver.compiled.search import EjectionSearch, fixed_of
from services.matcher.adapters.solver.compiled.tables import Tables, pooled_tables_of
from services.matcher.adapters.solver.engine.ejecting import apply_to
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

HEATS = (0.02, 0.05, 0.1, 0.2, 0.01)
"""Where one turn after another begins, as parts of the price of an unplaced student; from hotter ones a good plan is lost."""
LENGTHS = (1, 1, 2, 1, 1, 2, 4)
"""How many times as long one turn after another anneals: what short turns cannot find takes a longer one, and which it takes nobody
knows beforehand (Luby, Sinclair and Zuckerman 1993). Seven of these with five heats, so that each heat comes at each length."""
COLD = 0.00005
PUT_OUT = 10**12
SIZES = (20, 30)
"""Students of the exact models."""
NEAR_TIME = 0.05
SLOWER_WITH_LEVERS = 3
"""A step of annealing takes so many times as long where levers pool hours."""
LEAST_ROUND = 0.01
"""What a round counts for at least."""


@dataclass(frozen=True, slots=True)
class Improvement:
    """How much one turn may do, about half a second of one core: deterministic time of exact models about those who wait, in
    one turn of `near_every`; steps of annealing, before `LENGTHS`; deterministic time of exact rounds over sites where levers
    share guidance.

    Measured from three plans after 60 events among 1,000 students, 60 to 66 without a place: turns of 500,000 steps place 5 to
    11 of them in 2 s, as many as turns of 2 million in 3.5 s; turns of 100,000 or of neighbourhoods of 150 to 400 students place
    fewer; exact models alone 6 of 11 in 5 s, with few moves.
    """

    near_time: float = 0.05
    near_every: int = 4
    steps: int = 500_000
    rounds_time: float = 0.2
    move: int = 30_000
    """What a move counts for while annealing, on top of its price: one student more is worth three of them. Measured over 200 events at
    five a second (`bench stream`, 1,000 students): with 10,000 333 students moved, with 30,000 about 140, and after a renewal of the whole
    plan as many are without a place."""


def improve_in_ledger(improvement: Improvement, turn: int, state: State) -> None:
    """One turn: the ledger holds a plan that is as good or better, or with put out students another one."""
    seed = state.region.settings.seed + turn
    if improvement.near_time and turn % improvement.near_every == 0:
        nearby(state, improvement.near_time, seed)
    if improvement.steps:
        apply_to(state.ledger, annealed(state, improvement, seed, turn))
    if improvement.rounds_time and shares_guidance(state.region.settings):
        rounded(state, improvement.rounds_time, seed)
    keep_trainers(state)


def annealed(state: State, improvement: Improvement, seed: int, turn: int) -> dict[StudentId, Placement | None]:
    """What differs in the best plan of one annealing from the present plan; in every other turn nobody is put out."""
    placed, heat = state.ledger.placed, HEATS[turn % len(HEATS)]
    put_out = PUT_OUT if turn % 2 == 0 else 0
    tables = pooled_tables_of(state.atlas)
    steps = improvement.steps * LENGTHS[turn % len(LENGTHS)]
    steps //= SLOWER_WITH_LEVERS if tables.pooling is not None else 1
    fixed = fixed_of(state.atlas, tables, Plan(state.region.id, state.region.today, tuple(placed.values())))
    tables = _with_moves(tables, placed, improvement.move, put_out)
    search = EjectionSearch(
        state.atlas,
        tables,
        Ledger(state.atlas, (placed[one] for one in sorted(fixed))),
        state.region.students.keys() - fixed,
        seed,
    )
    search.begin(placed[one] for one in sorted(placed) if one not in fixed)
    unplaced = state.region.settings.costs.unplaced
    search.run(steps, (0, steps), (heat * unplaced, COLD * unplaced))
    if search.best is None:
        return {}
    best = {one.student: one for one in search.placements()}
    return {one: best.get(one) for one in sorted({*best, *placed}) if best.get(one) != placed.get(one)}


def _with_moves(tables: Tables, placed: Mapping[StudentId, Placement], move: int, put_out: int) -> Tables:
    """The tables with what it counts for, on top of its price, to move, to get another guide, or to be put out."""
    stays = np.array([one in placed for one in tables.index.students], dtype=np.bool_)
    places, guides = tables.places, tables.guides
    of_guide = guides.cost.copy()
    for place in np.nonzero(places.kept & stays[places.student])[0]:
        student, pool = tables.index.students[places.student[place]], places.guides[place]
        rows = slice(guides.start[pool], guides.start[pool + 1])
        held = [tables.index.supervisor_at[share.supervisor] for share in placed[student].wpb]
        of_guide[rows] += move * ~np.isin(guides.supervisor[rows], held)
    return replace(
        tables,
        unplaced_cost=tables.unplaced_cost + put_out * stays,
        places=replace(places, cost=places.cost + move * (stays[places.student] & ~places.kept)),
        guides=replace(guides, cost=of_guide),
    )


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


def nearby(state: State, time: float, seed: int) -> None:
    """One exact model after another, each about somebody who waits and those who hold what they could use."""
    draw = random.Random(seed)
    waiting = [one for one in sorted(state.waiting) if len(state.blocks.of(one).rows)]
    draw.shuffle(waiting)
    groups, spent = groups_of(state.atlas), 0.0
    for student in waiting:
        if spent >= time:
            break
        if student in state.ledger.placed:
            continue
        size = draw.choice(SIZES)
        rivals = [one for one in waiting if one != student and one not in state.ledger.placed]
        rivals = rivals_of(state, student, rivals)[: size // 8]
        chosen = [student, *rivals]
        chosen += [one for one in state.roster.holders(chosen[:1], size) if one in state.ledger.placed][
            : size - len(chosen)
        ]
        before = {one: state.ledger.placed.get(one) for one in chosen}
        limits = SolveLimits(NEAR_TIME, draw.randrange(2**30))
        outcome = improve(state.ledger, places_for(state, chosen), groups, limits)
        spent += max(LEAST_ROUND, outcome.deterministic_time)
        if any(before[one] is not None and one not in state.ledger.placed for one in chosen):
            apply_to(state.ledger, before)


def rivals_of(state: State, student: StudentId, others: list[StudentId]) -> list[StudentId]:
    """Those who could use what this one could, most first."""
    mine = state.blocks.of(student).people
    common = {one: len(mine & state.blocks.of(one).people) for one in others}
    return sorted((one for one in others if common[one]), key=lambda one: (-common[one], one))


def rounded(state: State, time: float, seed: int) -> None:
    """Exact rounds on the ledger itself, with every lever."""
    places = places_for(state, sorted(state.region.students))
    limits = SolveLimits(1.0, seed)
    spent = 0.0
    for outcome in Rounds(state.ledger, places, groups_of(state.atlas), limits).run():
        spent += max(LEAST_ROUND, outcome.deterministic_time)
        if spent >= time:
            break
