"""Reads of a region only what changed since it was read before: after one event that is a few rows of thousands."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import col
from sqlmodel import select as sqlmodel_select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher.adapters.rows import certificate_from_row, place_from_row
from services.matcher.adapters.store import load_state
from services.matcher.adapters.tables import FactRow, PlaceRow, RegionPlanRow
from services.matcher.domain.facts import Fact
from services.matcher.domain.folding import fold
from services.matcher.domain.ids import RegionId
from services.matcher.ports import RegionState
from shared.persistence.database import Database

AT_ONCE = 500
"""So many rows are named in one question; databases take no more than some thousands."""
MOST_CHANGED = 2_000
"""With more changes than this everything is read anew, which is then as quick."""
T = TypeVar("T")


async def state_of(database: Database, region: RegionId, known: RegionState | None) -> RegionState:
    """The region as it is now, from how it was known and what changed since."""
    if known is None:
        return await load_state(database, region)
    async with database.reading() as tx:
        subjects = await _changed_facts(tx, known)
        students = await _changed_places(tx, known)
        if len(subjects) + len(students) <= MOST_CHANGED:
            return await _caught_up(tx, known, subjects, students)
    return await load_state(database, region)


async def _changed_facts(tx: AsyncSession, known: RegionState) -> list[str]:
    asked = select(col(FactRow.subject), col(FactRow.sequence)).where(col(FactRow.region) == known.facts.id)
    sequences = known.facts.sequences
    return [subject for subject, sequence in await _rows(tx, asked) if sequences.get(subject) != sequence]


async def _changed_places(tx: AsyncSession, known: RegionState) -> list[str]:
    numbers = (col(PlaceRow.sequence), col(PlaceRow.signal_sequence))
    asked = select(col(PlaceRow.student), *numbers).where(col(PlaceRow.region) == known.facts.id)
    held = {one.student: (one.sequence, one.signal_sequence) for one in known.places.values()}
    return [student for student, *told in await _rows(tx, asked) if held.get(student) != tuple(told)]


async def _caught_up(
    tx: AsyncSession, known: RegionState, subjects: Sequence[str], students: Sequence[str]
) -> RegionState:
    region = known.facts.id
    columns = (col(FactRow.subject), col(FactRow.sequence), col(FactRow.document))
    told = []
    for some in _pieces(subjects):
        rows = await _rows(tx, select(*columns).where(col(FactRow.subject).in_(some)))
        told += [Fact(region, subject, sequence, document) for subject, sequence, document in rows]
    places = dict(known.places)
    for names in _pieces(students):
        found = (await tx.exec(sqlmodel_select(PlaceRow).where(col(PlaceRow.student).in_(names)))).all()
        places.update({place.student: place for place in map(place_from_row, found)})
    plan = await tx.get(RegionPlanRow, region)
    assert plan is not None, "a region that was known has a plan"
    certificate = certificate_from_row(plan.certificate)
    return RegionState(fold(known.facts, told), places, version=plan.version, certificate=certificate)


async def _rows(tx: AsyncSession, asked: Any) -> Sequence[Any]:
    rows: Sequence[Any] = (await (await tx.connection()).execute(asked)).all()
    return rows


def _pieces(names: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(names), AT_ONCE):
        yield names[first : first + AT_ONCE]
