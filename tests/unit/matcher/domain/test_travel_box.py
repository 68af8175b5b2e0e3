"""Nothing that is in reach lies outside the box that is looked in."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.settings import Travel
from services.matcher.domain.travel import travel_minutes, within
from tests.support.regions import invented_region, site

LATS, LONS = st.floats(-90, 90), st.floats(-180, 180)
MINUTES = st.decimals(0, 60, places=2)


@given(MINUTES, st.decimals(0, 5, places=2), st.integers(0, 400), LATS, LONS, st.floats(-3, 3), st.floats(-9, 9))
def test_whatever_is_in_reach_lies_within_the_box(
    base: Decimal, per_km: Decimal, limit: int, lat: float, lon: float, north: float, east: float
) -> None:
    travel = Travel(base_min=base, per_km_min=per_km, limit_min=limit)
    here = site(1, lat=lat, lon=lon)
    there = site(2, lat=max(-90.0, min(90.0, lat + north)), lon=(lon + east + 180) % 360 - 180)
    box = within(travel, here, limit)
    if travel_minutes(travel, here, there) <= limit:
        assert box.south <= there.lat <= box.north
        assert box.has_lon(there.lon)


@given(st.integers(0, 10**6), st.integers(0, 120))
def test_the_workplaces_near_a_student_are_all_that_are_in_reach(seed: int, limit: int) -> None:
    made = invented_region(seed, students=4, sites=6)
    travel = replace(made.settings.travel, limit_min=limit)
    made = replace(made, settings=replace(made.settings, travel=travel))
    atlas = Atlas(made)
    for one in made.students.values():
        everywhere = [found for found in atlas.workplaces_for(one) if travel_minutes(travel, one, found[1]) <= limit]
        near = [found for found in atlas.workplaces_near(one) if travel_minutes(travel, one, found[1]) <= limit]
        assert sorted(near, key=lambda found: found[0].id) == sorted(everywhere, key=lambda found: found[0].id)
