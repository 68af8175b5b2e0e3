"""Prints tables for people and JSON for programs."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.matcher.domain.reading import MISSING, Problem
from services.matcher.entrypoints.cli_files import FileProblem
from services.matcher.entrypoints.cli_words import problem_text

WRONG_USE, STOPPED = 2, 130
MOST_PROBLEMS = 200
PLAIN_WIDTH = 120


def console() -> Console:
    """Standard output: as wide as the terminal, wide enough for whole lines in a file."""
    found = Console(highlight=False, soft_wrap=True)
    return found if found.is_terminal else Console(highlight=False, soft_wrap=True, width=PLAIN_WIDTH)


def say(text: str) -> None:
    """One line for people."""
    console().print(text, markup=False)


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[int] = ()
) -> None:
    """A table with a title; the columns with these numbers are set to the right."""
    table = Table(title=escape(title), title_justify="left", title_style="bold")
    for number, name in enumerate(columns):
        table.add_column(escape(name), justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    console().print(table)


def print_json(document: Mapping[str, object]) -> None:
    """A document on standard output, with a line end."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def stopped() -> NoReturn:
    """Ctrl-C came where there is nothing yet to give."""
    typer.echo("Gestopt; er is nog niets om te laten zien.", err=True)
    raise typer.Exit(STOPPED)


def refuse(found: FileProblem, *, as_json: bool) -> NoReturn:
    """Tell everything that is wrong with a file, and end with the code for wrong use."""
    if as_json:
        print_json({"error": "file", "file": str(found.path), "problems": [_plain(one) for one in found.problems]})
    else:
        number = len(found.problems)
        typer.echo(
            f"{found.path} is niet te gebruiken ({number} {'probleem' if number == 1 else 'problemen'}):", err=True
        )
        for one in found.problems[:MOST_PROBLEMS]:
            typer.echo(f"  {problem_text(one)}", err=True)
        if number > MOST_PROBLEMS:
            typer.echo(f"  … en nog {number - MOST_PROBLEMS}; --json geeft ze allemaal.", err=True)
    raise typer.Exit(WRONG_USE)


def _plain(problem: Problem) -> dict[str, object]:
    value = None if problem.value is MISSING else problem.value
    shown = value if isinstance(value, (str, int, float, bool)) or value is None else repr(value)[:80]
    return {"path": problem.path, "value": shown, "expected": problem.expected}
