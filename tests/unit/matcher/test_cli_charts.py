"""Charts of levers and scenarios, as SVG and as PNG."""

import json
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import typer
from typer.testing import CliRunner

from services.matcher.adapters.solver.portfolio import AnytimeLimits
from services.matcher.domain.documents import region_to_document
from services.matcher.domain.region import Region
from services.matcher.entrypoints import cli, cli_charts, cli_scenario, cli_watch
from services.matcher.entrypoints.charts import Bar, Pair, as_png, bars_svg, pairs_svg
from services.matcher.entrypoints.cli_scenario import FIGURES, SIDES
from tests.support.regions import region, site, student, supervisor, workplace

APP = typer.Typer()
cli.register(APP)
RECT = "{http://www.w3.org/2000/svg}rect"
BLUE, GREY = bytes((0x1F, 0x5F, 0xA8)), bytes((0x8A, 0x8A, 0x8A))


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A region in which hours are for one of two students, and a scenario with hours for both."""
    people = [supervisor("v1", qh={"2026-S1": 6}), supervisor("v2", kind="retired"), supervisor("t1"), supervisor("i1")]
    made = region([site(), workplace(), *people, student(1), student(2)])
    paths = tmp_path / "region.json", tmp_path / "scenario.json"
    paths[0].write_text(json.dumps(region_to_document(made)))
    more = {"format": "leerplek/scenario/1", "name": "meer <uren>\u0007", "hours": [{"tier": "wpb", "add_qh": 6}]}
    paths[1].write_text(json.dumps(more))
    return paths


def run(*words: object) -> Any:
    return CliRunner().invoke(APP, [str(word) for word in words])


def size_of(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def first_row(png: bytes) -> set[bytes]:
    """The colours of the first row of a small PNG of four channels: filters of a first row look to the left only."""
    assert png[24:26] == b"\x08\x06"
    at = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[at - 4 : at])
    raw, width = zlib.decompress(png[at + 4 : at + 4 + length]), size_of(png)[0]
    line = bytearray(raw[1 : 1 + 4 * width])
    for place in range(4, len(line)):
        left = line[place - 4]
        line[place] = (line[place] + (0, left, 0, left // 2, left)[raw[0]]) % 256
    return {bytes(line[one : one + 3]) for one in range(0, len(line), 4)}


def test_what_a_scenario_changes_is_drawn_as_svg_and_as_png(files: tuple[Path, Path], tmp_path: Path) -> None:
    svg, png = tmp_path / "s.svg", tmp_path / "S.PNG"

    result = run("scenario", *files, "--chart", svg, "--chart", png)

    assert result.exit_code == 0, result.output
    assert f"Geschreven: {svg}" in result.stdout.replace("\n", "")
    words = " ".join(ET.parse(svg).getroot().itertext())
    assert all(name.capitalize() in words for name in SIDES.values())
    assert all(name in words for name in FIGURES.values())
    assert "niet geplaatst: nu 1, straks 0" in words
    assert "Scenario: meer <uren>" in words
    assert png.read_bytes() == as_png(svg.read_text())
    assert size_of(png.read_bytes()) == (1920, 2 * int(ET.parse(svg).getroot().get("height", "")))


def test_what_levers_are_worth_is_drawn_as_png(files: tuple[Path, Path], tmp_path: Path) -> None:
    svg, png = tmp_path / "levers.svg", tmp_path / "levers.png"

    result = run("levers", files[0], "--chart", png, "--chart", svg, "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["complete"]
    assert png.read_bytes() == as_png(svg.read_text())
    assert "100.000 (+1 geplaatst)" in " ".join(ET.parse(svg).getroot().itertext())


def test_a_png_shows_what_the_svg_says() -> None:
    halves = '<rect width="20" height="8" fill="#1f5fa8"/><rect x="20" width="20" height="8" fill="#8a8a8a"/>'

    png = as_png(f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="8">{halves}</svg>')

    assert size_of(png) == (80, 16)
    assert first_row(png) == {BLUE, GREY}


@pytest.mark.parametrize("name", ["chart.jpg", "chart", "nowhere/chart.png"])
@pytest.mark.parametrize("command", ["levers", "scenario"])
def test_a_chart_that_cannot_be_written_is_refused_before_the_work(
    files: tuple[Path, Path], tmp_path: Path, command: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_watch, "solve_watched", None)

    result = run(command, *files[: 1 if command == "levers" else 2], "--chart", tmp_path / name)

    assert result.exit_code == 2
    assert "is niet te gebruiken" in result.output


def test_where_the_library_is_not_installed_png_is_refused_and_svg_is_not(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_charts, "RENDERER", "no_such_library")

    refused = run("levers", files[0], "--chart", tmp_path / "l.png")
    drawn = run("levers", files[0], "--chart", tmp_path / "l.svg")

    assert (refused.exit_code, "ontbreekt hier vl-convert-python" in refused.output) == (2, True)
    assert drawn.exit_code == 0


def widths(svg: str, colours: tuple[str, ...]) -> list[float]:
    return [float(one.get("width", "")) for one in ET.fromstring(svg).iter(RECT) if one.get("fill") in colours]


def test_bars_are_as_long_as_their_values_and_words_are_safe() -> None:
    svg = bars_svg("A & B", "<c>\x00", [Bar("a", 10, "10"), Bar("b", 5, "5"), Bar("c", -1, "-1")])

    longest, *others = widths(svg, ("#1f5fa8",))
    assert others == [longest / 2, 0]


def test_a_figure_has_its_own_scale_and_a_share_runs_to_the_whole() -> None:
    number, share, nothing = (
        Pair("n", 4, 8, ("4", "8")),
        Pair("s", 0.5, 1, ("", ""), whole=1),
        Pair("z", 0, 0, ("", "")),
    )

    svg = pairs_svg("t", ("nu", "straks"), [("groep", [number, share]), ("leeg", [nothing])])

    _, _, *bars = widths(svg, ("#1f5fa8", "#8a8a8a"))
    longest = max(bars)
    assert bars == [longest / 2, longest, longest / 2, longest, 0, 0]


@pytest.mark.parametrize(("given", "second"), [(None, 0.4), (9.0, 0.4), (0.2, 0.2)])
def test_who_breaks_the_first_solve_off_does_not_wait_longer_for_the_second(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, given: float | None, second: float
) -> None:
    usual, limits = cli_watch.solve_watched, list[AnytimeLimits]()

    def broken_off(facts: Region, asked: AnytimeLimits, show: cli_watch.Show) -> cli_watch.Watched:
        limits.append(asked)
        return replace(usual(facts, asked, show), is_interrupted=len(limits) == 1, seconds=0.4)

    monkeypatch.setattr(cli_watch, "solve_watched", broken_off)

    cli_scenario.scenario(files, (), AnytimeLimits(given), as_json=True)

    assert [one.time_s for one in limits] == [given, second]
