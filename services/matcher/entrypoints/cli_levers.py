"""`leerplek levers`: what each lever of a region is worth, ranked, as a table and as a chart."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from services.matcher.adapters.solver.portfolio import AnytimeLimits, certified, is_allowed
from services.matcher.domain.lever_values import LeverValue, Result, Trial, Trying, ranked, trials, value_of
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.entrypoints import cli_files, cli_watch
from services.matcher.entrypoints.charts import Bar, bars_svg
from services.matcher.entrypoints.cli_output import print_json, print_table, say
from services.matcher.entrypoints.cli_words import LEVERS as LEVER_NAMES
from services.matcher.entrypoints.cli_words import number_text

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
    with cli_watch.shown() as show:
        now = cli_watch.solve_watched(region, limits, show)
        found = [] if now.is_interrupted else list(_values(region, now.plan, limits, show))
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
        (LEVERS[one.lever], TRYINGS[one.trying], number_text(one.points), _signed(one.students), _proof(one))
        for one in order
    ]
    columns = ("hefboom", "nu", "bespaart (punten)", "meer geplaatst", "zekerheid")
    print_table(title, columns, rows, right=(2, 3))
    if not _is_complete(region, order):
        say("Onderbroken: niet elke hefboom is geprobeerd.")
    if chart is not None:
        say(f"Geschreven: {chart}")


def _values(region: Region, plan: Plan, limits: AnytimeLimits, show: cli_watch.Show) -> Iterator[LeverValue]:
    """Each lever's value, until somebody breaks it off."""
    for trial in trials(region):
        solved = cli_watch.solve_watched(trial.region, limits, show)
        yield value_of(trial, _result(region, plan), _result(trial.region, _best(trial, solved.plan, plan)))
        if solved.is_interrupted:
            return


def _best(trial: Trial, found: Plan, held: Plan) -> Plan:
    """The plan that was found, or today's where that is allowed and costs less: a lever only allows more."""
    if trial.trying is Trying.OFF or found.certificate is None:
        return found
    kept = certified(trial.region, held, found.certificate.bound, found.certificate.unplaced_bound)
    cheaper = kept.certificate is not None and kept.certificate.value < found.certificate.value
    return kept if cheaper and is_allowed(trial.region, kept) else found


def _result(region: Region, plan: Plan) -> Result:
    certificate = plan.certificate
    assert certificate is not None, "a solved plan has a certificate"
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


def _signed(number: int) -> str:
    return f"+{number}" if number > 0 else str(number)


def _chart(title: str, order: list[LeverValue]) -> str:
    bars = [
        Bar(LEVERS[one.lever], one.points, f"{number_text(one.points)} ({_signed(one.students)} geplaatst)")
        for one in order
    ]
    return bars_svg(title, "Punten die het plan goedkoper wordt, en hoeveel studenten er meer een plek hebben", bars)
