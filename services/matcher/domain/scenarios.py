"""Reads a scenario: a list of changes to try on a copy of a region."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.matcher.domain import documents_settings
from services.matcher.domain.documents import plain
from services.matcher.domain.reading import Fields, Node, Problem, read_all, texts
from services.matcher.domain.region import Region
from services.matcher.domain.scenarios_opened import Opened, opened
from services.matcher.domain.settings import Settings
from services.matcher.domain.vocabulary import Tier

SCENARIO_FORMAT = "leerplek/scenario/1"
SETTINGS = ("levers", "costs", "travel", "fairness", "trainer_site_qh", "grace_days", "min_common_days", "related")
"""Settings that a scenario may change; of an object only the fields that are named change."""
MOST = 10**6


@dataclass(frozen=True, slots=True)
class Which:
    """Whom or what a change is about: whatever fits every list that is not empty."""

    supervisors: tuple[str, ...] = ()
    workplaces: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    institutes: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change: by how much, and about what. What does not belong to its kind keeps its default."""

    which: Which
    add: int = 0
    factor: float = 1.0
    at_most: int = 0
    euro: float = 0.0
    euro_per_hour: float = 0.0
    share: float = 0.0
    start: date = date.min
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """All changes of one scenario."""

    name: str
    settings: Settings
    hours: tuple[Change, ...] = ()
    budget: tuple[Change, ...] = ()
    leadership: tuple[Change, ...] = ()
    seats: tuple[Change, ...] = ()
    intake: tuple[Change, ...] = ()
    numerus_fixus: tuple[Change, ...] = ()
    absences: tuple[Change, ...] = ()
    close_sites: tuple[str, ...] = ()
    opened: Opened = field(default_factory=Opened)


def scenario_from_document(document: object, region: Region) -> Scenario:
    """The scenario of a file, for this region; raises RegionProblems with all problems of the file at once."""

    def read(node: Node) -> Scenario:
        fields = node.fields()
        fields.required("format", lambda found: found.word((SCENARIO_FORMAT,)))
        known = _Known(region)
        scenario = Scenario(
            name=fields.optional("name", Node.text, "scenario"),
            settings=_settings(fields, region, node.problems),
            hours=fields.many("hours", lambda one: _hours(one, known)),
            opened=fields.optional("open", lambda one: opened(one, region), Opened()),
            leadership=fields.many("leadership", lambda one: _leadership(one, known)),
            budget=fields.many("budget", lambda one: _budget(one, known)),
            seats=fields.many("seats", lambda one: _seats(one, known)),
            intake=fields.many("intake", lambda one: _intake(one, known)),
            numerus_fixus=fields.many("numerus_fixus", lambda one: _numerus_fixus(one, known)),
            absences=fields.many("absences", lambda one: _absences(one, known)),
            close_sites=fields.optional("close_sites", lambda one: known.names(one, "sites"), ()),
        )
        fields.close()
        return scenario

    return read_all(document, read)


class _Known:
    """What the lists of a change may name."""

    def __init__(self, region: Region) -> None:
        students = region.students.values()
        self._names: dict[str, set[str]] = {
            "supervisors": {*region.supervisors},
            "workplaces": {*region.workplaces},
            "sites": {*region.sites},
            "periods": {*region.periods},
            "subjects": {*(one.subject for one in students), *(one.subject for one in region.workplaces.values())},
            "institutes": {one.institute for one in students},
            "routes": {one.route for one in students},
            "sectors": {one.sector.value for one in region.sites.values()},
        }

    def names(self, node: Node, name: str) -> tuple[str, ...]:
        """A list of names that the region has."""
        found = texts(node)
        strange = [one for one in found if one and one not in self._names[name]]
        node.problems.extend(Problem(node.path, one, f"{name} of the region") for one in strange)
        return found

    def which(self, fields: Fields, *names: str, tier: bool = False) -> Which:
        """The lists with these names."""
        lists = {name: self._list(fields, name) for name in names}
        wanted = fields.optional("tier", lambda node: node.one_of(Tier), None) if tier else None
        return Which(**lists, tier=wanted)

    def _list(self, fields: Fields, name: str) -> tuple[str, ...]:
        nothing: tuple[str, ...] = ()
        return fields.optional(name, lambda node: self.names(node, name), nothing)


def _settings(fields: Fields, region: Region, problems: list[Problem]) -> Settings:
    """The region's settings with the named fields changed, read as strictly as in a region file."""
    given = {name: fields.left.pop(name) for name in SETTINGS if fields.left is not None and name in fields.left}
    document = plain(region.settings)
    merged = _merged(document, given)
    return documents_settings.settings(Node(merged, "", problems))


def _merged(old: Any, new: Any) -> Any:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
    return new


def _hours(node: Node, known: _Known) -> Change:
    """More or fewer quarter hours a week: `add` first, then `factor`; never below 0."""
    fields = node.fields()
    change = Change(
        known.which(fields, "supervisors", "sites", "subjects", "periods", tier=True),
        add=fields.optional("add_qh", lambda one: one.integer(-MOST, MOST), 0),
        factor=fields.optional("factor", lambda one: float(one.decimal(0, 100)), 1.0),
    )
    fields.close()
    return change


def _budget(node: Node, known: _Known) -> Change:
    """Money for hours, spread evenly over whom it is about."""
    fields = node.fields()
    change = Change(
        known.which(fields, "supervisors", "sites", "subjects", "periods", tier=True),
        euro=fields.required("euro", lambda one: float(one.decimal(0, 10**9))),
        euro_per_hour=fields.optional("euro_per_hour", lambda one: float(one.decimal(1, 10**4)), 45.0),
    )
    fields.close()
    return change


def _leadership(node: Node, known: _Known) -> Change:
    """Hours that the leaders of each of these sites free, spread evenly over whom it is about there."""
    fields = node.fields()
    change = Change(
        known.which(fields, "supervisors", "sites", "subjects", "periods", tier=True),
        add=fields.required("qh_per_site", lambda one: one.integer(0, MOST)),
    )
    fields.close()
    return change


def _seats(node: Node, known: _Known) -> Change:
    """More or fewer seats at each of these workplaces; never below 0."""
    fields = node.fields()
    change = Change(
        known.which(fields, "workplaces", "sites", "subjects", "periods"),
        add=fields.required("add", lambda one: one.integer(-MOST, MOST)),
    )
    fields.close()
    return change


def _intake(node: Node, known: _Known) -> Change:
    """Fewer or more registrations: the number of these students times a factor."""
    fields = node.fields()
    change = Change(
        known.which(fields, "institutes", "subjects", "routes", "sectors"),
        factor=fields.required("factor", lambda one: float(one.decimal(0, 5))),
    )
    fields.close()
    return change


def _numerus_fixus(node: Node, known: _Known) -> Change:
    """At most so many of these students."""
    fields = node.fields()
    change = Change(
        known.which(fields, "institutes", "subjects", "routes", "sectors"),
        at_most=fields.required("at_most", lambda one: one.integer(0, MOST)),
    )
    fields.close()
    return change


def _absences(node: Node, known: _Known) -> Change:
    """A share of these people is absent."""
    fields = node.fields()
    change = Change(
        known.which(fields, "supervisors", "sites", "subjects", tier=True),
        share=fields.required("share", lambda one: float(one.decimal(0, 1))),
        start=fields.required("start", Node.day),
        end=fields.nullable("end", Node.day),
    )
    if change.end is not None and change.end < change.start:
        node.refuse("an end on or after the start")
    fields.close()
    return change
