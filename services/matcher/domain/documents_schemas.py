"""JSON Schemas of the region, plan and scenario file, made from the data classes so that they cannot fall behind."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from services.matcher.domain.documents import PLAN_FORMAT, REGION_FORMAT
from services.matcher.domain.plan import Certificate, Placement, Unplaced
from services.matcher.domain.reading import LARGEST
from services.matcher.domain.region import Absence, Period, Site, Student, Supervisor, Workplace
from services.matcher.domain.scenarios import SCENARIO_FORMAT, SETTINGS
from services.matcher.domain.settings import Costs, Fairness, Norm, Peer, Settings, Team, Travel
from services.matcher.domain.vocabulary import GROUP_ATTRIBUTES, WEEKDAYS

Schema = dict[str, Any]
COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": LARGEST}
TEXT: Schema = {"type": "string", "minLength": 1}
SUPPORT: Schema = {"type": "integer", "minimum": 1, "maximum": 3}
POINTS: Schema = {"type": "array", "items": COUNT, "minItems": 1}
DAYS: Schema = {"type": "array", "items": {"enum": list(WEEKDAYS)}}
PERIOD_SET: Schema = {"type": "array", "items": TEXT, "minItems": 1, "uniqueItems": True}
LARGE: Schema = {"type": "integer", "minimum": 0, "maximum": 10**15}


def _number(low: float, high: float) -> Schema:
    return {"type": "number", "minimum": low, "maximum": high}


def _at_least(low: int, high: int = LARGEST) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high}


def _pair(first: Schema, second: Schema) -> Schema:
    return {"type": "array", "prefixItems": [first, second], "minItems": 2, "maxItems": 2}


EXACT: dict[tuple[type, str], Schema] = {
    (Site, "lat"): _number(-90, 90),
    (Site, "lon"): _number(-180, 180),
    (Site, "max_support"): SUPPORT,
    (Supervisor, "max_support"): SUPPORT,
    (Supervisor, "days"): DAYS,
    (Student, "lat"): _number(-90, 90),
    (Student, "lon"): _number(-180, 180),
    (Student, "support"): SUPPORT,
    (Student, "days"): DAYS,
    (Student, "period_sets"): {"type": "array", "items": PERIOD_SET, "minItems": 1},
    (Placement, "periods"): PERIOD_SET,
    (Certificate, "value"): LARGE,
    (Certificate, "bound"): _number(-(10**15), 10**15),
    (Certificate, "gap"): _number(-(10**15), 10**15),
    (Certificate, "parts"): {"type": "object", "additionalProperties": LARGE},
    (Settings, "min_common_days"): _at_least(0, 7),
    (Travel, "base_min"): _number(0, 1440),
    (Travel, "per_km_min"): _number(0, 1440),
    (Fairness, "groups"): {"type": "array", "items": {"enum": list(GROUP_ATTRIBUTES)}},
    (Fairness, "min_size"): _at_least(1),
    (Fairness, "steps"): {"type": "array", "items": _pair(_number(0, 1), COUNT), "minItems": 1},
    (Costs, "travel"): {"type": "array", "items": _pair(COUNT, COUNT)},
    (Costs, "wish"): POINTS,
    (Costs, "load"): POINTS,
    (Settings, "norms"): {"type": "array", "items": {"$ref": "#/$defs/Norm"}, "minItems": 1},
    (Team, "max_members"): _at_least(1),
    (Peer, "min_group"): _at_least(1),
}
"""Fields whose range is narrower than their type, or whose form differs from it."""
REQUIRED: dict[type, tuple[str, ...]] = {Placement: ("student", "periods", "workplace")}
"""Where the file asks less than the data class."""
OPTIONAL = {("RelatedSubject", "cost")}


def schemas() -> dict[str, Schema]:
    """Each file's schema by its name; documents that readers accept fit them, apart from references between things."""
    return {"region": _region(), "plan": _plan(), "scenario": _scenario()}


class _Definitions:
    """Schemas of data classes, each made once."""

    def __init__(self) -> None:
        self.made: dict[str, Schema] = {}

    def refer(self, kind: type) -> Schema:
        """A reference to the schema of a data class."""
        if kind.__name__ not in self.made:
            self.made[kind.__name__] = {}
            self.made[kind.__name__] = _norm() if kind is Norm else self._object(kind)
        return {"$ref": f"#/$defs/{kind.__name__}"}

    def _object(self, kind: type) -> Schema:
        hints = get_type_hints(kind)
        names = [one for one in fields(kind) if one.init]
        required = [
            one.name
            for one in names
            if one.default is MISSING and one.default_factory is MISSING and (kind.__name__, one.name) not in OPTIONAL
        ]
        known = {one.name: EXACT.get((kind, one.name)) or self.of(hints[one.name]) for one in names}
        if kind is Settings:
            self.refer(Norm)
        return _closed(known, REQUIRED.get(kind, tuple(required)))

    def of(self, hint: Any) -> Schema:
        """The schema of a type."""
        if isinstance(hint, NewType) or hint is str:
            return TEXT
        if hint is bool:
            return {"type": "boolean"}
        if hint is int:
            return COUNT
        if hint is float or hint is Decimal:
            return _number(0, 1)
        if hint is date:
            return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            return {"enum": [one.value for one in hint]}
        if isinstance(hint, type) and is_dataclass(hint):
            return self.refer(hint)
        return self._compound(hint)

    def _compound(self, hint: Any) -> Schema:
        origin, inner = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            (real,) = (one for one in inner if one is not type(None))
            return {"anyOf": [self.of(real), {"type": "null"}]}
        if origin is tuple and inner[1:] == (...,):
            return {"type": "array", "items": self.of(inner[0])}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        raise TypeError(f"no schema for {hint}")

    def many(self, kind: type) -> Schema:
        """A list of these."""
        return {"type": "array", "items": self.refer(kind)}


def _closed(properties: Mapping[str, Schema], required: tuple[str, ...]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _norm() -> Schema:
    """In a file a norm has its hours beside it, not within."""
    texts = {"route": TEXT, "phase": TEXT, "support": SUPPORT}
    return _closed({**texts, "wpb": COUNT, "so": COUNT, "io": COUNT}, ("support", "wpb", "so", "io"))


def _file(name: str, body: Schema, definitions: _Definitions) -> Schema:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:leerplek:schema:{name}"}
    return {**head, "title": f"Leerplek {name} file", **body, "$defs": dict(sorted(definitions.made.items()))}


def _region() -> Schema:
    made = _Definitions()
    properties = {
        "format": {"const": REGION_FORMAT},
        "region": TEXT,
        "today": made.of(date),
        "periods": {**made.many(Period), "minItems": 1},
        "settings": made.refer(Settings),
        "sites": made.many(Site),
        "workplaces": made.many(Workplace),
        "supervisors": made.many(Supervisor),
        "students": made.many(Student),
        "placements": made.many(Placement),
    }
    return _file("region", _closed(properties, ("format", "region", "today", "periods", "settings")), made)


def _plan() -> Schema:
    made = _Definitions()
    properties = {
        "format": {"const": PLAN_FORMAT},
        "region": TEXT,
        "today": made.of(date),
        "placements": made.many(Placement),
        "unplaced": made.many(Unplaced),
        "certificate": {"anyOf": [made.refer(Certificate), {"type": "null"}]},
    }
    return _file("plan", _closed(properties, ("format", "region", "today", "placements")), made)


NAMES: Schema = {"type": "array", "items": TEXT}
TIER: Schema = {"enum": ["wpb", "so", "io"]}
OF_PEOPLE: dict[str, Schema] = {"supervisors": NAMES, "sites": NAMES, "subjects": NAMES, "tier": TIER}
OF_STUDENTS: dict[str, Schema] = {"institutes": NAMES, "subjects": NAMES, "routes": NAMES, "sectors": NAMES}
CHANGE: Schema = {"type": "integer", "minimum": -(10**6), "maximum": 10**6}


def _scenario() -> Schema:
    made = _Definitions()
    made.refer(Settings)
    changed = {name: made.made["Settings"]["properties"][name] for name in SETTINGS}
    when = {"periods": NAMES}
    kinds = {
        "hours": _closed({**OF_PEOPLE, **when, "add_qh": CHANGE, "factor": _number(0, 100)}, ()),
        "budget": _closed(
            {**OF_PEOPLE, **when, "euro": _number(0, 10**9), "euro_per_hour": _number(1, 10**4)}, ("euro",)
        ),
        "leadership": _closed({**OF_PEOPLE, **when, "qh_per_site": _at_least(0, 10**6)}, ("qh_per_site",)),
        "seats": _closed({"workplaces": NAMES, "sites": NAMES, "subjects": NAMES, **when, "add": CHANGE}, ("add",)),
        "intake": _closed({**OF_STUDENTS, "factor": _number(0, 5)}, ("factor",)),
        "numerus_fixus": _closed({**OF_STUDENTS, "at_most": _at_least(0, 10**6)}, ("at_most",)),
        "absences": _closed({**OF_PEOPLE, "share": _number(0, 1), **_range(made)}, ("share", "start")),
    }
    lists = {name: {"type": "array", "items": one} for name, one in kinds.items()}
    more = {"sites": made.many(Site), "workplaces": made.many(Workplace), "supervisors": made.many(Supervisor)}
    sites = {"open": _closed(more, ()), "close_sites": NAMES}
    head = {"format": {"const": SCENARIO_FORMAT}, "name": TEXT}
    return _file("scenario", _closed({**head, **changed, **lists, **sites}, ("format",)), made)


def _range(made: _Definitions) -> dict[str, Schema]:
    made.refer(Absence)
    return {name: made.made["Absence"]["properties"][name] for name in ("start", "end")}
