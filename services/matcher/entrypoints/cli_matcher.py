"""The commands for whoever runs the matcher: replay, rebuild, waiting and parked. Settings come from LEERPLEK_MATCHER_…"""

from collections.abc import Callable
from typing import Annotated

import typer

from shared.messaging.parked.commands import parked

matcher = typer.Typer(
    help="Voor wie de matcher beheert: het plan naspelen of opnieuw opbouwen, en zien wat wacht of opzij staat.",
    no_args_is_help=True,
)
matcher.add_typer(parked, name="parked")

Region = Annotated[str, typer.Argument(metavar="REGIO", help="Het id van de regio, zoals NL-R07.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Schrijf het antwoord als JSON.")]


@matcher.command("replay")
def replay(
    region: Region,
    into: Annotated[
        str | None,
        typer.Option(
            "--into",
            metavar="URL",
            help="Een lege database om in na te spelen; anders een tijdelijke, die daarna weg is.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Maakt alle plannen van een regio nog eens uit het logboek van Kafka en vergelijkt ze byte voor byte.

    Code 0: alles gelijk. Code 1: er is verschil, of de database of Kafka antwoordt niet. Code 2: verkeerd gebruik.
    """

    def run() -> int:
        from services.matcher.entrypoints import cli_replay

        return cli_replay.replay(region, into, as_json=as_json)

    _end(run)


@matcher.command("rebuild")
def rebuild(
    region: Region,
    fence: Annotated[
        bool,
        typer.Option("--fence", help="Ook als er een matcher draait: die merkt het en begint opnieuw uit de database."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bouwt een regio opnieuw op: gegevens en plaatsen uit Kafka, en een nieuw plan. Wat anders wordt, gaat als bericht uit.

    Weigert (code 1) zolang een matcher deze regio leest, tenzij met --fence.
    """

    def run() -> int:
        from services.matcher.entrypoints import cli_rebuild

        return cli_rebuild.rebuild(region, fence=fence, as_json=as_json)

    _end(run)


@matcher.command("waiting")
def waiting(
    region: Annotated[
        str | None, typer.Argument(metavar="[REGIO]", help="Alleen deze regio.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Toont wat de matcher niet kan gebruiken omdat het verwijst naar iets waarvan hij nog nooit hoorde, en sinds wanneer."""

    def run() -> int:
        from services.matcher.entrypoints import cli_waiting

        return cli_waiting.waiting(region, as_json=as_json)

    _end(run)


def _end(run: Callable[[], int]) -> None:
    code = run()
    if code:
        raise typer.Exit(code)


if __name__ == "__main__":  # where the command `leerplek` is not: in the matcher's image
    matcher()
