"""The commands that need no broker: what they answer, with which code, and that they can be broken off."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from services.matcher.domain.checker import check, check_reasons
from services.matcher.domain.documents import plan_from_document, region_from_document, region_to_document
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.entrypoints import cli
from tests.support.regions import invented_region, region, site, student, supervisor, workplace
from tests.support.small_regions import REGIONS

ROOT = Path(__file__).resolve().parents[3]
APP = typer.Typer()
cli.register(APP)


def run(*words: object) -> Any:
    return CliRunner().invoke(APP, [str(word) for word in words])


def written(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def solved(tmp_path: Path) -> tuple[Path, Path]:
    """A region of 40 with more students than guidance, and a plan for it."""
    region_file = written(tmp_path / "region.json", region_to_document(invented_region(3, 40, 6, scarcity=1.4)))
    plan_file = tmp_path / "plan.json"
    result = run("solve", region_file, "--out", plan_file)
    assert result.exit_code == 0, result.output
    return region_file, plan_file


def changed(path: Path, **certificate: object) -> Path:
    document = json.loads(path.read_text())
    document["certificate"].update(certificate)
    return written(path.with_name("changed.json"), document)


@pytest.mark.skipif(not REGIONS.is_dir(), reason="the small regions are not here")
@pytest.mark.parametrize("name", ["hours-40", "trainers-30", "periods-30", "incremental-40"])
def test_small_regions_are_solved_to_their_proven_optimum(tmp_path: Path, name: str) -> None:
    with (REGIONS / "optima.csv").open() as rows:
        optimum = next(row for row in csv.DictReader(rows) if row["name"] == name)

    result = run("solve", REGIONS / f"{name}.json", "--out", tmp_path / "plan.json", "--json")

    told = json.loads(result.stdout)
    assert (told["value"], told["bound"], told["gap"]) == (int(optimum["value"]), int(optimum["value"]), 0)
    assert sum(told["parts"].values()) == told["value"]
    assert told["unplaced_bound"] <= int(optimum["unplaced_least"])
    assert run("check", REGIONS / f"{name}.json", tmp_path / "plan.json").exit_code == 0


def test_the_same_file_and_seed_give_the_same_plan(solved: tuple[Path, Path], tmp_path: Path) -> None:
    again = tmp_path / "again.json"

    assert run("solve", solved[0], "--out", again).exit_code == 0

    assert again.read_text() == solved[1].read_text()


def test_a_plan_is_told_in_students(solved: tuple[Path, Path]) -> None:
    result = run("solve", solved[0])

    assert "niet geplaatst; bewezen: geen enkel plan is beter." in result.stdout


def test_without_fairness_the_certificate_still_tells_what_the_plan_costs_with_it(solved: tuple[Path, Path]) -> None:
    plan = solved[1].with_name("unfair.json")
    result = run("solve", solved[0], "--no-fairness", "--out", plan, "--json")

    told, fair = json.loads(result.stdout), json.loads(solved[1].read_text())["certificate"]
    assert told["parts"]["unplaced"] <= fair["parts"]["unplaced"]
    assert told["value"] >= fair["value"] >= told["bound"]
    assert run("check", solved[0], plan).exit_code == 0


@pytest.mark.parametrize(
    ("certificate", "rule"),
    [
        ({"value": 1}, "certificate-value"),
        ({"bound": 10**9}, "certificate-bound"),
        ({"gap": 0.5}, "certificate-gap"),
        ({"unplaced_bound": 40}, "certificate-unplaced"),
        ({"parts": {"unplaced": 3}}, "certificate-part"),
        ({"parts": {"unplaced": 0, "magic": 3}}, "certificate-part"),
    ],
)
def test_a_wrong_certificate_is_a_violation(
    solved: tuple[Path, Path], certificate: dict[str, object], rule: str
) -> None:
    result = run("check", solved[0], changed(solved[1], **certificate), "--json")

    assert result.exit_code == 1
    assert rule in {one["rule"] for one in json.loads(result.stdout)["violations"]}


def test_a_violation_is_told_with_rule_ids_period_and_numbers(solved: tuple[Path, Path]) -> None:
    document = json.loads(solved[0].read_text())
    used = json.loads(solved[1].read_text())["placements"][0]
    period, name = used["periods"][0], used["wpb"][0]["supervisor"]
    person = next(one for one in document["supervisors"] if one["id"] == name)
    person["qh"][period] = 1

    result = run("check", written(solved[0].with_name("less.json"), document), solved[1], "--json")

    found = [one for one in json.loads(result.stdout)["violations"] if one["rule"] == "hours"]
    assert result.exit_code == 1
    assert [(one["ids"], one["period"], one["numbers"]["limit"]) for one in found] == [([name], period, 1)]
    table = run("check", solved[0].with_name("less.json"), solved[1])
    assert "Niemand begeleidt meer uren dan beschikbaar zijn" in table.stdout


def test_an_unplaced_student_without_a_reason_is_a_violation(solved: tuple[Path, Path]) -> None:
    document = json.loads(solved[1].read_text())
    gone = document["unplaced"].pop()

    result = run("check", solved[0], written(solved[1].with_name("silent.json"), document), "--json")

    assert [one["ids"] for one in json.loads(result.stdout)["violations"]] == [[gone["student"]]]


def test_who_competes_for_a_seat_is_told(tmp_path: Path) -> None:
    things: list[Any] = [site(), workplace(seats={"2026-S1": 1}), supervisor("v1"), supervisor("t1"), supervisor("i1")]
    file = written(tmp_path / "r.json", region_to_document(region([*things, student(1), student(2)])))
    plan = tmp_path / "p.json"
    run("solve", file, "--out", plan)

    told = json.loads(run("explain", file, plan, "--json").stdout)

    (left,) = told["unplaced"]
    assert left["reason"] == "seats-taken"
    assert left["holders"] == [{"s1": "s2", "s2": "s1"}[left["student"]]]
    assert "Alle plaatsen binnen bereik zijn vergeven." in run("explain", file, plan).stdout


def test_why_a_wish_was_not_met_is_told(tmp_path: Path) -> None:
    things: list[Any] = [site(1), site(2, max_support=1), workplace(1, 1), workplace(2, 2)]
    people: list[Any] = [supervisor(name, at=1, sites=["*"]) for name in ("v1", "t1", "i1")]
    wishing = student(1, support=2, wishes=["01AA02", "01AA01"])
    file, plan = (
        written(tmp_path / "r.json", region_to_document(region([*things, *people, wishing]))),
        tmp_path / "p.json",
    )
    run("solve", file, "--out", plan)

    (told,) = json.loads(run("explain", file, plan, "s1", "--json").stdout)["placed"]

    assert (told["site"], told["wish"]) == ("01AA01", 1)
    assert [(one["site"], one["reason"]) for one in told["missed"]] == [("01AA02", "no-site-for-support")]


def test_a_group_that_carries_too_much_is_flagged(tmp_path: Path) -> None:
    things: list[Any] = [site(), workplace(seats={"2026-S1": 40}), supervisor("v1", qh={"2026-S1": 500})]
    trainers: list[Any] = [supervisor("t1", qh={"2026-S1": 500}), supervisor("i1", qh={"2026-S1": 500})]
    people: list[Any] = [
        student(n, route="voltijd" if n <= 20 else "deeltijd", subject="wiskunde" if n <= 20 else "frans")
        for n in range(1, 31)
    ]
    file, plan = (
        written(tmp_path / "r.json", region_to_document(region([*things, *trainers, *people]))),
        tmp_path / "p.json",
    )
    run("solve", file, "--out", plan)

    told = json.loads(run("explain", file, plan, "--json").stdout)["fairness"]

    assert [(one["group"], one["unplaced"]) for one in told if one["too_much"]] == [("deeltijd", 10), ("frans", 10)]


def test_an_unknown_student_is_wrong_use(solved: tuple[Path, Path]) -> None:
    assert run("explain", *solved, "nobody").exit_code == 2


@pytest.mark.parametrize("family", list(Family))
def test_a_region_is_invented_and_passes_its_own_check(tmp_path: Path, family: Family) -> None:
    out, planted = tmp_path / "region.json", tmp_path / "planted.json"

    result = run("region", "new", "--students", 60, "--family", family, "--seed", 5, "--out", out, "--planted", planted)

    assert result.exit_code == 0, result.output
    assert run("region", "check", out).exit_code == 0
    assert run("check", out, planted).exit_code == 0
    made = region_from_document(json.loads(out.read_text()))
    assert made == invent(Wanted(60, family, 5)).region


def test_a_region_is_built_round_the_schools_of_a_file(tmp_path: Path) -> None:
    schools = tmp_path / "schools.csv"
    rows = [f"{number}AB00,{'po' if number % 2 else 'vo'},{52 + number / 500},5.1,Midden" for number in range(10, 40)]
    schools.write_text("\n".join(["vestigingscode,sector,lat,lon,onderwijsgebied", *rows, "99ZZ00,vo,x,5,Elders"]))

    result = run(
        "region", "new", "--students", 40, "--schools", schools, "--area", "Midden", "--out", tmp_path / "r.json"
    )

    assert result.exit_code == 0, result.output
    made = region_from_document(json.loads((tmp_path / "r.json").read_text()))
    assert {one[2:] for one in made.sites} == {"AB00"}
    bad = run("region", "new", "--schools", schools, "--out", tmp_path / "bad.json")
    assert bad.exit_code == 2
    assert "rij 32" in bad.stderr
    assert not (tmp_path / "bad.json").exists()


def test_ctrl_c_gives_the_best_plan_so_far_with_its_certificate(tmp_path: Path) -> None:
    made = invent(Wanted(150, Family.HOURS, 2)).region
    file, out = written(tmp_path / "region.json", region_to_document(made)), tmp_path / "plan.json"
    words = [sys.executable, "-m", "deploy", "solve", str(file), "--time", "300", "--out", str(out)]
    solving = subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert solving.stderr is not None
    assert any("waarde" in line for line in iter(solving.stderr.readline, ""))  # the first plan is there

    solving.send_signal(signal.SIGINT)
    told, _ = solving.communicate(timeout=60)

    assert solving.returncode == 0
    assert "Onderbroken: dit is het beste plan tot nu toe" in told
    plan = plan_from_document(json.loads(out.read_text()), made)
    assert not check(made, plan)
    assert not check_reasons(made, plan)
    assert plan.certificate is not None


def test_help_and_wrong_words_need_no_solver(tmp_path: Path) -> None:
    assert run("solve", "--help").exit_code == 0
    assert run("solve").exit_code == 2
    assert run("solve", tmp_path / "r.json", "--time", "-1").exit_code == 2
    assert run("region", "new", "--students", 5).exit_code == 2
    assert run("region", "new", "--family", "luck").exit_code == 2


HELP = """
import sys, time
from deploy import cli
try:
    cli.app(["--help"])
except SystemExit:
    pass
slow = ("ortools", "numpy", "numba", "highspy", "pydantic", "aiokafka", "structlog", "sqlalchemy", "fastapi")
print([one for one in slow if one in sys.modules], time.process_time(), file=sys.stderr)
"""


def test_the_help_loads_no_library_of_a_solver_or_a_service_and_is_there_within_half_a_second() -> None:
    shown = subprocess.run([sys.executable, "-c", HELP], cwd=ROOT, capture_output=True, text=True, check=True)

    loaded, seconds = shown.stderr.strip().rsplit(" ", 1)
    assert "solve" in shown.stdout
    assert loaded == "[]"
    assert float(seconds) < 0.5  # of the processor; measured: 0.17


def test_a_country_is_invented_with_its_regions_and_read_again(tmp_path: Path) -> None:
    out = tmp_path / "nl.json"
    assert run("region", "new", "--students", 60, "--regions", 3, "--region", "NL", "--out", out).exit_code == 0
    assert {one["region"] for one in json.loads(out.read_text())["sites"]} == {"NL-R1", "NL-R2", "NL-R3"}
    assert run("region", "check", out).exit_code == 0
    assert run("region", "new", "--students", 20, "--regions", 3, "--out", out).exit_code == 2
    assert run("region", "new", "--regions", 2, "--schools", out, "--out", out).exit_code == 2
