"""Many rows at once, whether they came as a file or as JSON: what is good is kept, and only looked at when that is asked."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import uuid_utils

from services.capacity.domain.access import Own
from services.capacity.entrypoints import csv_columns, csv_files
from services.capacity.handlers.keeping_rows import (
    Outcome,
    SupervisorRow,
    Verdict,
    WorkplaceRow,
    keep_supervisors,
    keep_workplaces,
)
from services.capacity.ports import Store
from shared.web.changes import Answer

SUPERVISORS, WORKPLACES = "begeleiders", "leerwerkplekken"
COLUMNS = {SUPERVISORS: csv_columns.OF_SUPERVISORS, WORKPLACES: csv_columns.OF_WORKPLACES}


class JustLooking(Exception):
    """Undoes the transaction: only the verdicts were asked for."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        super().__init__("just looking")
        self.verdicts = verdicts


async def keep_file(store: Store, own: Own, kind: str, raw: bytes, at: str | None, today: date) -> list[Verdict]:
    """Keeps the good rows of a file, about `own` sites, which are named; raises DomainError when it is no such file."""
    sites = own.sites or {}
    rows = csv_files.read(raw, COLUMNS[kind])
    verdicts: list[Verdict]
    if kind == SUPERVISORS:
        people, wrong = csv_columns.supervisor_rows(rows, sites, at)
        verdicts = await keep_people(store, own, people, today)
    else:
        places, wrong = csv_columns.workplace_rows(rows, sites, at)
        verdicts = await keep_places(store, own, places)
    kept = [replace(each, field=csv_columns.column_of(each.field)) for each in verdicts]
    return sorted([*kept, *wrong], key=lambda each: each.row)


async def keep_people(store: Store, own: Own, rows: Sequence[SupervisorRow], today: date) -> list[Verdict]:
    """Keeps supervisors."""
    return await keep_supervisors(store, own, rows, _fresh(len(rows)), today)


async def keep_places(store: Store, own: Own, rows: Sequence[WorkplaceRow]) -> list[Verdict]:
    """Keeps workplaces."""
    return await keep_workplaces(store, own, rows, _fresh(len(rows)))


def verdicts_answer(verdicts: Sequence[Verdict], *, only_look: bool) -> Answer:
    """What is answered about each row, which is also what the same request gets again; raises JustLooking."""
    if only_look:
        raise JustLooking(verdicts)
    return Answer(200, verdicts_body(verdicts))


def verdicts_body(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The verdicts, how many there are of each, and how much was made empty."""
    counts = {each.value: sum(one.outcome is each for one in verdicts) for each in Outcome}
    cleared = sum(each.cleared for each in verdicts)
    return {"counts": counts, "cleared": cleared, "items": [asdict(each) for each in verdicts]}


def _fresh(count: int, make: Callable[[], object] = uuid_utils.uuid7) -> list[str]:
    return [str(make()) for _ in range(count)]
