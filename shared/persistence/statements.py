"""Statements without objects: what they changed, and many rows in one of them."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Insert, Table, Update, insert, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


async def changed_rows(tx: AsyncSession, statement: Update | Delete, params: Mapping[str, object] | None = None) -> int:
    """Runs it and tells how many rows it changed: one, where a guarded change was the first."""
    return cast("CursorResult[object]", await tx.exec(statement, params=params)).rowcount


def table_of(model: type[SQLModel]) -> Table:
    """For statements about rows without objects: nothing of them is brought up to date in the session."""
    return cast("Table", inspect(model).local_table)


async def insert_rows(tx: AsyncSession, table: type[SQLModel], rows: Sequence[Mapping[str, object]]) -> None:
    """Inserts rows, in order, in one statement without objects: the event loop does not wait for a large plan."""
    if rows:
        await tx.exec(insert(table), params=rows)


async def insert_new(tx: AsyncSession, table: type[SQLModel], row: Mapping[str, object]) -> bool:
    """Inserts a row unless one with that key is there; False when it is, also when it came at the same moment."""
    made = _dialect(tx).insert(table).values(row).on_conflict_do_nothing()
    return cast("CursorResult[object]", await tx.exec(made)).rowcount == 1


async def put_rows(tx: AsyncSession, table: type[SQLModel], rows: Sequence[Mapping[str, object]]) -> None:
    """Inserts rows, or gives those that are there with the same key these values, in one statement without objects."""
    if rows:
        await tx.exec(_put(_dialect(tx), table, tuple(rows[0])), params=rows)


@cache
def _put(dialect: Any, table: type[SQLModel], columns: Sequence[str]) -> Insert:
    """The statement is made once: that costs as much as sending it."""
    key = [column.name for column in inspect(table).primary_key]
    made = dialect.insert(table)
    now = {name: made.excluded[name] for name in columns if name not in key}
    put: Insert = made.on_conflict_do_update(index_elements=key, set_=now)
    return put


def _dialect(tx: AsyncSession) -> Any:
    """Both have the same insert, under types of their own."""
    return postgresql if tx.get_bind().dialect.name == "postgresql" else sqlite
