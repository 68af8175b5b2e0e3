"""Region and plan files: every problem at once, and nothing lost in writing and reading."""

import copy
import json
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.matcher.domain.documents import (
    RegionProblems,
    plan_from_document,
    plan_to_document,
    region_from_document,
    region_to_document,
    site_from_document,
    student_from_document,
)
from services.matcher.domain.plan import Certificate, Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.domain.vocabulary import SiteRole
from tests.support.regions import placement, plan, region, site, student, supervisor, workplace
from tests.support.small_regions import REGIONS


def document() -> dict[str, Any]:
    return copy.deepcopy(region_to_document(region()))


def problems_of(given: object) -> dict[str, str]:
    with pytest.raises(RegionProblems) as caught:
        region_from_document(given)
    return {problem.path: problem.expected for problem in caught.value.problems}


def test_a_region_survives_writing_and_reading() -> None:
    full = region(
        [
            site(1, role="shell", core="01AA02", min_students=2),
            site(2),
            workplace(phases=["wpl1"]),
            supervisor("v1", absences=[{"start": "2026-10-01"}], departs="2026-12-01", days=["mon"], max_students=2),
            supervisor("t1"),
            supervisor("i1"),
            student(needs={"wpb": 8, "so": 2, "io": 1}, only_sites=["01AA01"], together=["s2"], max_travel_min=30),
            student(2, apart=["s1"], duo=True),
            placement(),
        ]
    )
    assert region_from_document(json.loads(json.dumps(region_to_document(full)))) == full


def test_a_plan_survives_writing_and_reading() -> None:
    made = plan(region(), placement())
    made = type(made)(
        made.region,
        made.today,
        made.placements,
        (Unplaced(student(2).id, Reason.SEATS_TAKEN, {"places": 3}),),
        Certificate(10, 9.5, 0.05, 1, {"travel": 10}),
    )
    assert plan_from_document(json.loads(json.dumps(plan_to_document(made)))) == made


@pytest.mark.parametrize("path", sorted(REGIONS.glob("*.json")), ids=lambda path: path.stem)
def test_the_small_regions_survive_writing_and_reading(path: Path) -> None:
    read = region_from_document(json.loads(path.read_text()))
    assert region_from_document(region_to_document(read)) == read


def test_what_is_left_out_has_the_default_of_the_page() -> None:
    read = site_from_document({"id": "01AA01", "sector": "po", "lat": 52, "lon": 5})
    assert (read.role, read.core, read.min_students, read.max_support) == (SiteRole.CORE, None, 0, 3)
    assert (student().only_sites, student().together, student().apart) == ((), (), ())
    assert supervisor().max_students is None


def test_decimals_count_as_they_were_written() -> None:
    given = document()
    given["settings"]["fairness"]["steps"] = [[0.56, 0], [1.0, 5]]
    assert region_from_document(given).settings.fairness.steps[0].upto == Decimal("0.56")


def test_all_problems_of_a_file_are_told_at_once() -> None:
    given = document()
    given["colour"] = "blue"
    given["students"][0]["lat"] = "north"
    given["supervisors"][0]["sites"] = ["99ZZ99"]
    del given["workplaces"][0]["subject"]
    given["settings"]["costs"]["load"] = [5, 0]
    found = problems_of(given)
    assert {"colour", "students[0].lat", "supervisors[0].sites", "workplaces[0].subject"} <= found.keys()
    assert found["settings.costs.load"] == "prices that never fall"


@pytest.mark.parametrize(
    ("where", "value", "path"),
    [
        (("students", 0, "support"), 4, "students[0].support"),
        (("students", 0, "support"), True, "students[0].support"),
        (("students", 0, "period_sets"), [["2030-S9"]], "students[0].period_sets[0]"),
        (("students", 0, "period_sets"), [["2026-S1", "2026-S1"]], "students[0].period_sets[0]"),
        (("students", 0, "together"), ["s1"], "students[0].together"),
        (("students", 0, "lon"), float("nan"), "students[0].lon"),
        (("students", 0, "days"), ["monday"], "students[0].days[0]"),
        (("sites", 0, "role"), "shell", "sites[0]"),
        (("workplaces", 0, "seats"), {"2026-S1": -1}, "workplaces[0].seats.2026-S1"),
        (("workplaces", 0, "seats"), {"2030-S9": 1}, "workplaces[0].seats"),
        (("supervisors", 0, "tier"), "boss", "supervisors[0].tier"),
        (("supervisors", 0, "departs"), "1 mei", "supervisors[0].departs"),
        (("periods", 0, "end"), "2020-01-01", "periods[0]"),
        (("settings", "fairness", "steps"), [[0.5, 10], [1.0, 5]], "settings.fairness.steps"),
        (("settings", "norms"), [], "settings.norms"),
        (("settings", "travel"), {"base_min": None}, "settings.travel.base_min"),
        (("placements",), [{"student": "s9", "periods": ["2026-S1"], "workplace": "w1"}], "placements[0].student"),
        (("format",), "leerplek/region/2", "format"),
        (("sites",), None, "sites"),
    ],
)
def test_a_wrong_field_is_told_with_its_path(where: tuple[Any, ...], value: object, path: str) -> None:
    given: Any = document()
    target = given
    for step in where[:-1]:
        target = target[step]
    target[where[-1]] = value
    assert path in problems_of(given)


def test_an_id_is_used_once() -> None:
    given = document()
    given["sites"] *= 2
    assert problems_of(given) == {"sites[1]": "an id that is used once"}


def test_a_student_without_a_norm_is_refused() -> None:
    given = document()
    given["settings"]["norms"] = [{"route": "deeltijd", "support": 1, "wpb": 1, "so": 1, "io": 1}]
    assert problems_of(given) == {"students[0]": "a norm for route voltijd, phase wpl1, support 1"}


@pytest.mark.parametrize("given", [None, [], "region", 3, {}])
def test_something_else_than_a_region_is_told_so(given: object) -> None:
    assert problems_of(given)


def test_a_plan_for_another_region_or_day_is_refused() -> None:
    given = plan_to_document(plan(region(), placement(2, by="v9")))
    given |= {"region": "NL-R99", "today": "2026-06-02"}
    with pytest.raises(RegionProblems) as caught:
        plan_from_document(given, region())
    paths = {problem.path for problem in caught.value.problems}
    assert paths == {"region", "today", "placements[0].student", "placements[0].wpb"}


def test_problems_travel_between_processes() -> None:
    with pytest.raises(RegionProblems) as caught:
        student_from_document({"id": 3})
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


def planted() -> dict[str, Any]:
    """A file with everything wrong that the page names, and what is right between it."""
    given = document()
    given |= {"today": "2026-02-30", "colour": "blue"}
    given["periods"] += [{"id": "2026-S1", "start": "2026-08-31", "end": "2027-01-29"}]
    settings, (here,) = given["settings"], given["sites"]
    settings["travel"]["limit_min"] = -1
    settings["related"] = [{"student": "frans", "place": 3}]
    settings["fairness"] |= {"groups": ["shoe-size"], "min_size": 0, "steps": [[0.5, 10], [0.4, 20]]}
    settings["costs"] |= {"travel": [[30, 0], [20, 1]], "unplaced": 1.5, "load": [5, 4]}
    settings["levers"]["duo"]["factor"] = 1.01
    given["sites"] = [here, dict(here), {**here, "id": "01AA02", "core": "99ZZ99", "max_support": 4}]
    (place,) = given["workplaces"]
    given["workplaces"] = [place, {**place, "id": "w2", "site": "99ZZ99", "seats": {"2030-S9": 1}, "phases": "lio"}]
    guide = given["supervisors"][0]
    guide |= {"kind": "robot", "max_students": -1, "days": ["mon", "someday"], "lendable": "yes"}
    guide["absences"] = [{"start": "2026-10-02", "end": "2026-10-01"}, {"end": None}]
    learner = given["students"][0]
    given["students"] = [
        learner,
        dict(learner),
        {**learner, "id": "s3", "wishes": ["99ZZ99"], "apart": ["s9"], "lat": 91, "needs": {"wpb": 1, "so": 1}},
        {name: value for name, value in learner.items() if name not in ("id", "sector", "period_sets")},
        {**learner, "id": "s5", "route": "pdg", "support": 3, "needs": None},
    ]
    settings["norms"] = [one for one in settings["norms"] if one["support"] < 3]
    at = {"student": "s1", "periods": ["2026-S1"], "workplace": "w1", "wpb": [{"supervisor": "v1", "qh": 6}]}
    given["placements"] = [at, {**at, "state": "maybe", "so": "t9", "relief": "none", "duo_with": "s9"}]
    return given


def test_everything_that_is_planted_is_found_and_nothing_else() -> None:
    assert problems_of(planted()).keys() == {
        "today",
        "colour",
        "periods[3]",
        "settings.travel.limit_min",
        "settings.related[0].place",
        "settings.fairness.groups[0]",
        "settings.fairness.min_size",
        "settings.fairness.steps",
        "settings.costs.travel",
        "settings.costs.unplaced",
        "settings.costs.load",
        "settings.levers.duo.factor",
        "sites[1]",
        "sites[2].core",
        "sites[2].max_support",
        "workplaces[1].site",
        "workplaces[1].seats",
        "workplaces[1].phases",
        "supervisors[0].kind",
        "supervisors[0].max_students",
        "supervisors[0].days[1]",
        "supervisors[0].lendable",
        "supervisors[0].absences[0]",
        "supervisors[0].absences[1].start",
        "students[1]",
        "students[2].wishes",
        "students[2].apart",
        "students[2].lat",
        "students[2].needs.io",
        "students[3].id",
        "students[3].sector",
        "students[3].period_sets",
        "students[4]",
        "placements[1]",
        "placements[1].state",
        "placements[1].so",
        "placements[1].relief",
        "placements[1].duo_with",
    }
