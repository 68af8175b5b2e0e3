"""`python -m bench [latency|restart|demo|events|webhooks]`: without a name, all of them; `--list` only tells what there is.

`python -m bench solver`, `engine`, `signals`, `stream`, `answers`, `mails`, `intake`, `imports`, `bounds` and `country` have options of their own: `--help` tells.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from rich.table import Table

from bench import answers, bounds, country, demo, engine, events, latency, restart, signals, webhooks
from bench.intake import imports, load
from bench.mails import command as mails
from bench.results import Measured, console, keep, show
from bench.solver import command as solver
from bench.stack import Broker, brokers
from bench.stream import command as stream

Measure = Callable[[Broker], Awaitable[list[Measured]]]


@dataclass(frozen=True, slots=True)
class Command:
    """What is measured, and about how long that takes on two cores; on each broker, or without one."""

    purpose: str
    takes: str
    on_broker: Measure | None = None
    alone: Callable[[], list[Measured]] | None = None


@dataclass(frozen=True, slots=True)
class WithOptions:
    """Reads its own options, prints and keeps."""

    purpose: str
    takes: str
    run: Callable[[Sequence[str]], None]


COMMANDS = {
    "latency": Command("accepted over HTTP to placement on Kafka, on each broker", latency.TAKES, latency.measure),
    "restart": Command(
        "kill -9 of the matcher to its first event after it, on each broker", restart.TAKES, restart.measure
    ),
    "demo": Command("the demo of 300 students from command to summary", demo.TAKES, alone=demo.measure),
    "events": Command(
        "one event answered by the incremental engine: CPU time among 300, 1,000 and 2,000 students of the demo",
        events.TAKES,
        alone=events.measure,
    ),
    "webhooks": Command(
        "a message to a webhook while another receiver is slow or does not answer",
        webhooks.TAKES,
        alone=webhooks.measure,
    ),
}
WITH_OPTIONS = {
    "solver": WithOptions(
        "plans and bounds over time, against what a user would pick; then events, answered by the engine and by a fresh "
        "solve each time",
        "1 h",
        solver.main,
    ),
    "engine": WithOptions(
        "events answered by the incremental engine alone, as in the running matcher: time, moves, drift",
        "5 min",
        engine.main,
    ),
    "stream": WithOptions(
        "the running matcher under load on Apache Kafka and PostgreSQL: latency, a kill, a backlog, what is lost, moves, gap",
        "20 min",
        stream.main,
    ),
    "answers": WithOptions(
        "questions about plans over HTTP, with 60,000 students in 25 regions in the database", "3 min", answers.main
    ),
    "signals": WithOptions(
        "what people must know: CPU time of a look after one event, and of one at the whole region",
        "1 min",
        signals.main,
    ),
    "mails": WithOptions(
        "10,000 digests written and sent, a critical signal on Kafka until its mail is accepted, an event of the stream, a page",
        "4 min",
        mails.main,
    ),
    "intake": WithOptions(
        "registrations over HTTP, on each broker and database: how many a second, how long each takes, what kill -9 loses",
        "3 min",
        load.main,
    ),
    "imports": WithOptions(
        "a file of 60,000 rows at intake, on each broker and database: seconds and peak memory", "3 min", imports.main
    ),
    "bounds": WithOptions("what is proven over time, against the best plan", "20 min", bounds.main),
    "country": WithOptions("60,000 students in 25 regions, as a whole and in parts, over time", "20 min", country.main),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Tells what there is; measures, prints and keeps the figures."""
    words = sys.argv[1:] if arguments is None else arguments
    if words and words[0] in WITH_OPTIONS:
        WITH_OPTIONS[words[0]].run(words[1:])
        return
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--list", action="store_true", help="only tell what there is")
    options.add_argument("names", nargs="*", choices=[*COMMANDS, []], metavar="|".join(COMMANDS))
    given = options.parse_args(words)
    _tell_what_there_is()
    for name in () if given.list else given.names or COMMANDS:
        started = time.monotonic()
        measured = _measure(name)
        show(measured)
        print(f"{keep(name, measured)}, after {time.monotonic() - started:.0f} s")


def _measure(name: str) -> list[Measured]:
    command = COMMANDS[name]
    if command.alone is not None:
        return command.alone()
    assert command.on_broker is not None
    with brokers() as found:
        return asyncio.run(_on_each(command.on_broker, found))


async def _on_each(measure: Measure, found: Sequence[Broker]) -> list[Measured]:
    return [each for broker in found for each in await measure(broker)]


def _tell_what_there_is() -> None:
    table = Table(
        "command", "what it measures", "takes about", title="make bench runs the first four, one after another"
    )
    for name, command in COMMANDS.items():
        table.add_row(f"python -m bench {name}", command.purpose, command.takes)
    for name, other in WITH_OPTIONS.items():
        table.add_row(f"python -m bench {name}", f"{other.purpose}; --help for its options", other.takes)
    console().print(table)


if __name__ == "__main__":
    main()
