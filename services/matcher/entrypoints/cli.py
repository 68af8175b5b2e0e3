"""The commands that need no broker: solve, check, explain, scenario, levers, region new and region check."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.matcher.domain.families import Family

if TYPE_CHECKING:
    from services.matcher.adapters.solver.portfolio import AnytimeLimits

region = typer.Typer(help="Regiobestanden: verzinnen en nakijken.", no_args_is_help=True)

LEAST_STUDENTS = 10
RegionFile = Annotated[Path, typer.Argument(metavar="REGIO", help="Een regiobestand (JSON).", show_default=False)]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="Een planbestand (JSON).", show_default=False)]
ScenarioFile = Annotated[
    Path, typer.Argument(metavar="SCENARIO", help="Een scenariobestand (JSON).", show_default=False)
]
Students = Annotated[
    list[str] | None,
    typer.Argument(metavar="[STUDENT]...", help="Wie; zonder namen iedereen zonder plek.", show_default=False),
]
Charts = Annotated[
    list[Path] | None,
    typer.Option(
        "--chart",
        metavar="BESTAND",
        help="Schrijf ook een grafiek in dit bestand (.svg of .png); mag vaker.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Schrijf het antwoord als JSON.")]
Seconds = Annotated[
    float | None,
    typer.Option(
        "--time",
        metavar="S",
        min=0,
        max=1_000_000,
        help="Hoogstens zoveel seconden; zonder dit een vaste hoeveelheid werk, zodat het plan altijd hetzelfde is.",
    ),
]
Threads = Annotated[
    int,
    typer.Option(
        "--threads",
        metavar="N",
        min=1,
        max=256,
        help="Zoveel draden; in één regio is met meer dan één het plan niet elke keer hetzelfde.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, max=2**31 - 10**6, help="Zelfde getal, zelfde plan.")]
NoFairness = Annotated[bool, typer.Option("--no-fairness", help="Laat de eerlijkheid tussen groepen buiten de kosten.")]

Prices = Annotated[
    bool | None,
    typer.Option(
        "--prices/--no-prices",
        help="Reken uit wat een kwartier of plaats erbij hoogstens waard is; zonder dit alleen als het snel kan.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (solve, check, explain, scenario, levers):
        app.command()(command)
    region.command("new")(new)
    region.command("check")(check_region)
    app.add_typer(region, name="region")


def end(run: Callable[[], None]) -> None:
    """Run the command line, and end the process at once where a solve that was broken off still computes."""
    import os
    import sys

    code: object = 0
    try:
        run()
    except SystemExit as ended:
        code = ended.code
    watch = sys.modules.get("services.matcher.entrypoints.cli_watch")
    if watch is not None and watch.is_still_solving():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)
    sys.exit(code if isinstance(code, (int, str)) else 0)


def _using_files(run: Callable[[], None], *, as_json: bool) -> None:
    from services.matcher.entrypoints import cli_output
    from services.matcher.entrypoints.cli_files import FileProblem

    try:
        run()
    except FileProblem as problem:
        cli_output.refuse(problem, as_json=as_json)
    except KeyboardInterrupt:
        cli_output.stopped()


def _limits(time: float | None, threads: int, seed: int, *, fairness: bool = True) -> "AnytimeLimits":
    """The limits of a solve, with the solver's libraries loaded so that Ctrl-C stays with who watches it."""
    from services.matcher.entrypoints.cli_signals import deaf_threads

    with deaf_threads():
        from services.matcher.adapters.solver.portfolio import AnytimeLimits
    return AnytimeLimits(time, threads, seed, fairness)


def solve(
    region: RegionFile,
    out: Annotated[Path | None, typer.Option("--out", metavar="PLAN", help="Schrijf het plan in dit bestand.")] = None,
    time: Seconds = None,
    threads: Threads = 1,
    no_fairness: NoFairness = False,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Maakt het beste plan voor een regio, met een bewijs hoe goed het is. Ctrl-C geeft het beste plan tot dan toe."""

    def run() -> None:
        limits = _limits(time, threads, seed, fairness=not no_fairness)
        from services.matcher.entrypoints import cli_solve

        cli_solve.solve(region, out, limits, as_json=as_json)

    _using_files(run, as_json=as_json)


def check(region: RegionFile, plan: PlanFile, as_json: AsJson = False) -> None:
    """Kijkt een plan na: mag het, en klopt wat het over zichzelf zegt? Code 1 als er iets niet mag of niet klopt."""

    def run() -> None:
        from services.matcher.entrypoints import cli_check

        if not cli_check.check_files(region, plan, as_json=as_json):
            raise typer.Exit(1)

    _using_files(run, as_json=as_json)


def explain(
    region: RegionFile,
    plan: PlanFile,
    students: Students = None,
    prices: Prices = None,
    levers: Annotated[
        bool, typer.Option("--levers", help="Probeer per student elke hefboom die uit staat, en een langere reis.")
    ] = False,
    wishes: Annotated[
        bool,
        typer.Option("--wishes", help="Reken per student uit wat het kost om elke wens te geven, en wie dat merkt."),
    ] = False,
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at", metavar="PLEK", help="Idem voor deze school of leerwerkplek; mag vaker.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Legt uit waarom iemand geen plek heeft en wie die plekken heeft, of waarom iemand is waar die is; en wat schaars is.

    Met --wishes ook wat een wens zou kosten.
    """
    if (at or wishes) and not students:
        raise typer.BadParameter("noem bij --wishes en --at om welke studenten het gaat")

    def run() -> None:
        from services.matcher.entrypoints import cli_explain

        wanted = cli_explain.Asked(tuple(students or ()), prices, levers, wishes, tuple(at or ()))
        cli_explain.explain_files((region, plan), wanted, as_json=as_json)

    _using_files(run, as_json=as_json)


def scenario(
    region: RegionFile,
    scenario: ScenarioFile,
    chart: Charts = None,
    time: Seconds = None,
    threads: Threads = 1,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Probeert veranderingen op een kopie van de regio: voor en na, van vijf kanten bekeken."""

    def run() -> None:
        limits = _limits(time, threads, seed)
        from services.matcher.entrypoints import cli_scenario

        cli_scenario.scenario((region, scenario), chart or (), limits, as_json=as_json)

    _using_files(run, as_json=as_json)


def levers(
    region: RegionFile,
    chart: Charts = None,
    time: Seconds = None,
    threads: Threads = 1,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Rekent uit wat elke hefboom waard is: de regio opnieuw opgelost met die ene hefboom om. --time telt per hefboom."""

    def run() -> None:
        limits = _limits(time, threads, seed)
        from services.matcher.entrypoints import cli_levers

        cli_levers.levers(region, chart or (), limits, as_json=as_json)

    _using_files(run, as_json=as_json)


def new(
    students: Annotated[int, typer.Option(min=LEAST_STUDENTS, max=60_000, help="Hoeveel studenten.")] = 300,
    family: Annotated[Family, typer.Option(help="Wat er schaars is.")] = Family.HOURS,
    seed: Annotated[int, typer.Option(min=0, help="Zelfde getal, zelfde regio.")] = 1,
    scarcity: Annotated[
        float | None,
        typer.Option(min=0, max=0.9, help="Deel van de studenten waarvoor het uitgangsplan geen plek heeft."),
    ] = None,
    schools: Annotated[
        Path | None,
        typer.Option(
            "--schools", "--sites", metavar="CSV", help="Een bestand met echte vestigingen, zoals dat van DUO."
        ),
    ] = None,
    area: Annotated[str | None, typer.Option(help="Alleen scholen van dit onderwijsgebied uit dat bestand.")] = None,
    regions: Annotated[
        int, typer.Option("--regions", metavar="N", min=1, max=100, help="Zoveel regio's naast elkaar, in één bestand.")
    ] = 1,
    name: Annotated[str, typer.Option("--region", help="De naam van de regio.")] = "NL-R01",
    planted: Annotated[
        Path | None, typer.Option("--planted", metavar="PLAN", help="Schrijf ook het uitgangsplan, een plan dat mag.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="REGIO", help="Het bestand; anders het scherm.")] = None,
) -> None:
    """Verzint een regio rond een uitgangsplan: zo is bekend wat schaars is, en hoe schaars."""
    if regions > 1 and schools is not None:
        raise typer.BadParameter("een bestand met scholen geeft één regio; laat --schools of --regions weg")
    if students < LEAST_STUDENTS * regions:
        raise typer.BadParameter(f"elke regio heeft minstens {LEAST_STUDENTS} studenten")

    def run() -> None:
        from services.matcher.entrypoints import cli_region

        asked = cli_region.Asked(students, family, seed, scarcity, name, regions)
        cli_region.new(asked, (schools, area), (out, planted))

    _using_files(run, as_json=False)


def check_region(region: RegionFile, as_json: AsJson = False) -> None:
    """Kijkt een regiobestand na: alle problemen ineens, of hoeveel er van alles is."""

    def run() -> None:
        from services.matcher.entrypoints import cli_region

        cli_region.check(region, as_json=as_json)

    _using_files(run, as_json=as_json)
