"""The command `leerplek`: plans from files, the demo, one service, the contracts, who may sign in, and what was parked."""

import asyncio
import runpy
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from services.capacity.entrypoints.cli import access
from services.matcher.entrypoints import cli as matcher_commands
from services.matcher.entrypoints.cli_matcher import matcher
from shared.contracts.services import Service
from shared.messaging.parked.commands import parked
from shared.security.token_command import token

app = typer.Typer(
    name="leerplek",
    help="Plaatst studenten van lerarenopleidingen bij scholen met mensen die hen begeleiden, en houdt het plan kloppend.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(parked, name="parked")
app.command()(token)
app.add_typer(matcher, name="matcher")
app.add_typer(access, name="access")
matcher_commands.register(app)

WRONG_USE = 2


def main() -> None:
    """The entry point of the installed command."""
    matcher_commands.end(app)


def fail(message: str, code: int = 1) -> NoReturn:
    """One clear message and an exit code, for what a person can do something about."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


@app.command()
def demo(
    students: Annotated[int, typer.Option(min=10, max=5000, help="Hoeveel studenten de regio heeft.")] = 300,
    schools: Annotated[
        Path | None, typer.Option(help="Een CSV-bestand met echte vestigingen; zonder dit worden scholen verzonnen.")
    ] = None,
    area: Annotated[
        str | None, typer.Option(help="Het onderwijsgebied uit dat bestand; zonder dit een passend gebied.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Zelfde getal, zelfde regio en zelfde week.")] = 1,
    stay: Annotated[bool, typer.Option("--stay", help="Blijf na afloop draaien tot Ctrl-C.")] = False,
    directory: Annotated[
        Path | None, typer.Option(help="Een nieuwe of lege map voor gegevens, logboeken en mails; anders onder .demo/.")
    ] = None,
    today: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="De dag waarop de demo speelt, als 2028-02-29; anders deze week."),
    ] = None,
) -> None:
    """Speelt een regio en een schoolweek op deze computer, zonder Docker of Java."""
    try:
        from deploy.demo import DemoError, Wanted, run_demo
    except ImportError as missing:
        fail(f"De demo heeft het pakket {missing.name} nodig. Installeer leerplek[demo], of gebruik: make demo.")
    try:
        run_demo(Wanted(students, schools, area, seed, stay, directory, today.date() if today is not None else None))
    except DemoError as problem:
        fail(str(problem), problem.exit_code)
    except KeyboardInterrupt:
        fail("\nGestopt.", 130)
    except asyncio.CancelledError:  # told to end, by SIGTERM
        fail("\nGestopt.", 143)


@app.command()
def serve(service: Annotated[Service, typer.Argument(help="Welke dienst.")]) -> None:
    """Draait één dienst in dit proces; instellingen komen uit LEERPLEK_<DIENST>_… in de omgeving."""
    sys.argv = [f"services.{service}"]
    try:
        runpy.run_module(f"services.{service}", run_name="__main__", alter_sys=True)
    except ModuleNotFoundError as missing:
        fail(f"De dienst {service} heeft het pakket {missing.name} nodig. Installeer leerplek[{service}].", WRONG_USE)


@app.command()
def contracts(
    check: Annotated[bool, typer.Option("--check", help="Meld wat verouderd is; code 1 als er iets is.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Schrijf de JSON Schema's en het AsyncAPI-document opnieuw.")
    ] = False,
) -> None:
    """Controleert of vernieuwt de documenten die uit de gebeurtenissen in shared/contracts en de bestanden volgen."""
    from services.matcher.entrypoints import cli_schemas
    from shared.contracts import documents

    if check == write:
        fail("Kies --check of --write.", WRONG_USE)
    if write:
        documents.write()
        cli_schemas.write()
    stale = [*(f"shared/contracts/{name}" for name in documents.stale()), *cli_schemas.stale()]
    if stale:
        listed = "\n".join(f"  {name}" for name in stale)
        fail(f"Verouderd of ontbrekend (vernieuw met: leerplek contracts --write):\n{listed}")
    typer.echo("De documenten van de gebeurtenissen zijn bij. Ook de schema's van de bestanden.")
