"""The exact rules as a CP-SAT model for the students who are free, beside those who keep their place."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from ortools.sat.python import cp_model

from services.matcher.adapters.solver.greedy import Places
from services.matcher.adapters.solver.valuation import Group
from services.matcher.domain.guides import Guide, trainer_need
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.options import Place
from services.matcher.domain.plan import Placement, WpbShare
from services.matcher.domain.vocabulary import Relief, Tier

Var: TypeAlias = cp_model.IntVar
Id = TypeVar("Id", bound=str)
TrainerKey = tuple[Tier, StudentId, tuple[PeriodId, ...], SiteId]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who could be in a team: whether they are, and the hours that they give."""

    guide: Guide
    is_in: Var
    qh: Var


@dataclass(frozen=True, slots=True)
class Column:
    """A place with who guides there, and the variable that chooses it; the two columns of a duo share it.

    Without a guide it is a team of some of the members.
    """

    place: Place
    guide: Guide | None
    var: Var
    relief: Relief | None = None
    duo_with: StudentId | None = None
    members: tuple[Member, ...] = ()

    @property
    def cost(self) -> int:
        """Points apart from load, fairness and what a team costs."""
        return self.place.cost + (self.guide.cost if self.guide is not None else 0)


@dataclass(frozen=True, slots=True)
class Use:
    """Hours of somebody that a variable takes: a column, or a member of a team who gives `qh` more."""

    var: Var
    taken_qh: int
    periods: tuple[PeriodId, ...]
    qh: Var | None = None
    least_qh: int = 0


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

    def __init__(
        self, fixed: Ledger, places: Places, groups: Sequence[Group], vacated: Collection[tuple[SiteId, PeriodId]] = ()
    ) -> None:
        """Make the columns with one guide that still fit beside the fixed placements.

        `vacated` is where the free students are now: who stays there must still be allowed when nobody comes back.
        """
        self.fixed = fixed
        self.groups = groups
        self.vacated = sorted(vacated)
        self.cp = cp_model.CpModel()
        self._free_trainers: dict[tuple[SupervisorId | None, Tier, SiteId, tuple[PeriodId, ...], int], bool] = {}
        self.free = sorted(places)
        self.left = {student: self.cp.new_bool_var("") for student in self.free}
        self.roomy = {one: [place for place in places[one] if self._has_room(place)] for one in self.free}
        self.columns: dict[StudentId, list[Column]] = {one: self._columns(self.roomy[one]) for one in self.free}
        self.calls: dict[TrainerKey, list[Call]] = {}
        self.opened: list[tuple[Var, list[Var]]] = []
        self.same: list[tuple[Var, list[tuple[Var, bool]]]] = []
        self.terms: list[tuple[Var, int]] = []
        self.levels: list[tuple[list[tuple[Var, int]], list[Var]]] = []

    def _columns(self, places: Sequence[Place]) -> list[Column]:
        return [
            Column(place, guide, self.cp.new_bool_var(""))
            for place in places
            for guide in place.guides
            if self.fixed.guide_is_free(place, guide)
        ]

    def _has_room(self, place: Place) -> bool:
        fixed = self.fixed
        return (
            fixed.seat_is_free(place)
            and fixed.company_fits(place)
            and any(self._trainer_is_free(place, Tier.SO, one) for one in place.sos)
            and any(self._trainer_is_free(place, Tier.IO, one) for one in place.ios)
        )

    def _trainer_is_free(self, place: Place, tier: Tier, trainer: SupervisorId | None) -> bool:
        """Looked up once for all who ask the same of a trainer at the same site and time."""
        needs = self.fixed.atlas.needs(place.student)
        asked = (trainer, tier, place.site, place.periods, 0 if needs is None else trainer_need(needs, tier))
        found = self._free_trainers.get(asked)
        if found is None:
            found = self._free_trainers[asked] = self.fixed.trainer_is_free(place, tier, trainer)
        return found

    def call_trainers(self) -> None:
        """Make the trainers' choices, when all columns are there."""
        for tier in (Tier.SO, Tier.IO):
            self._call_trainers(tier)

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
                if one is not None and self._trainer_is_free(place, tier, one)
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
        """The columns that bring a student to a site, of every site where there was one who is free."""
        found: dict[tuple[SiteId, PeriodId], list[Column]] = {spot: [] for spot in self.vacated}
        return found | self._by(lambda column: column.place.site)

    def by_guide(self) -> dict[tuple[SupervisorId, PeriodId], list[Use]]:
        """What could take hours of a workplace supervisor."""
        found: dict[tuple[SupervisorId, PeriodId], list[Use]] = defaultdict(list)
        for supervisor, use in self._uses():
            for period in use.periods:
                found[supervisor, period].append(use)
        return found

    def _uses(self) -> Iterator[tuple[SupervisorId, Use]]:
        least = self.fixed.atlas.region.settings.levers.team.min_qh
        teams: set[int] = set()
        for column in self.all_columns():
            if column.guide is not None:
                yield column.guide.supervisor, Use(column.var, column.guide.taken_qh, column.place.periods)
            for one in column.members:
                if one.is_in.index not in teams:
                    teams.add(one.is_in.index)
                    overhead = one.guide.taken_qh - one.guide.qh
                    yield one.guide.supervisor, Use(one.is_in, overhead, column.place.periods, one.qh, least)

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

    def choices(self) -> list[Var]:
        """The variables that say what is chosen; all others follow."""
        members = [one for column in self.all_columns() for one in column.members]
        calls = [var for call in self.all_calls() for var in call.chosen]
        chosen = [column.var for column in self.all_columns()]
        return chosen + calls + [var for one in members for var in (one.is_in, one.qh)]

    def placements(self, value: Mapping[int, int]) -> list[Placement]:
        """The placements that a solution, by index of variable, has chosen."""
        found = []
        for column in self.all_columns():
            if value[column.var.index]:
                place = column.place
                so, io = (self._chosen(tier, place, value) for tier in (Tier.SO, Tier.IO))
                who, where = _shares(column, value), (place.student, place.periods, place.workplace)
                found.append(Placement(*where, who, so, io, column.duo_with, column.relief, place.state))
        return found

    def _chosen(self, tier: Tier, place: Place, value: Mapping[int, int]) -> SupervisorId | None:
        for call in self.calls[tier, place.student, place.periods, place.site]:
            if any(value[var.index] for var in call.chosen):
                return call.trainer
        return None


def _shares(column: Column, value: Mapping[int, int]) -> tuple[WpbShare, ...]:
    if column.guide is not None:
        return (WpbShare(column.guide.supervisor, column.guide.qh),)
    members = [one for one in column.members if value[one.is_in.index]]
    return tuple(WpbShare(one.guide.supervisor, value[one.qh.index]) for one in members)
