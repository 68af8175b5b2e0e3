"""Keeps what is tried on copies of regions in the matcher's database, where every process that answers finds it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Update, delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher.adapters.tables import ScenarioRow, ScenarioStepRow
from services.matcher.domain.facts import Document
from services.matcher.ports.answering import TrialKind, TrialState, TrialStep, Tried
from shared.errors import NotFound
from shared.persistence.database import Database
from shared.persistence.statements import changed_rows

GIVEN_UP_AFTER = timedelta(seconds=90)
"""A process that works on something says so more often than this."""
STOPPED = "De dienst is tussendoor opnieuw gestart. Vraag dit opnieuw aan; er is niets veranderd aan het plan."
OPEN = (TrialState.WAITING.value, TrialState.RUNNING.value)


def add_trial(tx: AsyncSession, tried: Tried, owner: str) -> None:
    """Keeps something new to try, within the transaction of who asks for it."""
    tx.add(
        ScenarioRow(
            id=tried.id,
            region=tried.region,
            kind=tried.kind.value,
            name=tried.name,
            state=tried.state.value,
            owner=owner,
            seconds=tried.seconds,
            document=dict(tried.document),
            created_at=tried.created_at,
            seen_at=tried.created_at,
        )
    )


class SqlTrials:
    """`owner` names the process that works on what is begun here."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database, self._owner = database, owner

    async def get(self, trial: str) -> Tried:
        """Raises NotFound."""
        async with self._database.reading() as tx:
            row = await tx.get(ScenarioRow, trial)
        if row is None:
            raise NotFound("onbekend-scenario", "Dit scenario is er niet, of niet meer.")
        return _tried(row)

    async def listed(self, region: str, kind: TrialKind, most: int) -> Sequence[Tried]:
        """Those of a region, the newest first."""
        found = select(ScenarioRow).where(col(ScenarioRow.region) == region, col(ScenarioRow.kind) == kind.value)
        newest = found.order_by(col(ScenarioRow.created_at).desc(), col(ScenarioRow.id).desc()).limit(most)
        async with self._database.reading() as tx:
            return [_tried(row) for row in (await tx.exec(newest)).all()]

    async def waiting(self) -> Sequence[str]:
        """Those of this process that are to be begun, oldest first."""
        found = select(col(ScenarioRow.id)).where(
            col(ScenarioRow.owner) == self._owner, col(ScenarioRow.state) == TrialState.WAITING.value
        )
        async with self._database.reading() as tx:
            return list((await tx.exec(found.order_by(col(ScenarioRow.created_at)))).all())

    async def begin(self, trial: str, now: datetime) -> bool:
        """Whether it still waited, and runs now."""
        changed = {"state": TrialState.RUNNING.value, "seen_at": now}
        return await self._change(trial, changed, col(ScenarioRow.state) == TrialState.WAITING.value)

    async def note(self, trial: str, step: TrialStep) -> bool:
        """Keep how far it is; whether it is still to go on."""
        async with self._database.transaction() as tx:
            seen = _update(trial, {"seen_at": step.at}, col(ScenarioRow.state).in_(OPEN))
            if await changed_rows(tx, seen) != 1:
                return False
            tx.add(ScenarioStepRow(scenario=trial, number=step.number, at=step.at, body=dict(step.body)))
            return True

    async def end(
        self,
        trial: str,
        state: TrialState,
        now: datetime,
        *,
        result: Document | None = None,
        problem: str | None = None,
    ) -> bool:
        """Keep its end, once; whether it had not ended before."""
        version = None if result is None else result.get("plan_version")
        told = {"result": None if result is None else dict(result), "problem": problem, "plan_version": version}
        changed = {"state": state.value, "seen_at": now, "ended_at": now, **told}
        return await self._change(trial, changed, col(ScenarioRow.state).in_(OPEN))

    async def steps(self, trial: str, after: int) -> Sequence[TrialStep]:
        """How far it was since that number, in order."""
        found = select(ScenarioStepRow).where(
            col(ScenarioStepRow.scenario) == trial, col(ScenarioStepRow.number) > after
        )
        async with self._database.reading() as tx:
            rows = (await tx.exec(found.order_by(col(ScenarioStepRow.number)))).all()
            return [TrialStep(row.number, row.at, row.body) for row in rows]

    async def stop_own(self, now: datetime) -> int:
        """Ends as stopped what this process had not ended before it was started anew; how many."""
        async with self._database.transaction() as tx:
            return await changed_rows(tx, _stopped(now, col(ScenarioRow.owner) == self._owner))

    async def keep_alive(self, now: datetime) -> None:
        """Says that this process is at its own, and ends as stopped what another has not been at for long."""
        mine = update(ScenarioRow).where(col(ScenarioRow.owner) == self._owner, col(ScenarioRow.state).in_(OPEN))
        async with self._database.transaction() as tx:
            await tx.exec(mine.values(seen_at=now))
            await tx.exec(_stopped(now, col(ScenarioRow.seen_at) < now - GIVEN_UP_AFTER))

    async def forget(self, before: datetime) -> None:
        """Deletes what ended before that moment."""
        old = select(col(ScenarioRow.id)).where(col(ScenarioRow.ended_at) < before)
        async with self._database.transaction() as tx:
            await tx.exec(delete(ScenarioStepRow).where(col(ScenarioStepRow.scenario).in_(old)))
            await tx.exec(delete(ScenarioRow).where(col(ScenarioRow.ended_at) < before))

    async def _change(self, trial: str, values: dict[str, Any], *where: ColumnElement[bool]) -> bool:
        async with self._database.transaction() as tx:
            return await changed_rows(tx, _update(trial, values, *where)) == 1


def _update(trial: str, values: dict[str, Any], *where: ColumnElement[bool]) -> Update:
    return update(ScenarioRow).where(col(ScenarioRow.id) == trial, *where).values(**values)


def _stopped(now: datetime, which: ColumnElement[bool]) -> Update:
    changed = {"state": TrialState.STOPPED.value, "problem": STOPPED, "ended_at": now}
    return update(ScenarioRow).where(which, col(ScenarioRow.state).in_(OPEN)).values(**changed)


def _tried(row: ScenarioRow) -> Tried:
    return Tried(
        row.id,
        row.region,
        TrialKind(row.kind),
        row.name,
        row.seconds,
        row.document,
        row.created_at,
        TrialState(row.state),
        row.plan_version,
        row.result,
        row.problem,
        row.ended_at,
    )
