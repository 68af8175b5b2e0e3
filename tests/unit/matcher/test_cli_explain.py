"""`leerplek explain`: readable for many students, and what is scarce with what it is worth."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from services.matcher.adapters.solver.bounds.course import Course
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.documents import plan_to_document, region_to_document
from services.matcher.domain.ids import SupervisorId
from services.matcher.domain.options import places_of
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Region
from services.matcher.domain.scarcity import Limits
from services.matcher.entrypoints import cli, cli_explain_words
from services.matcher.entrypoints.cli_facts import facts_text
from services.matcher.entrypoints.cli_words import REASONS
from tests.support.regions import placement, plan, region, site, student, supervisor, workplace

APP = typer.Typer()
cli.register(APP)
PEOPLE = ("v1", "t1", "i1")


def run(*words: object) -> Any:
    result = CliRunner().invoke(APP, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Three students, and hours for one."""
    return written(tmp_path, crowd(3, qh=11))


def crowd(number: int, **guide: Any) -> Region:
    guides = [supervisor("v1", qh={"2026-S1": guide["qh"]}), supervisor("t1"), supervisor("i1")]
    return region([site(), workplace(seats={"2026-S1": 9}), *guides, *map(student, range(1, number + 1))])


def written(folder: Path, made: Region) -> tuple[Path, Path]:
    paths = folder / "region.json", folder / "plan.json"
    paths[0].write_text(json.dumps(region_to_document(made)))
    paths[1].write_text(json.dumps(plan_to_document(plan(made, placement(1)))))
    return paths


def test_what_is_scarce_is_told_with_what_it_is_worth(files: tuple[Path, Path]) -> None:
    told = json.loads(run("explain", *files, "--json").stdout)

    dearest = told["limits"][0]
    assert (dearest["thing"], dearest["id"], dearest["period"]) == ("hours", "v1", "2026-S1")
    assert 0 < dearest["points"] <= 100_000
    assert told["unplaced"][0]["limits"][0] == dearest
    table = run("explain", *files).stdout
    assert "een kwartier per week bij wpb v1 (01AA01)" in table
    assert f"schaars: een kwartier bij v1 in 2026-S1 is hoogstens {dearest['points']:,}".replace(",", ".") in table


def test_prices_are_not_computed_when_nobody_wants_them_or_when_they_take_long(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    without = run("explain", *files, "--no-prices")
    assert "knelt" not in without.stdout
    assert json.loads(run("explain", *files, "--no-prices", "--json").stdout)["limits_skipped"] is None
    monkeypatch.setattr(Course, "expected_work", property(lambda _: 77.0, lambda *_: None), raising=False)
    assert "duurt ongeveer 77 seconden. Met --prices wel." in run("explain", *files).stdout
    told = json.loads(run("explain", *files, "--json").stdout)
    assert (told["limits"], told["limits_skipped"]) == ([], 77.0)
    assert "Wat het meest knelt" in run("explain", *files, "--prices").stdout


def test_many_students_are_told_per_reason_and_the_first_of_them_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_explain_words, "MOST_TOLD", 3)
    paths = written(tmp_path, crowd(8, qh=11))

    told = run("explain", *paths).stdout

    assert "7 studenten zonder plek, per reden" in told
    assert told.count(": geen plek.") == 3
    assert "… en nog 4; noem ze bij hun id" in told
    assert run("explain", *paths, "s2", "s3", "s4", "s5").stdout.count(": geen plek.") == 4


def test_nothing_that_is_not_there_and_nothing_twice_is_told(files: tuple[Path, Path]) -> None:
    told = run("explain", *files, "s2").stdout

    assert "1 leerwerkplek binnen bereik; 1 plek zou passen als er niemand anders was" in told
    assert "heeft 1 kwartier per week te weinig" in told
    assert "dit heeft nu: s1" in told
    assert not [word for word in ("uitgesloten", " 0 ", "leerwerkplekken:", "begeleiders:") if word in told]


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"limit-min": 45, "nearest-min": 1}, "hoogstens 45 minuten reizen; de dichtstbijzijnde is 1 minuut ver"),
        ({"excluded-workplaces": 0, "workplaces-for-subject": 1}, "1 leerwerkplek voor het vak"),
        (
            {"places": 2, "places-seats-taken": 1, "nearest-min": 9},
            "2 plekken zouden passen als er niemand anders was; op 1 plek zijn de plaatsen vergeven",
        ),
        ({"new-fact": 3}, "new-fact: 3"),
    ],
)
def test_facts_read_as_dutch(facts: dict[str, int], text: str) -> None:
    assert facts_text(Reason.OUTWEIGHED, facts) == text


def test_the_dearest_limits_come_first_and_a_student_has_those_of_their_places() -> None:
    made = region()
    (place,) = places_of(Atlas(made), student())
    when = place.periods[0]
    hours = {(SupervisorId(name), when): price for name, price in (("v1", 7.4), ("t1", 9.0), ("v9", 8.0), ("i1", 0.3))}
    limits = Limits(hours, {(place.workplace, when): 8.6})
    assert [(one.id, one.points) for one in limits.dearest] == [("t1", 9), ("w1", 9), ("v9", 8), ("v1", 7)]
    assert [one.id for one in limits.of([place])] == ["t1", "w1", "v1"]


def test_every_reason_has_words() -> None:
    assert REASONS.keys() == {one.value for one in Reason}


def test_levers_are_tried_for_who_has_no_place(tmp_path: Path) -> None:
    made = crowd(2, qh=6)
    made = region(
        [
            *made.sites.values(),
            *made.workplaces.values(),
            *made.supervisors.values(),
            *made.students.values(),
            supervisor("v2", kind="retired"),
        ]
    )
    paths = written(tmp_path, made)

    told = json.loads(run("explain", *paths, "--levers", "--json").stdout)["unplaced"][0]["remedies"]
    table = run("explain", *paths, "--levers").stdout

    assert [(one["name"], one["points"]) for one in told if one["placement"]] == [("extra", -100_000)]
    assert (
        "zou een plek geven: extra begeleiders: op w1 in 2026-S1 bij v2, 10 minuten reizen; "
        "het plan wordt 100.000 punten goedkoper" in table
    )
    assert "zou nu geen plek geven: zonder hefboom anders verdelen" in table
    assert "zou" not in run("explain", *paths).stdout.replace("zou passen", "")


@pytest.fixture
def wishing(tmp_path: Path) -> tuple[Path, Path]:
    """Two schools with one place each, and two students who are where the other would be."""
    seats: dict[str, Any] = {"seats": {"2026-S1": 1}}
    people = [supervisor("v1"), supervisor("v2", 2), *(supervisor(one, sites=["*"]) for one in ("t1", "i1"))]
    students = [student(1, wishes=["01AA02", "01AA03"]), student(2, wishes=["01AA02"])]
    schools: list[Any] = [site(), site(2, lat=52.11), site(3), workplace(**seats), workplace(2, 2, **seats)]
    made = region([*schools, *people, *students])
    paths = tmp_path / "region.json", tmp_path / "plan.json"
    paths[0].write_text(json.dumps(region_to_document(made)))
    held = plan(made, placement(1), placement(2, 2, by="v2"))
    paths[1].write_text(json.dumps(plan_to_document(held)))
    return paths


def test_what_a_wish_costs_is_told_with_who_feels_it(wishing: tuple[Path, Path]) -> None:
    told = json.loads(run("explain", *wishing, "s1", "--wishes", "--json").stdout)["placed"][0]["wishes"]
    table = run("explain", *wishing, "s1", "--wishes").stdout

    assert [(one["site"], one["rank"]) for one in told] == [("01AA02", 0), ("01AA03", 1)]
    assert (told[0]["points"], told[0]["parts"], told[0]["moved"]) == (0, {}, ["s1", "s2"])
    assert (told[0]["placement"]["workplace"], told[0]["proven"], told[0]["never"]) == ("w2", True, None)
    assert told[1]["never"]["reason"] == "no-workplace-for-subject"
    assert "ja, op w2 in 2026-S1 bij v2" in table
    assert "verhuist: s2" in table
    assert "nooit: de school biedt geen leerwerkplek" in table
    assert "Bewezen: goedkoper kan het niet." in table


def test_a_place_can_be_asked_for_by_its_id(wishing: tuple[Path, Path]) -> None:
    told = json.loads(run("explain", *wishing, "s1", "--at", "w2", "--json").stdout)["placed"][0]["wishes"]
    assert [(one["workplace"], one["rank"]) for one in told] == [("w2", None)]
    assert "plek w2" in run("explain", *wishing, "s1", "--at", "w2").stdout
    assert "heeft geen andere wensen" in run("explain", *wishing, "s2", "--wishes").stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--wishes"], "noem bij --wishes en --at"),
        (
            ["s1", "--at", "w9"],
            "--at: gevonden 'w9', verwacht het id van een vestiging of leerwerkplek uit het bestand",
        ),
        (["s9", "--wishes"], "STUDENT: gevonden 's9'"),
    ],
)
def test_who_or_what_is_unknown_is_refused(wishing: tuple[Path, Path], words: list[str], told: str) -> None:
    result = CliRunner().invoke(APP, ["explain", *map(str, wishing), *words])
    assert result.exit_code == 2
    assert told in " ".join(result.output.replace("│", " ").split())


def test_a_plan_that_is_not_allowed_is_nothing_to_start_from(wishing: tuple[Path, Path]) -> None:
    document = json.loads(wishing[1].read_text())
    document["placements"][1] |= {"workplace": "w1", "wpb": [{"supervisor": "v1", "qh": 6}]}
    wishing[1].write_text(json.dumps(document))
    result = CliRunner().invoke(APP, ["explain", *map(str, wishing), "s1", "--wishes"])
    assert (result.exit_code, "gevonden 'seats'" in result.output) == (2, True)


def test_a_cheaper_place_is_told_with_what_keeps_a_student_from_it(wishing: tuple[Path, Path]) -> None:
    told = json.loads(run("explain", *wishing, "s1", "--json").stdout)["placed"][0]["cheaper"]
    assert told == [
        {"workplace": "w2", "site": "01AA02", "periods": ["2026-S1"], "points": 20, "reasons": ["seats-taken"]}
    ]
    shown = run("explain", *wishing, "s1").stdout
    assert "niet op w2 (01AA02, 2026-S1), 20 punten goedkoper: daar zijn de plaatsen vergeven" in shown
    assert "geen enkele plek kost voor deze student minder" in run("explain", *wishing, "s2").stdout
