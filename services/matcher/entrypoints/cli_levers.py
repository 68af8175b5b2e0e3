"""`leerplek levers`: what each lever of a region is worth, ranked, as a table and as a chart."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from services.matcher.adapters.solver.portfolio import AnytimeLimits, certified, is_allowed
from services.matcher.domain.lever_values import LeverValue, Result, Trial, Trying, ranked, trials, value_of
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.reading import Problem
from services.matcher.domain.region import Region
from services.matcher.entrypoints import cli_files, cli_watch
from services.matcher.entrypoints.charts import Bar, bars_svg
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


def levers(path: Path, chart: Path | None, limits: AnytimeLimits, *, as_json: bool) -> None:
    """Solve the region once as it is and once for each lever, and print what each is worth; raises FileProblem."""
    region = cli_files.read_region(path)
    if chart is not None:
        cli_files.check_writable(chart)
        if chart.suffix.lower() != ".svg":
            raise cli_files.FileProblem(chart, [Problem("", chart.suffix or "no ending", "a name that ends in .svg")])
    with cli_watch.shown() as show:
        now = cli_watch.solve_watched(region, limits, show)
        found = [] if now.is_interrupted else _values(region, now.plan, limits, show)
    order = ranked(found)
    title = f"Wat elke hefboom waard is voor {region.id}"
    if chart is not None:
        cli_files.write_text(chart, _chart(title, order))
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
    if chart is not None:
        say(f"Geschreven: {chart}")


def _values(region: Region, now: Plan, limits: AnytimeLimits, show: cli_watch.Show) -> list[LeverValue]:
    """Each lever's value, as far as they were tried before somebody broke it off."""
    tried: list[tuple[Trial, Plan]] = []
    for trial in trials(region):
        solved = cli_watch.solve_watched(trial.region, limits, show)
        tried.append((trial, solved.plan))
        if solved.is_interrupted:
            break
    return values_of(region, now, tried)


def values_of(region: Region, now: Plan, tried: Sequence[tuple[Trial, Plan]]) -> list[LeverValue]:
    """What each trial says, where all of them learn from each other, since a lever only allows more.

    A plan without a lever is one of the region with it, today's plan one of the region in which a lever is on, and what no plan
    with a lever can do none can without.
    """
    for trial, plan in tried:
        if trial.trying is Trying.OFF:
            now = _cheaper(region, now, plan)
    with_more = [_certificate(plan) for trial, plan in tried if trial.trying is not Trying.OFF]
    result = _raised(_result(region, now), with_more)
    found = []
    for trial, plan in tried:
        if trial.trying is Trying.OFF:
            then = _raised(_result(trial.region, plan), [_certificate(now)])
        else:
            then = _result(trial.region, _cheaper(trial.region, plan, now))
        found.append(value_of(trial, result, then))
    return found


def _cheaper(region: Region, plan: Plan, other: Plan) -> Plan:
    """The plan, or another that is allowed in this region and costs less there, with what is proven about its plans."""
    proven = _certificate(plan)
    kept = certified(region, other, proven.bound, proven.unplaced_bound)
    return kept if _certificate(kept).value < proven.value and is_allowed(region, kept) else plan


def _raised(result: Result, others: Sequence[Certificate]) -> Result:
    """With the bounds of regions in which more is allowed, which hold here too."""
    bound = max([result.bound, *(one.bound for one in others)])
    return replace(
        result, bound=bound, unplaced_bound=max([result.unplaced_bound, *(one.unplaced_bound for one in others)])
    )


def _certificate(plan: Plan) -> Certificate:
    assert plan.certificate is not None, "a solved plan has a certificate"
    return plan.certificate


def _result(region: Region, plan: Plan) -> Result:
    certificate = _certificate(plan)
    left = len(region.students) - len(plan.placements)
    return Result(certificate.value, certificate.bound, left, certificate.unplaced_bound)


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
