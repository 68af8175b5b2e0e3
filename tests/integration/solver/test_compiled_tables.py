"""The arrays say the same as the domain's options, for every lever that one option can use."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver.compiled.guides import NOT_ASKED
from services.matcher.adapters.solver.compiled.reach import minutes_between
from services.matcher.adapters.solver.compiled.tables import Tables, placement_at, pool, tables_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.options import Place, options_of, places_of
from services.matcher.domain.region import Region
from services.matcher.domain.travel import travel_minutes
from tests.support.regions import invented_region, region, site, student
from tests.support.wild_regions import wild_region


def rows_of(tables: Tables, number: int) -> list[object]:
    """What the arrays say of one student's places, in words."""
    index, places = tables.index, tables.places
    found: list[object] = []
    for row in range(places.start[number], places.start[number + 1]):
        guides = range(tables.guides.start[places.guides[row]], tables.guides.start[places.guides[row] + 1])
        people = {
            (index.supervisors[tables.guides.supervisor[one]], tables.guides.taken[one], tables.guides.cost[one])
            for one in guides
        }
        assert len(people) == len(guides)
        trainers = [
            {None} if which == NOT_ASKED else {index.supervisors[one] for one in pool(pools, which)}
            for pools, which in ((tables.sos, places.sos[row]), (tables.ios, places.ios[row]))
        ]
        where = (index.workplaces[places.workplace[row]], index.sites[places.site[row]])
        periods = {index.periods[one] for one in index.sets[places.set[row]]}
        numbers = (places.set_index[row], places.minutes[row], places.cost[row])
        found.append((where, periods, numbers, people, trainers))
    return found


def words_of(place: Place) -> object:
    people = {(one.supervisor, one.taken_qh, one.cost) for one in place.guides}
    numbers = (place.set_index, place.minutes, place.cost)
    return ((place.workplace, place.site), {*place.periods}, numbers, people, [{*place.sos}, {*place.ios}])


def assert_same(facts: Region) -> None:
    atlas = Atlas(facts)
    tables = tables_of(atlas)
    for number, name in enumerate(tables.index.students):
        rows, words = rows_of(tables, number), [words_of(one) for one in places_of(atlas, facts.students[name])]
        assert len(rows) == len(words)
        assert all(one in words for one in rows)
        costs = tables.places.cost[tables.places.start[number] : tables.places.start[number + 1]]
        assert (np.diff(costs) >= 0).all()


@effort(max_examples=150, deadline=None)
@given(st.integers(0, 10**6))
def test_the_arrays_say_what_the_options_say(seed: int) -> None:
    assert_same(wild_region(seed))


@effort(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.5, 2))
def test_the_arrays_say_what_the_options_say_in_larger_regions(seed: int, scarcity: float) -> None:
    assert_same(invented_region(seed, 60, 12, scarcity))


@effort(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_every_row_is_the_placement_of_its_option(seed: int) -> None:
    atlas = Atlas(wild_region(seed))
    tables = tables_of(atlas)
    made = []
    for row in range(len(tables.places.student)):
        ios = [-1] if tables.places.ios[row] < 0 else pool(tables.ios, tables.places.ios[row])
        sos = [-1] if tables.places.sos[row] < 0 else pool(tables.sos, tables.places.sos[row])
        guides = pool(tables.guides, tables.places.guides[row])
        people = [(int(guide), int(so), int(io)) for guide in guides for so in sos for io in ios]
        made += [placement_at(atlas, tables, row, one) for one in people]
    ours = {one.placement() for name in tables.index.students for one in options_of(atlas, atlas.region.students[name])}
    assert len(made) == len(ours)
    assert {*made} == ours


def test_the_order_of_the_input_does_not_matter() -> None:
    facts = wild_region(11, students=20, sites=6)
    backwards = replace(
        facts,
        sites=dict(reversed(list(facts.sites.items()))),
        workplaces=dict(reversed(list(facts.workplaces.items()))),
        supervisors=dict(reversed(list(facts.supervisors.items()))),
        students=dict(reversed(list(facts.students.items()))),
    )
    one, other = tables_of(Atlas(facts)), tables_of(Atlas(backwards))
    assert one.index.students == other.index.students
    assert all(
        (getattr(one.places, name) == getattr(other.places, name)).all() for name in ("student", "workplace", "cost")
    )
    assert (one.guides.supervisor == other.guides.supervisor).all()


def test_minutes_are_exact_where_they_are_nearly_whole() -> None:
    facts = region()
    people = [student(lat=52.1 + step / 1000, lon=5.1) for step in range(300)]
    people += [replace(site(), lat=52.1 + 10 * step / (1.6 * 111.19492664455873)) for step in range(20)]  # type: ignore[misc]
    minutes = minutes_between(facts.settings.travel, people, [site()])
    assert [int(one) for one in minutes[:, 0]] == [travel_minutes(facts.settings.travel, one, site()) for one in people]


def test_a_region_without_students_has_empty_arrays() -> None:
    tables = tables_of(Atlas(replace(region(), students={})))
    assert len(tables.places.student) == 0
    assert len(tables.index.students) == 0
