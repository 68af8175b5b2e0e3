"""What is to be tried again, what was done today, and how organisations want their mail, on SQL."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.rows import unwritten_of, unwritten_row
from services.notifier.adapters.seals import ContactSeals
from services.notifier.adapters.tables import KnownSiteRow, ModeRow, RoundRow, UnwrittenRow
from services.notifier.domain.contacts import is_board
from services.notifier.domain.modes import Mode, Modes, ModeSetting
from services.notifier.domain.unwritten import Unwritten
from shared.persistence.tables import AuditRow

ADDRESS = "test-address"


class SqlRounds:
    """One transaction's view of rounds and modes; a test address is sealed as a contact's is."""

    _tx: AsyncSession
    _seals: ContactSeals
    _now: datetime
    _actor: str

    async def unwritten(self) -> Sequence[Unwritten]:
        rows = select(UnwrittenRow).order_by(col(UnwrittenRow.since), col(UnwrittenRow.id))
        return [unwritten_of(row) for row in await self._tx.exec(rows)]

    async def keep_unwritten(self, unwritten: Sequence[Unwritten]) -> None:
        await self._tx.exec(delete(UnwrittenRow))
        self._tx.add_all([unwritten_row(each) for each in unwritten])
        await self._tx.flush()

    async def round_done(self, name: str) -> date | None:
        row = await self._tx.get(RoundRow, name)
        return None if row is None else row.day

    async def save_round(self, name: str, day: date) -> None:
        row = await self._tx.get(RoundRow, name) or RoundRow(name=name, day=day)
        row.day = day
        self._tx.add(row)

    async def modes(self) -> Modes:
        rows = (await self._tx.exec(select(ModeRow).order_by(col(ModeRow.organisation)))).all()
        await self._seals.read_keys([_owner(row.organisation) for row in rows])
        said = {row.organisation: self._mode_of(row) for row in rows}
        boards = [organisation for organisation in said if is_board(organisation)]
        sites = select(KnownSiteRow.id, KnownSiteRow.board).where(col(KnownSiteRow.board).in_(boards))
        return Modes(said, {site: board or "" for site, board in await self._tx.exec(sites)} if boards else {})

    async def save_mode(self, setting: ModeSetting) -> None:
        owner = _owner(setting.organisation)
        await self._seals.make_key(owner, self._now)
        row = await self._tx.get(ModeRow, setting.organisation)
        if row is None:
            row = ModeRow(organisation=setting.organisation, mode="", version=0)
        row.mode, row.version = setting.mode, setting.version
        row.sealed = self._seals.seal(owner, ADDRESS, {"email": setting.address}) if setting.address else None
        self._tx.add(row)
        await self._note("mode.changed", setting.organisation, row.version)

    async def forget_mode(self, organisation: str) -> None:
        row = await self._tx.get(ModeRow, organisation)
        if row is not None:
            await self._tx.delete(row)
            await self._note("mode.left-to-head", organisation, row.version + 1)

    async def _note(self, action: str, organisation: str, sequence: int) -> None:
        aggregate = f"organisation/{organisation}"
        self._tx.add(AuditRow(at=self._now, actor=self._actor, action=action, aggregate=aggregate, sequence=sequence))
        await self._tx.flush()

    def _mode_of(self, row: ModeRow) -> ModeSetting:
        opened = self._seals.open(_owner(row.organisation), ADDRESS, row.sealed) or {}
        return ModeSetting(row.organisation, Mode(row.mode), opened.get("email"), row.version)


def _owner(organisation: str) -> str:
    """Under whose key a test address is sealed."""
    return f"organisation-{organisation}"
