"""Invented regions: deterministic, allowed by construction, and scarce in what was asked."""

from collections import Counter
from pathlib import Path

import pytest

from services.matcher.adapters.solver.country.division import divide
from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import check
from services.matcher.domain.documents import region_from_document, region_to_document
from services.matcher.domain.inventing import Family, GivenSite, Wanted, invent, invent_country
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.rules import travel_limit
from services.matcher.domain.travel import travel_minutes
from services.matcher.domain.vocabulary import PlacementState, Sector, Tier

RUINED = {Family.INCREMENTAL}


@pytest.mark.parametrize("family", list(Family))
@pytest.mark.parametrize("students", [10, 120, 400])
def test_the_planted_plan_is_allowed_and_leaves_out_the_scarcity(family: Family, students: int) -> None:
    made = invent(Wanted(students, family, seed=4, scarcity=0.1))

    assert len(made.region.students) == students
    broken = {one.rule for one in check(made.region, made.planted)}
    assert broken <= ({"hours"} if family in RUINED else set())
    assert round(students * 0.7) <= len(made.planted.placements) <= round(students * 0.9)


@pytest.mark.parametrize("family", list(Family))
def test_the_same_wish_gives_the_same_region_and_the_file_reads_back(family: Family) -> None:
    made = invent(Wanted(150, family, seed=7))

    assert made == invent(Wanted(150, family, seed=7))
    assert made.region != invent(Wanted(150, family, seed=8)).region
    assert region_from_document(region_to_document(made.region)) == made.region


def _left(region: Region, plan: Plan, tier: Tier) -> int:
    """Hours that the plan leaves unused, its trainers' fixed hours left out of account."""
    used: Counter[str] = Counter()
    for one in plan.placements:
        for share in one.wpb:
            used[share.supervisor] += share.qh * len(one.periods)
    people = [one for one in region.supervisors.values() if one.tier is tier]
    return sum(sum(one.qh.values()) - used[one.id] for one in people)


def test_what_is_scarce_is_exactly_what_the_planted_plan_uses() -> None:
    hours, seats = (invent(Wanted(300, family)) for family in (Family.HOURS, Family.SEATS))

    assert _left(hours.region, hours.planted, Tier.WPB) == 0
    assert _left(seats.region, seats.planted, Tier.WPB) > 0
    offered = sum(sum(one.seats.values()) for one in seats.region.workplaces.values())
    assert offered == len(seats.planted.placements)


def test_one_hour_less_makes_the_planted_plan_of_trainers_impossible() -> None:
    made = invent(Wanted(300, Family.TRAINERS))
    document = region_to_document(made.region)
    trainer = next(one for one in document["supervisors"] if one["tier"] == "so" and one["qh"])
    period = next(iter(trainer["qh"]))
    trainer["qh"][period] -= 1

    assert [one.rule for one in check(region_from_document(document), made.planted)] == ["hours"]


def test_the_planted_plan_of_levers_uses_every_lever() -> None:
    made = invent(Wanted(400, Family.LEVERS))
    region, placements = made.region, made.planted.placements
    people = [region.supervisors[share.supervisor] for one in placements for share in one.wpb]

    assert {one.relief for one in placements} == {None, "peer", "senior"}
    assert any(one.duo_with for one in placements)
    assert any(len(one.wpb) > 1 for one in placements)
    assert any(one.kind != "teacher" for one in people)
    assert any(one.starter for one in people)
    off = region_to_document(region)
    for lever in ("lending", "core_shell", "related", "shifted", "shared_io"):
        off["settings"]["levers"][lever]["on"] = False
        assert check(region_from_document(off), made.planted), lever
        off["settings"]["levers"][lever]["on"] = True


def test_with_levers_nobody_is_out_of_reach_so_that_who_is_left_out_is_left_for_scarcity() -> None:
    made = invent(Wanted(1_000, Family.LEVERS))
    atlas = Atlas(made.region)

    assert len(made.planted.placements) == 990
    sites = [{one.id for _, one, _ in atlas.workplaces_for(student)} for student in made.region.students.values()]
    travel = made.region.settings.travel
    assert all(
        any(
            travel_minutes(travel, student, made.region.sites[one]) <= travel_limit(made.region.settings, student)
            for one in near
        )
        for student, near in zip(made.region.students.values(), sites, strict=True)
    )


def test_a_wave_of_absences_hits_a_plan_that_holds_in_all_three_states() -> None:
    made = invent(Wanted(400, Family.INCREMENTAL)).region

    assert {one.state for one in made.placements} == set(PlacementState)
    kept, lost = drop_invalid(made, Plan(made.id, made.today, made.placements))
    assert 0.02 < len(lost) / len(made.placements) < 0.3
    assert not check(made, kept)


def test_given_schools_are_used_and_nothing_else() -> None:
    given = tuple(
        GivenSite(f"{number}CD00", Sector.PO if number % 3 else Sector.VO, 53 + number / 900, 6.2)
        for number in range(10, 60)
    )

    made = invent(Wanted(80, sites=given)).region

    assert set(made.sites) <= {one.id for one in given}
    assert {one.sector for one in made.students.values()} == {Sector.PO, Sector.VO}


def test_scarcity_none_plants_everybody_who_has_a_place_in_reach() -> None:
    made = invent(Wanted(200, Family.SEATS, scarcity=0.0))

    assert len(made.planted.placements) >= 190


def test_the_module_that_invents_reads_no_files() -> None:
    folder = Path(__file__).resolve().parents[3] / "services" / "matcher" / "domain" / "inventing"
    assert not [one.name for one in folder.glob("*.py") if "open(" in one.read_text() or "Path(" in one.read_text()]


def test_a_country_has_regions_side_by_side_with_students_who_reach_beyond_their_border() -> None:
    made = invent_country(Wanted(600, Family.HOURS, 1, region="NL"), 4)
    assert made.region.id == "NL"
    assert {one.region for one in made.region.sites.values()} == {f"NL-R{number}" for number in range(1, 5)}
    assert len(made.region.students) == 600
    assert check(made.region, made.planted) == []
    division = divide(made.region)
    abroad = [one for one in made.region.students if division.abroad(one)]
    assert 0 < len(abroad) < 600


def test_the_same_wish_gives_the_same_country() -> None:
    wanted = Wanted(60, Family.LEVERS, 3)
    assert invent_country(wanted, 3) == invent_country(wanted, 3)
