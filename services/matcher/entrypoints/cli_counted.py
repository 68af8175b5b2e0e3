"""Shows how far work on a list is, on stderr, and ends it early on Ctrl-C with what there is so far."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from services.matcher.entrypoints.cli_signals import held

T = TypeVar("T")
Name = TypeVar("Name", bound=str)
Stop = Callable[[], bool]


def counted(what: str, names: Sequence[Name], work: Callable[[Name, Stop], T]) -> Mapping[Name, T]:
    """What the work says of each name; after Ctrl-C it is asked to stop, and who was not looked at is left out."""
    found: dict[Name, T] = {}
    with held() as interrupted:
        for name in _shown(what, names):
            found[name] = work(name, interrupted)
            if interrupted():
                break
        if interrupted():
            done = f"{len(found)} van {len(names)} studenten bekeken, de laatste misschien niet helemaal"
            print(f"Onderbroken bij {what}: {done}.", file=sys.stderr)
    return found


def _shown(what: str, names: Sequence[Name]) -> Iterator[Name]:
    console = Console(stderr=True)
    if not console.is_terminal or len(names) < 1:
        yield from names
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=len(names))
        for name in names:
            bar.update(task, description=f"{what}: {name}")
            yield name
            bar.advance(task)
