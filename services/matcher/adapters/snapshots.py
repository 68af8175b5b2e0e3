"""Keeps what each region had when a day began, a row for each spot, for somewhat more than a year."""

from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import delete, or_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher.adapters.tables import CapacityRow
from services.matcher.ports import Snapshot
from shared.persistence.statements import insert_rows

KEEP = timedelta(days=400)


async def keep_snapshot(tx: AsyncSession, snapshot: Snapshot) -> None:
    """In the place of another of that day; what has been kept long enough goes."""
    same, old = col(CapacityRow.day) == snapshot.day, col(CapacityRow.day) < snapshot.day - KEEP
    await tx.exec(delete(CapacityRow).where(col(CapacityRow.region) == snapshot.region, or_(same, old)))
    rows: list[dict[str, object]] = [
        {"region": snapshot.region, "day": snapshot.day, **asdict(spot), **asdict(figures)}
        for spot, figures in snapshot.rows.items()
    ]
    await insert_rows(tx, CapacityRow, rows)
