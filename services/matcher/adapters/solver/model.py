"""The exact rules as a CP-SAT model for the students who are free, beside those who keep their place."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from ortools.sat.python import cp_model

from services.matcher.adapters.solver.greedy import Places
from services.matcher.adapters.solver.valuation import Group
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.options import Guide, Option, Place
from services.matcher.domain.vocabulary import Tier

Var: TypeAlias = cp_model.IntVar
Id = TypeVar("Id", bound=str)
TrainerKey = tuple[Tier, StudentId, tuple[PeriodId, ...], SiteId]


@dataclass(frozen=True, slots=True)
class Column:
    """A place with a workplace supervisor, and the variable that chooses it."""

    place: Place
    guide: Guide
    var: Var

    @property
    def cost(self) -> int:
        """Points apart from load and fairness."""
        return self.place.cost + self.guide.cost


@dataclass(frozen=True, slots=True)
class Call:
    """A trainer who may be called upon for a student at a site, and the variables of which one says so."""

    trainer: SupervisorId
    tier: Tier
    student: StudentId
    site: SiteId
    periods: tuple[PeriodId, ...]
    chosen: tuple[Var, ...]


class Model:
    """Variables and objective; the rules are added by the functions of `rows`."""

    def __init__(self, fixed: Ledger, places: Places, groups: Sequence[Group]) -> None:
        """Make the columns that still fit beside the fixed placements, and the trainers' choices."""
        self.fixed = fixed
        self.groups = groups
        self.cp = cp_model.CpModel()
        self.free = sorted(places)
        self.left = {student: self.cp.new_bool_var("") for student in self.free}
        self.columns: dict[StudentId, list[Column]] = {one: self._columns(places[one]) for one in self.free}
        self.calls: dict[TrainerKey, list[Call]] = {}
        self.opened: list[tuple[Var, list[Var]]] = []
        self.open_sites: list[tuple[Var, list[Var]]] = []
        self.terms: list[tuple[Var, int]] = []
        self.levels: list[tuple[list[tuple[Var, int]], list[Var]]] = []
        for tier in (Tier.SO, Tier.IO):
            self._call_trainers(tier)

    def _columns(self, places: Sequence[Place]) -> list[Column]:
        return [
            Column(place, guide, self.cp.new_bool_var(""))
            for place in places
            if self._has_room(place)
            for guide in place.guides
            if self.fixed.guide_is_free(place, guide)
        ]

    def _has_room(self, place: Place) -> bool:
        fixed = self.fixed
        return (
            fixed.seat_is_free(place)
            and fixed.company_fits(place)
            and any(fixed.trainer_is_free(place, Tier.SO, one) for one in place.sos)
            and any(fixed.trainer_is_free(place, Tier.IO, one) for one in place.ios)
        )

    def _call_trainers(self, tier: Tier) -> None:
        groups: dict[TrainerKey, list[Column]] = defaultdict(list)
        for column in self.all_columns():
            place = column.place
            groups[tier, place.student, place.periods, place.site].append(column)
        for key, columns in groups.items():
            place = columns[0].place
            people = [
                one
                for one in (place.sos if tier is Tier.SO else place.ios)
                if one is not None and self.fixed.trainer_is_free(place, tier, one)
            ]
            here = tuple(column.var for column in columns)
            chosen = [here] if len(people) == 1 else [(self.cp.new_bool_var(""),) for _ in people]
            if len(people) > 1:
                self.cp.add(sum(one[0] for one in chosen) == sum(here))
            self.calls[key] = [
                Call(one, tier, place.student, place.site, place.periods, variables)
                for one, variables in zip(people, chosen, strict=True)
            ]

    def all_columns(self) -> list[Column]:
        """Every column, by student."""
        return [column for student in self.free for column in self.columns[student]]

    def all_calls(self) -> list[Call]:
        """Every trainer's call."""
        return [call for calls in self.calls.values() for call in calls]

    def by_workplace(self) -> dict[tuple[WorkplaceId, PeriodId], list[Column]]:
        """The columns that take a seat."""
        return self._by(lambda column: column.place.workplace)

    def by_site(self) -> dict[tuple[SiteId, PeriodId], list[Column]]:
        """The columns that bring a student to a site."""
        return self._by(lambda column: column.place.site)

    def by_guide(self) -> dict[tuple[SupervisorId, PeriodId], list[Column]]:
        """The columns that a workplace supervisor guides."""
        return self._by(lambda column: column.guide.supervisor)

    def _by(self, key: Callable[[Column], Id]) -> dict[tuple[Id, PeriodId], list[Column]]:
        found: dict[tuple[Id, PeriodId], list[Column]] = defaultdict(list)
        for column in self.all_columns():
            for period in column.place.periods:
                found[key(column), period].append(column)
        return found

    def by_trainer(self) -> dict[tuple[SupervisorId, PeriodId], list[Call]]:
        """The calls upon a trainer."""
        found: dict[tuple[SupervisorId, PeriodId], list[Call]] = defaultdict(list)
        for call in self.all_calls():
            for period in call.periods:
                found[call.trainer, period].append(call)
        return found

    def options(self, is_true: Mapping[int, bool]) -> list[Option]:
        """The options that a solution, by index of variable, has chosen."""
        found = []
        for column in self.all_columns():
            if is_true[column.var.index]:
                so, io = (self._chosen(tier, column.place, is_true) for tier in (Tier.SO, Tier.IO))
                found.append(Option(column.place, column.guide, so, io))
        return found

    def _chosen(self, tier: Tier, place: Place, is_true: Mapping[int, bool]) -> SupervisorId | None:
        for call in self.calls[tier, place.student, place.periods, place.site]:
            if any(is_true[var.index] for var in call.chosen):
                return call.trainer
        return None
