"""Statements without objects: what they changed, and many rows in one of them."""

from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import CursorResult, Delete, Update, insert
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


async def changed_rows(tx: AsyncSession, statement: Update | Delete) -> int:
    """Runs it and tells how many rows it changed: one, where a guarded change was the first."""
    return cast("CursorResult[object]", await tx.exec(statement)).rowcount


async def insert_rows(tx: AsyncSession, table: type[SQLModel], rows: Sequence[Mapping[str, object]]) -> None:
    """Inserts rows, in order, in one statement without objects: the event loop does not wait for a large plan."""
    if rows:
        await tx.exec(insert(table), params=rows)
