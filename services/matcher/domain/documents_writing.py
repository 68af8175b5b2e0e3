"""Writes regions and plans as documents, every field by its name in the file."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region, Site
from services.matcher.domain.settings import Norm, Step


def region_to_document(region: Region) -> dict[str, Any]:
    """The region as a file: reading it again gives an equal region."""
    return {
        "format": "leerplek/region/1",
        "region": region.id,
        "today": region.today.isoformat(),
        "periods": plain(tuple(region.periods.values())),
        "settings": plain(region.settings),
        "sites": plain(tuple(region.sites.values())),
        "workplaces": plain(tuple(region.workplaces.values())),
        "supervisors": plain(tuple(region.supervisors.values())),
        "students": plain(tuple(region.students.values())),
        "placements": plain(region.placements),
    }


def plan_to_document(plan: Plan) -> dict[str, Any]:
    """The plan as a file: reading it again gives an equal plan."""
    return {
        "format": "leerplek/plan/1",
        "region": plan.region,
        "today": plan.today.isoformat(),
        "placements": plain(plan.placements),
        "unplaced": plain(plan.unplaced),
        "certificate": plain(plan.certificate),
    }


def plain(value: object) -> Any:
    """Any value of the domain as JSON."""
    if isinstance(value, Norm):
        needs = value.needs
        wpb_so_io = {"wpb": needs.wpb, "so": needs.so, "io": needs.io}
        return {"route": value.route, "phase": value.phase, "support": value.support, **wpb_so_io}
    if isinstance(value, Step):
        return [plain(value.upto), value.cost]
    if isinstance(value, Site) and value.region is None:
        return {each.name: plain(getattr(value, each.name)) for each in fields(value) if each.name != "region"}
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    return value
