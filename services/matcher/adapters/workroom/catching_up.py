"""Reads of a region only what changed since it was read before: after one event that is a few rows of thousands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import col
from sqlmodel import select as sqlmodel_select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher.adapters.rows import certificate_from_row, place_from_row
from services.matcher.adapters.store import load_state
from services.matcher.adapters.tables import FactRow, PlaceRow, PlanVersionRow, RegionPlanRow
from services.matcher.domain.facts import Fact
from services.matcher.domain.folding import fold
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.places import Place
from services.matcher.ports import Effort, RegionState
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
        facts = await _sequences_of_facts(tx, region)
        places = await _sequences_of_places(tx, region)
        subjects = [one for one, told in facts.items() if known.facts.sequences.get(one) != told]
        students = [one for one, told in places.items() if _told_of(known.places.get(StudentId(one))) != told]
        is_other = known.facts.sequences.keys() - facts.keys() or await _was_rebuilt(tx, known)
        if not is_other and len(subjects) + len(students) <= MOST_CHANGED:
            kept = {one: place for one, place in known.places.items() if one in places}
            return await _caught_up(tx, replace(known, places=kept), subjects, students)
    return await load_state(database, region)


async def _was_rebuilt(tx: AsyncSession, known: RegionState) -> bool:
    """A region that was rebuilt may hold other things under the same sequences."""
    since = (col(PlanVersionRow.region) == known.facts.id, col(PlanVersionRow.version) > known.version)
    rebuilt = select(col(PlanVersionRow.version)).where(*since, col(PlanVersionRow.effort) == Effort.REBUILD.value)
    return bool(await _rows(tx, rebuilt.limit(1)))


async def _sequences_of_facts(tx: AsyncSession, region: RegionId) -> Mapping[str, int]:
    asked = select(col(FactRow.subject), col(FactRow.sequence)).where(col(FactRow.region) == region)
    return dict(await _rows(tx, asked))


async def _sequences_of_places(tx: AsyncSession, region: RegionId) -> Mapping[str, tuple[int, int]]:
    numbers = (col(PlaceRow.sequence), col(PlaceRow.signal_sequence))
    asked = select(col(PlaceRow.student), *numbers).where(col(PlaceRow.region) == region)
    return {student: (sequence, signal) for student, sequence, signal in await _rows(tx, asked)}


def _told_of(place: Place | None) -> tuple[int, int] | None:
    return None if place is None else (place.sequence, place.signal_sequence)


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
