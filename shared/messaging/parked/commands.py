"""The commands `list` and `replay` about parked messages: part of `leerplek`, and on their own in every image."""

from typing import Annotated, NoReturn

import typer

from shared.messaging.parked.wording import ParkedError, list_lines, replayed

WRONG_USE = 2
Kafka = Annotated[
    str, typer.Option("--kafka", metavar="HOST:POORT", envvar="LEERPLEK_KAFKA", help="Het adres van Kafka.")
]
Topic = Annotated[str, typer.Argument(metavar="TOPIC", help="Het topic, bijvoorbeeld student.registrations.")]

parked = typer.Typer(
    help="Berichten die niet verwerkt konden worden: bekijken en opnieuw aanbieden.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@parked.command("list")
def list_(topic: Topic, kafka: Kafka) -> None:
    """Toont wat van een topic opzij is gezet, waarom, en wat al opnieuw is aangeboden."""
    try:
        typer.echo("\n".join(list_lines(topic, kafka)))
    except ParkedError as problem:
        _fail(str(problem))


@parked.command("replay")
def replay(
    topic: Topic,
    kafka: Kafka,
    position: Annotated[
        list[str] | None,
        typer.Option("--position", metavar="PARTITIE/OFFSET", help="Een plek uit de lijst; mag vaker."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Alles wat nog niet opnieuw is aangeboden.")] = False,
) -> None:
    """Biedt opzij gezette berichten opnieuw aan, elk bericht één keer; wat u met --position noemt ook nog een keer."""
    if bool(position) == everything:
        _fail("Kies --all, of een of meer keer --position PARTITIE/OFFSET.", WRONG_USE)
    try:
        typer.echo(replayed(topic, kafka, position or None))
    except ParkedError as problem:
        _fail(str(problem))


def _fail(message: str, code: int = 1) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
