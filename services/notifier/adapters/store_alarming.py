"""Mails that were given up and of which the operator must still hear, on SQL."""

from collections.abc import Collection, Sequence
from dataclasses import asdict

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.statements import chunks
from services.notifier.adapters.tables import DeadLetterRow
from services.notifier.domain.dead_letters import DeadLetter


class SqlAlarming:
    """One transaction's view of what was given up."""

    _tx: AsyncSession

    async def add_dead_letter(self, letter: DeadLetter) -> None:
        if await self._tx.get(DeadLetterRow, letter.mail) is None:
            self._tx.add(DeadLetterRow(**{**asdict(letter), "gone": sorted(letter.gone)}))
            await self._tx.flush()

    async def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        oldest = select(DeadLetterRow).order_by(col(DeadLetterRow.at), col(DeadLetterRow.mail)).limit(limit)
        return [_letter_of(row) for row in await self._tx.exec(oldest)]

    async def save_gone(self, letters: Collection[DeadLetter]) -> None:
        gone = {letter.mail: sorted(letter.gone) for letter in letters}
        for mails in chunks(gone):
            for row in await self._tx.exec(select(DeadLetterRow).where(col(DeadLetterRow.mail).in_(mails))):
                row.gone = gone[row.mail]
                self._tx.add(row)
        await self._tx.flush()

    async def drop_dead_letters(self, mails: Collection[str]) -> None:
        for some in chunks(mails):
            await self._tx.exec(delete(DeadLetterRow).where(col(DeadLetterRow.mail).in_(some)))


def _letter_of(row: DeadLetterRow) -> DeadLetter:
    columns = row.model_dump()
    return DeadLetter(**{**columns, "gone": frozenset(row.gone)})
