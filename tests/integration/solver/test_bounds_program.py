"""What row prices prove, and cuts: exact whatever the prices, and valid for every mix that fits."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver.bounds.cuts import mix_of, separate
from services.matcher.adapters.solver.bounds.highs import Effort, Watch, branch, relax
from services.matcher.adapters.solver.bounds.model import Load
from services.matcher.adapters.solver.bounds.patterns import patterns_of
from services.matcher.adapters.solver.bounds.program import HEADS, Arrays, Program, proven
from services.matcher.domain.vocabulary import Tier

small = st.integers(-9, 9)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Three columns and two rows; the program may have no solution."""
    program = Program()
    for _ in range(3):
        program.column(draw(st.integers(0, 3)), primary=draw(small) * 10, secondary=draw(small), depth=HEADS)
    for _ in range(2):
        sides = sorted(draw(st.tuples(small, small)))
        kind = draw(st.integers(0, 2))
        program.row(
            [(column, draw(small)) for column in range(3)],
            at_least=-np.inf if kind == 0 else sides[0],
            at_most=np.inf if kind == 1 else sides[1],
        )
    return program


def least(arrays: Arrays) -> float:
    """The cheapest whole solution, by trying all; infinite when there is none."""
    best = np.inf
    for point in product(*(range(upper + 1) for upper in arrays.upper.tolist())):
        rows = [
            sum(
                int(arrays.values[entry]) * point[int(arrays.columns[entry])]
                for entry in range(arrays.starts[row], arrays.starts[row + 1])
            )
            for row in range(len(arrays.row_lower))
        ]
        if all(arrays.row_lower[row] <= value <= arrays.row_upper[row] for row, value in enumerate(rows)):
            best = min(
                best, sum(int(cost) * one for cost, one in zip(arrays.primary + arrays.secondary, point, strict=True))
            )
    return best


@given(programs(), st.tuples(*[st.floats(-(10**9), 10**9)] * 2))
def test_any_prices_prove_a_bound(program: Program, prices: tuple[float, float]) -> None:
    arrays = program.arrays()
    assert proven(arrays, arrays.primary + arrays.secondary, np.array(prices)) <= least(arrays)


@effort(deadline=None)
@given(programs())
def test_a_relaxation_proves_a_bound_and_branching_the_optimum(program: Program) -> None:
    arrays = program.arrays()
    cost, optimum = arrays.primary + arrays.secondary, least(arrays)
    relaxed = relax(arrays, cost, 200, Watch(lambda: False))
    assert proven(arrays, cost, relaxed.prices) <= optimum
    searched = branch(arrays, cost.astype(np.float64), HEADS, Effort(100), Watch(lambda: False))
    if np.isfinite(optimum):
        assert searched.is_optimal
        assert abs(searched.bound - optimum) < 1e-4
    else:
        assert searched.solution is None


def test_without_whole_columns_the_bound_is_the_least_of_the_relaxation() -> None:
    program = Program()
    program.row([(program.column(3, primary=-2), 2)], at_most=5)
    arrays = program.arrays()
    assert branch(arrays, arrays.primary.astype(np.float64), HEADS, Effort(10), Watch(lambda: False)).bound == -5


def test_sums_too_large_for_64_bits_are_exact_too() -> None:
    program = Program()
    columns = [program.column(10**9, primary=10**9) for _ in range(3)]
    program.row([(column, 10**9) for column in columns], at_least=10**15)
    arrays = program.arrays()
    assert proven(arrays, arrays.primary, np.array([1.0])) == 10**15
    assert proven(arrays, arrays.primary, np.array([2.0])) < 10**15


loads = st.builds(
    lambda sizes, hours, most, fixed, sites: Load(
        0,
        0,
        Tier.SO if fixed else Tier.WPB,
        hours,
        most,
        tuple((size, (number,), 4) for number, size in enumerate(sizes)),
        fixed,
        tuple(range(10, 10 + sites)) if fixed else (),
    ),
    st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True).map(sorted),
    st.integers(0, 25),
    st.one_of(st.none(), st.integers(0, 4)),
    st.sampled_from([0, 0, 2, 3]),
    st.integers(1, 3),
)


def mixes_that_fit(load: Load) -> list[list[int]]:
    """Every number per size, and of sites, that the hours and heads hold; at least one site where there are students."""
    openings = range(len(load.openings) + 1) if load.openings else (0,)
    return [
        [*numbers, *([sites] if load.openings else [])]
        for numbers in product(*(range(most + 1) for *_, most in load.counts))
        for sites in openings
        if sum(n * size for n, (size, *_) in zip(numbers, load.counts, strict=True)) + sites * load.fixed <= load.hours
        and (load.most is None or sum(numbers) <= load.most)
        and (sites or not load.openings or not any(numbers))
    ]


@given(loads)
def test_every_mix_that_fits_is_below_a_pattern_and_every_pattern_fits(load: Load) -> None:
    patterns = patterns_of(load)
    assert patterns is not None
    fitting = mixes_that_fit(load)
    assert all((patterns >= mix).all(axis=1).any() for mix in fitting)
    assert all(pattern in fitting for pattern in patterns.tolist())


@effort(deadline=None)
@given(loads, st.lists(st.floats(0, 4), min_size=13, max_size=13))
def test_a_cut_holds_for_every_mix_and_cuts_the_solution_off(load: Load, values: list[float]) -> None:
    mixed = mix_of(load)
    solution = np.array(values)
    for cut in separate([mixed] if mixed else [], solution):
        assert sum(value * solution[column] for column, value in cut.entries) > cut.side
        for mix in mixes_that_fit(load):
            columns = dict(enumerate(mix[: len(load.counts)]))
            for spread in (load.openings[: mix[-1]],) if load.openings else ((),):
                point = columns | dict.fromkeys(spread, 1)
                assert sum(value * point.get(column, 0) for column, value in cut.entries) <= cut.side
