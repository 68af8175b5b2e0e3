"""`leerplek levers`: what each lever of a region is worth, ranked, as a table and as a chart."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from services.matcher.adapters.solver.lever_trials import values_of
from services.matcher.adapters.solver.portfolio import AnytimeLimits
from services.matcher.domain.lever_values import LeverValue, Trial, Trying, ranked, trials
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.entrypoints import cli_files, cli_watch
from services.matcher.entrypoints.charts import Bar, bars_svg
from services.matcher.entrypoints.cli_charts import check_charts, tell_charts, write_charts
from services.matcher.entrypoints.cli_output import print_json, print_table, say
from services.matcher.entrypoints.cli_words import LEVERS as LEVER_NAMES
from services.matcher.entrypoints.cli_words import number_text, signed_text

LEVERS = {
    **LEVER_NAMES,
    "hours-wpb": "10 % meer uren werkplekbegeleiders",
    "hours-so": "10 % meer uren schoolopleiders",
    "hours-io": "10 % meer uren instituutsopleiders",
    "seats": "een plaats meer op elke leerwerkplek",
}
TRYINGS = {Trying.ON: "staat uit", Trying.OFF: "staat aan", Trying.MORE: "erbij"}


def levers(path: Path, charts: Sequence[Path], limits: AnytimeLimits, *, as_json: bool) -> None:
    """Solve the region once as it is and once for each lever, and print what each is worth; raises FileProblem."""
    region = cli_files.read_region(path)
    check_charts(charts)
    with cli_watch.shown() as show:
        now = cli_watch.solve_watched(region, limits, show)
        found = [] if now.is_interrupted else _values(region, now.plan, limits, show)
    order = ranked(found)
    title = f"Wat elke hefboom waard is voor {region.id}"
    write_charts(charts, lambda: _chart(title, order))
    if as_json:
        print_json(
            {"region": region.id, "complete": _is_complete(region, order), "levers": [_plain(one) for one in order]}
        )
        return
    rows = [
        (LEVERS[one.lever], TRYINGS[one.trying], number_text(one.points), signed_text(one.students), _proof(one))
        for one in order
    ]
    columns = ("hefboom", "nu", "bespaart (punten)", "meer geplaatst", "zekerheid")
    print_table(title, columns, rows, right=(2, 3))
    if not _is_complete(region, order):
        say("Onderbroken: niet elke hefboom is geprobeerd.")
    tell_charts(charts)


def _values(region: Region, now: Plan, limits: AnytimeLimits, show: cli_watch.Show) -> list[LeverValue]:
    """Each lever's value, as far as they were tried before somebody broke it off."""
    tried: list[tuple[Trial, Plan]] = []
    for trial in trials(region):
        solved = cli_watch.solve_watched(trial.region, limits, show)
        tried.append((trial, solved.plan))
        if solved.is_interrupted:
            break
    return values_of(region, now, tried)


def _is_complete(region: Region, found: list[LeverValue]) -> bool:
    return len(found) == sum(1 for _ in trials(region))


def _plain(one: LeverValue) -> dict[str, object]:
    told = {"lever": one.lever, "trying": one.trying.value, "points": one.points, "students": one.students}
    proof = {"proven": one.is_proven, "most_points": one.most_points}
    return {**told, **proof, "without": asdict(one.without), "with": asdict(one.having)}


def _proof(one: LeverValue) -> str:
    return "bewezen" if one.is_proven else f"hoogstens {number_text(one.most_points)}"


def _chart(title: str, order: list[LeverValue]) -> str:
    bars = [
        Bar(LEVERS[one.lever], one.points, f"{number_text(one.points)} ({signed_text(one.students)} geplaatst)")
        for one in order
    ]
    return bars_svg(title, "Punten die het plan goedkoper wordt, en hoeveel studenten er meer een plek hebben", bars)
