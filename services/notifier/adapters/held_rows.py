"""Rows that were read in one transaction, so that saving them needs no second look in the database."""

from typing import Any, TypeVar

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

Row = TypeVar("Row", bound=SQLModel)


class HeldRows:
    """The session itself refers to its rows weakly, and remembers nothing of a row that is not there."""

    def __init__(self, tx: AsyncSession, *, locks: bool) -> None:
        self._tx = tx
        self._locks = locks
        self._held: dict[tuple[type[Any], str], Any] = {}

    async def read(self, model: type[Row], key: str) -> Row | None:
        """The row as it is now, locked for change when this transaction locks."""
        row = await self._tx.get(model, key, with_for_update=self._locks)
        self._held[model, key] = row
        return row

    async def keep(self, row: Row, key: str) -> None:
        """Inserts the row, or gives the one that is there its values."""
        model = type(row)
        held: Row | None = self._held[model, key] if (model, key) in self._held else await self.read(model, key)
        if held is None:
            self._tx.add(row)
            self._held[model, key] = row
            return
        for name in model.model_fields:
            if getattr(held, name) != getattr(row, name):
                setattr(held, name, getattr(row, name))
        self._tx.add(held)

    def forget(self) -> None:
        """What was read is read anew: statements change rows behind it."""
        self._held.clear()

    async def drop(self, model: type[SQLModel], key: str) -> None:
        """Deletes the row, if there is one."""
        row = await self.read(model, key)
        if row is not None:
            await self._tx.delete(row)
        self._held[model, key] = None
