"""What the matcher answers over HTTP, read from its tables."""

from collections import Counter

from sqlmodel import col, select

from services.matcher.adapters.store import load_state
from services.matcher.adapters.tables import PlaceRow, PlanVersionRow, RegionPlanRow
from services.matcher.domain.assembling import assemble
from services.matcher.domain.documents_writing import region_to_document
from services.matcher.domain.ids import RegionId
from services.matcher.domain.insight import TOO_MUCH, shares
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from shared.errors import NotFound
from shared.persistence.database import Database
from shared.persistence.tables import ConsumerOffset

Document = dict[str, object]
NO_PLAN = ("geen-plan", "Voor deze regio is er nog geen plan.")


class SqlAnswers:
    """Reads plans and places; never writes. `consumer` names the stream's offsets: how far it has read."""

    def __init__(self, database: Database, consumer: str) -> None:
        self._database = database
        self._consumer = consumer

    async def plan(self, region: str) -> Document:
        """The plan that holds in a region, with its certificate; raises NotFound."""
        async with self._database.reading() as tx:
            plan = await tx.get(RegionPlanRow, region)
            if plan is None:
                raise NotFound(*NO_PLAN)
            version = await tx.get(PlanVersionRow, (region, plan.version))
            rows = (await tx.exec(select(PlaceRow).where(col(PlaceRow.region) == region))).all()
            offsets = (
                await tx.exec(select(ConsumerOffset).where(col(ConsumerOffset.consumer) == self._consumer))
            ).all()
        rows = sorted((row for row in rows if row.status in {"placed", "unplaced"}), key=lambda row: row.student)
        placed = [row for row in rows if row.status == "placed"]
        unplaced = [row for row in rows if row.status == "unplaced"]
        reasons = Counter(str((row.body or {}).get("reason")) for row in unplaced)
        return {
            "region": region,
            "version": plan.version,
            "today": version.today.isoformat() if version else None,
            "published_at": version.published_at.isoformat() if version else None,
            "students": len(rows),
            "placed": len(placed),
            "unplaced_by_reason": dict(sorted(reasons.items())),
            "placements": [row.body for row in placed],
            "unplaced": [row.body for row in unplaced],
            "certificate": plan.certificate,
            "covers": version.covers if version else {},
            "position": {f"{one.topic}/{one.partition}": one.next_offset for one in offsets},
        }

    async def version(self, region: str) -> int:
        """The number of the plan that holds; raises NotFound."""
        async with self._database.reading() as tx:
            plan = await tx.get(RegionPlanRow, region)
        if plan is None:
            raise NotFound(*NO_PLAN)
        return plan.version

    async def region_file(self, region: str) -> Document:
        """The region as the matcher plans for it now, with the plan as what holds: a region file; raises NotFound."""
        model = await self._model(region)
        return region_to_document(model)

    async def fairness(self, region: str) -> Document:
        """Which groups have how many without a place, those that carry most above their share first; raises NotFound."""
        model = await self._model(region)
        plan = Plan(model.id, model.today, model.placements)
        unplaced, students = len(model.students) - len(plan.placements), len(model.students)
        groups = sorted(shares(model, plan), key=lambda one: (-one.gap, one.attribute, one.group))
        return {
            "region": region,
            "students": students,
            "unplaced": unplaced,
            "share": unplaced / max(1, students),
            "too_much_above": TOO_MUCH,
            "groups": [
                {
                    "attribute": one.attribute,
                    "value": one.group,
                    "students": one.size,
                    "unplaced": one.unplaced,
                    "share": one.unplaced / one.size,
                    "gap": one.gap,
                    "is_too_much": one.is_too_much,
                }
                for one in groups
            ],
        }

    async def _model(self, region: str) -> Region:
        state = await load_state(self._database, RegionId(region))
        model = assemble(state.facts, state.placements(), state.had())
        if model is None or not state.version:
            raise NotFound(*NO_PLAN)
        return model

    async def versions(self, region: str) -> Document:
        """How the plan of a region came about: its last hundred versions, newest first; raises NotFound."""
        async with self._database.reading() as tx:
            newest = select(PlanVersionRow).where(col(PlanVersionRow.region) == region)
            rows = (await tx.exec(newest.order_by(col(PlanVersionRow.version).desc()).limit(100))).all()
        if not rows:
            raise NotFound(*NO_PLAN)
        return {"region": region, "versions": [row.model_dump(mode="json") for row in rows]}

    async def explanation(self, student: str) -> Document:
        """Where a student is placed, or why not; raises NotFound."""
        async with self._database.reading() as tx:
            row = await tx.get(PlaceRow, student)
        if row is None:
            raise NotFound("onbekende-student", "Van deze student weet de matcher nog niets.")
        held = {"placement" if row.status == "placed" else "unplaced": row.body} if row.body else {}
        return {
            "student": row.student,
            "region": row.region,
            "status": row.status,
            "since": row.since.isoformat(),
            "site": row.site,
            "lost_site": row.lost,
            **held,
        }
