"""Students whom no rule ties to the others are searched anew beside them as they stand: that is a plan, never a bound."""

import numpy as np
import pytest

from services.matcher.adapters.solver.board import Board, Turn
from services.matcher.adapters.solver.bounds.better import BestPlan, Better
from services.matcher.adapters.solver.bounds.bound import BoundTurns
from services.matcher.adapters.solver.bounds.components import components, standing_of
from services.matcher.adapters.solver.bounds.highs import Effort, Watch
from services.matcher.adapters.solver.bounds.model import Model
from services.matcher.adapters.solver.bounds.program import EVERYTHING
from services.matcher.adapters.solver.bounds.rows import build
from services.matcher.adapters.solver.bounds.scarce import Scarce
from services.matcher.adapters.solver.bounds.visiting import visiting
from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region

PRIMARY = ("unplaced", "fairness", "promises")
FAMILIES = (Family.HOURS, Family.TRAINERS, Family.PERIODS, Family.INCREMENTAL)


def primary_of(region: Region, plan: Plan) -> int:
    parts = cost_parts(region, plan)
    return sum(parts[name] for name in PRIMARY)


def row_of_primary(model: Model) -> int:
    program = model.program
    unit = program.unit()
    return program.row([(column, cost // unit) for column, cost in enumerate(program.primary) if cost])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_plan_that_stands_costs_in_the_program_what_the_checker_says(family: Family) -> None:
    made = invent(Wanted(60, family, 2))
    model, plan = build(made.region), drop_invalid(made.region, made.planted)[0]
    scarce = Scarce(model, visiting(model))
    scarce.is_in[:] = True
    row, unit, standing = row_of_primary(model), model.program.unit(), standing_of(model, plan)
    best = BestPlan(lambda: primary_of(made.region, plan) + unit, lambda: standing)
    everybody = np.arange(len(standing), dtype=np.int64)
    found = Better(model, scarce, best, Watch(lambda: False)).search(row, EVERYTHING, Effort(50), everybody)
    assert found.solution is not None
    assert round(found.bound) * unit == primary_of(made.region, plan)


@pytest.mark.parametrize("family", FAMILIES)
def test_components_share_no_workplace_and_hold_everybody_once(family: Family) -> None:
    model = build(invent(Wanted(150, family, 1)).region)
    found, places = components(model), model.eased.tables.places
    assert len(found) > 1
    assert sorted(np.concatenate(found).tolist()) == list(range(model.first))
    at = [set(places.workplace[np.isin(places.student, one)].tolist()) for one in found]
    assert sum(len(one) for one in at) == len(set().union(*at))


def test_each_component_in_turn_leads_to_a_plan_that_reaches_the_bound() -> None:
    board = Board(invent(Wanted(150, Family.HOURS, 3)).region, lambda _: None, lambda: False)
    bounder, values = BoundTurns(board), list[int]()
    for number in range(60):
        if bounder.take(board, Turn(number, seed=1)) is None:
            break
        values.append(board.value)
        if board.bound >= primary_of(board.region, board.best):
            break
    steps = [one for one, other in zip(values[1:], values, strict=False) if one < other]
    assert len(steps) > 1  # one component after the other
    assert board.bound >= primary_of(board.region, board.best)
