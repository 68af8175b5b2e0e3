"""The commands `list` and `replay` about parked messages: part of `leerplek`, and on their own in every image."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Annotated, NoReturn

import typer

WRONG_USE = 2
Kafka = Annotated[
    str, typer.Option("--kafka", metavar="HOST:POORT", envvar="LEERPLEK_KAFKA", help="Het adres van Kafka.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Schrijf het antwoord als JSON.")]
Topic = Annotated[str, typer.Argument(metavar="TOPIC", help="Het topic, bijvoorbeeld student.registrations.")]

parked = typer.Typer(
    help="Berichten die niet verwerkt konden worden: bekijken en opnieuw aanbieden.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@parked.command("list")
def list_(topic: Topic, kafka: Kafka, as_json: AsJson = False) -> None:
    """Toont wat van een topic opzij is gezet, waarom, en wat al opnieuw is aangeboden."""
    _tell(
        lambda wording: wording.list_json(topic, kafka) if as_json else "\n".join(wording.list_lines(topic, kafka)),
        as_json=as_json,
    )


@parked.command("replay")
def replay(
    topic: Topic,
    kafka: Kafka,
    position: Annotated[
        list[str] | None,
        typer.Option("--position", metavar="PARTITIE/OFFSET", help="Een plek uit de lijst; mag vaker."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Alles wat nog niet opnieuw is aangeboden.")] = False,
    as_json: AsJson = False,
) -> None:
    """Biedt opzij gezette berichten opnieuw aan, elk bericht één keer; wat u met --position noemt ook nog een keer."""
    if bool(position) == everything:
        _fail("Kies --all, of een of meer keer --position PARTITIE/OFFSET.", WRONG_USE, as_json=as_json)
    _tell(
        lambda wording: str((wording.replayed_json if as_json else wording.replayed)(topic, kafka, position or None)),
        as_json=as_json,
    )


def _tell(answer: Callable[[ModuleType], str], *, as_json: bool) -> None:
    """Imported only now: what talks to Kafka takes longer to load than the help to show."""
    from shared.messaging.parked import wording

    try:
        typer.echo(answer(wording))
    except wording.ParkedError as problem:
        _fail(str(problem), as_json=as_json)


def _fail(message: str, code: int = 1, *, as_json: bool) -> NoReturn:
    """A program reads what went wrong where it reads the answer."""
    if as_json:
        typer.echo(json.dumps({"error": message}, ensure_ascii=False))
    else:
        typer.echo(message, err=True)
    raise typer.Exit(code)
