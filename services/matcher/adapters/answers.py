"""What is read of plans for whoever asks, column by column from the matcher's tables: a page of thousands of students is quick."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Executable, SQLColumnExpression, and_, func, select
from sqlmodel import col

from services.matcher.adapters.tables import (
    CapacityRow,
    FactRow,
    PlaceRow,
    PlanVersionRow,
    RegionPlanRow,
    SignalRow,
    SwitchRow,
)
from services.matcher.domain.capacity import WHOLE_REGION, Figures, Spot
from services.matcher.domain.facts import Document
from services.matcher.domain.ids import PeriodId, SiteId
from services.matcher.domain.places import PlaceStatus
from services.matcher.domain.viewing import NO_PLAN, UNKNOWN_STUDENT, Within
from services.matcher.ports import Effort
from services.matcher.ports.answering import Counts, OpenSignal, PlanHead, Told, Wanted
from shared.contracts.vocabulary import SignalStatus
from shared.errors import NotFound
from shared.persistence.database import Database
from shared.persistence.tables import ConsumerOffset

PLACE = (
    col(PlaceRow.student),
    col(PlaceRow.region),
    col(PlaceRow.institute),
    col(PlaceRow.status),
    col(PlaceRow.since),
    col(PlaceRow.site),
    col(PlaceRow.lost),
    col(PlaceRow.body),
)
VERSION = [name for name in PlanVersionRow.model_fields if name not in ("region", "looks_anew")]
FIGURES = [col(getattr(CapacityRow, name)) for name in Figures.__slots__]


class SqlReads:
    """Reads plans and places; never writes. `consumer` names the stream's offsets: how far it has read."""

    def __init__(self, database: Database, consumer: str) -> None:
        self._database, self._consumer = database, consumer

    async def version(self, region: str) -> int:
        """The number of the plan that holds; raises NotFound."""
        held = select(col(RegionPlanRow.version)).where(col(RegionPlanRow.region) == region)
        for row in await self._rows(held):
            return int(row.version)
        raise NotFound(*NO_PLAN)

    async def is_replanned(self, region: str, since: int, until: int) -> bool:
        """Whether any plan after the first of these versions, up to the last, did more than tell signals."""
        version = col(PlanVersionRow.version)
        found = select(version).where(col(PlanVersionRow.region) == region, version > since, version <= until)
        told = await self._rows(found.where(col(PlanVersionRow.effort) == Effort.SIGNALS.value))
        return len(told) != until - since

    async def head(self, region: str) -> PlanHead:
        """The plan that holds, without its places; raises NotFound."""
        held = (
            select(
                col(RegionPlanRow.version),
                col(RegionPlanRow.certificate),
                col(RegionPlanRow.told),
                col(PlanVersionRow.today),
                col(PlanVersionRow.published_at),
                col(PlanVersionRow.covers),
            )
            .join(PlanVersionRow, _is_of_plan(), isouter=True)
            .where(col(RegionPlanRow.region) == region)
        )
        read = select(col(ConsumerOffset.topic), col(ConsumerOffset.partition), col(ConsumerOffset.next_offset))
        async with self._database.reading() as tx:
            connection = await tx.connection()
            row = (await connection.execute(held)).one_or_none()
            offsets = (await connection.execute(read.where(col(ConsumerOffset.consumer) == self._consumer))).all()
        if row is None:
            raise NotFound(*NO_PLAN)
        position = {f"{topic}/{partition}": offset for topic, partition, offset in offsets}
        return PlanHead(
            region, row.version, row.today, row.published_at, row.certificate, row.covers or {}, position, row.told
        )

    async def counts(self, region: str, within: Within) -> Counts:
        """How many of these students have a place."""
        reason = col(PlaceRow.body)["reason"].as_string()
        counted = select(col(PlaceRow.status), reason, func.count()).where(*_asking(region, within))
        placed, reasons = 0, dict[str, int]()
        for status, why, number in await self._rows(counted.group_by(col(PlaceRow.status), reason)):
            if status == PlaceStatus.PLACED.value:
                placed += number
            else:
                reasons[str(why)] = number
        return Counts(placed, dict(sorted(reasons.items())))

    async def page(self, region: str, within: Within, cursor: str, most: int) -> Sequence[Told]:
        """So many of these students at most, by id, those after the cursor."""
        found = select(*PLACE).where(*_asking(region, within), col(PlaceRow.student) > cursor)
        return [Told(*row) for row in await self._rows(found.order_by(col(PlaceRow.student)).limit(most))]

    async def place(self, student: str) -> Told:
        """What was last published about a student; raises NotFound."""
        for row in await self._rows(select(*PLACE).where(col(PlaceRow.student) == student)):
            return Told(*row)
        raise NotFound(*UNKNOWN_STUDENT)

    async def switch(self, student: str) -> Document | None:
        """The search for another place for a student as it was last told; None where there was none."""
        asked = select(col(SwitchRow.body)).where(col(SwitchRow.student) == student)
        return next((dict(row.body) for row in await self._rows(asked)), None)

    async def signals(self, region: str) -> Sequence[OpenSignal]:
        """The signals of a region that were told and are not over, by id."""
        names = (SignalRow.id, SignalRow.rule, SignalRow.level, SignalRow.status, SignalRow.since, SignalRow.body)
        found = select(*map(col, names)).where(col(SignalRow.region) == region, col(SignalRow.sequence) > 0)
        is_open = col(SignalRow.status) != SignalStatus.CLEARED.value
        return [OpenSignal(*row) for row in await self._rows(found.where(is_open).order_by(col(SignalRow.id)))]

    async def sites_of(self, board: str) -> frozenset[str]:
        """The sites that name this board."""
        found = select(col(FactRow.subject)).where(col(FactRow.board) == board)
        return frozenset(row.subject.removeprefix("site/") for row in await self._rows(found))

    async def own(self, students: Collection[str], within: Within) -> frozenset[str]:
        """Which of these students somebody may know of."""
        if within.is_everybody:
            return frozenset(students)
        if not students:
            return frozenset()
        found = select(col(PlaceRow.student)).where(col(PlaceRow.student).in_(students), *_within(within))
        return frozenset(row.student for row in await self._rows(found))

    async def versions(self, region: str, before: int | None, most: int) -> Sequence[Document]:
        """How the plan came about: its versions before that number, newest first."""
        found = select(*(col(getattr(PlanVersionRow, name)) for name in VERSION))
        found = found.where(col(PlanVersionRow.region) == region)
        if before is not None:
            found = found.where(col(PlanVersionRow.version) < before)
        rows = await self._rows(found.order_by(col(PlanVersionRow.version).desc()).limit(most))
        return [dict(zip(VERSION, map(_shown, row), strict=True)) for row in rows]

    async def trend(self, region: str, since: date, spots: Wanted) -> Sequence[tuple[date, Spot, Figures]]:
        """What was noted of these spots at the beginning of each day, oldest first."""
        keys = (CapacityRow.sector, CapacityRow.subject, CapacityRow.site, CapacityRow.period)
        found = select(col(CapacityRow.day), *map(col, keys), *FIGURES)
        found = found.where(col(CapacityRow.region) == region, col(CapacityRow.day) >= since, *_wanted(spots))
        rows = await self._rows(found.order_by(col(CapacityRow.day), *map(col, keys)))
        return [
            (day, Spot(sector, subject, SiteId(site), PeriodId(period)), Figures(*figures))
            for day, sector, subject, site, period, *figures in rows
        ]

    async def _rows(self, asked: Executable) -> Sequence[Any]:
        async with self._database.reading() as tx:
            rows: Sequence[Any] = (await (await tx.connection()).execute(asked)).all()
            return rows


def _is_of_plan() -> ColumnElement[bool]:
    same_region = col(PlanVersionRow.region) == col(RegionPlanRow.region)
    return and_(same_region, col(PlanVersionRow.version) == col(RegionPlanRow.version))


def _asking(region: str, within: Within) -> list[ColumnElement[bool]]:
    """Those of a region who ask for a place or have one."""
    here = col(PlaceRow.region) == region
    asking = (PlaceStatus.PLACED.value, PlaceStatus.UNPLACED.value)
    return [here, col(PlaceRow.status).in_(asking), *_within(within)]


def _within(within: Within) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if within.institute is not None:
        found.append(col(PlaceRow.institute) == within.institute)
    return [*found, *_at_sites(col(PlaceRow.site), within)]


def _at_sites(site: SQLColumnExpression[Any], within: Within) -> list[ColumnElement[bool]]:
    if within.sites is not None:
        return [site.in_(sorted(within.sites))]
    return [] if within.school is None else [site.startswith(within.school, autoescape=True)]


def _wanted(spots: Wanted) -> list[ColumnElement[bool]]:
    """Without a site being named the trend is that of the whole region."""
    sites = spots.sites or ((WHOLE_REGION,) if spots.within.has_every_site else ())
    lists = ((CapacityRow.site, sites), (CapacityRow.subject, spots.subjects), (CapacityRow.period, spots.periods))
    found: list[ColumnElement[bool]] = [col(column).in_(names) for column, names in lists if names]
    return [*found, *_at_sites(col(CapacityRow.site), spots.within)]


def _shown(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
