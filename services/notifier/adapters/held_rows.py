"""Rows that were read in one transaction, so that saving them needs no second look in the database."""

from collections.abc import Collection
from typing import Any, TypeVar

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.statements import chunks

Row = TypeVar("Row", bound=SQLModel)


class HeldRows:
    """The session itself refers to its rows weakly, and remembers nothing of a row that is not there."""

    def __init__(self, tx: AsyncSession, *, locks: bool) -> None:
        self._tx = tx
        self._locks = locks
        self._held: dict[tuple[type[Any], str], Any] = {}
        self._groups: dict[tuple[type[Any], str], dict[str, Any]] = {}
        self._columns: dict[type[Any], str] = {}

    async def read(self, model: type[Row], key: str) -> Row | None:
        """The row, locked for change when this transaction locks; once read it is not read again."""
        if (model, key) not in self._held:
            self._held[model, key] = await self._tx.get(model, key, with_for_update=self._locks)
        found: Row | None = self._held[model, key]
        return found

    async def read_ahead(self, model: type[Row], keys: Collection[str]) -> None:
        """Reads many rows at once, so that none of them is read later: neither those that are there nor those that are not."""
        key, wanted = next(iter(model.model_fields)), [each for each in keys if (model, each) not in self._held]
        for row in await self._rows(model, key, wanted):
            self._held[model, getattr(row, key)] = row
        for each in wanted:
            self._held.setdefault((model, each), None)

    async def read_groups(self, model: type[Row], column: str, values: Collection[str]) -> None:
        """The same for all rows that have one of these values in a column, which `group` then gives."""
        key = next(iter(model.model_fields))
        self._groups |= {(model, value): {} for value in values}
        for row in await self._rows(model, column, values):
            self._held[model, getattr(row, key)] = row
            self._groups[model, getattr(row, column)][getattr(row, key)] = row
        self._columns[model] = column

    def group(self, model: type[Row], value: str) -> list[Row] | None:
        """The rows of a group in a fixed order, as they are in this transaction; None where it was not read."""
        found: dict[str, Row] | None = self._groups.get((model, value))
        return None if found is None else [row for _, row in sorted(found.items())]

    async def _rows(self, model: type[Row], column: str, values: Collection[str]) -> list[Row]:
        key = next(iter(model.model_fields))
        found: list[Row] = []
        for some in chunks(values):
            wanted = select(model).where(col(getattr(model, column)).in_(some)).order_by(getattr(model, key))
            found += (await self._tx.exec(wanted.with_for_update() if self._locks else wanted)).all()
        return found

    async def keep(self, row: Row, key: str) -> None:
        """Inserts the row, or gives the one that is there its values."""
        model = type(row)
        held = await self.read(model, key)
        if held is None:
            self._tx.add(row)
            self._held[model, key] = row
            if model in self._columns and (group := (model, getattr(row, self._columns[model]))) in self._groups:
                self._groups[group][key] = row
            return
        for name in model.model_fields:
            if getattr(held, name) != getattr(row, name):
                setattr(held, name, getattr(row, name))
        self._tx.add(held)

    def forget(self) -> None:
        """What was read is read anew: statements change rows behind it."""
        self._held.clear()
        self._groups.clear()

    async def drop(self, model: type[SQLModel], key: str) -> None:
        """Deletes the row, if there is one."""
        row = await self.read(model, key)
        if row is not None:
            await self._tx.flush()  # it may have been learnt in this transaction
            await self._tx.delete(row)
        self._held[model, key] = None
