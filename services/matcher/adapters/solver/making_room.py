"""Pins a student to some of their places, and makes room there: a model in which they must be at one of these."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from services.matcher.adapters.solver.greedy import Places
from services.matcher.adapters.solver.model import Model, Var
from services.matcher.adapters.solver.neighbourhood import Holders
from services.matcher.adapters.solver.submodel import give_hint, one_worker, quick_presolve, state_costs, state_rules
from services.matcher.adapters.solver.valuation import Group
from services.matcher.domain.ids import SiteId, StudentId
from services.matcher.domain.ledger import NOBODY, Ledger, partners_of
from services.matcher.domain.openings import Openings
from services.matcher.domain.options import Place
from services.matcher.domain.ordering import tie_break
from services.matcher.domain.plan import Placement
from services.matcher.domain.prices import is_kept

WIDTHS = (30, 60, 120)
"""So many students may move; more of them only where no plan was found."""
TIME_PER_STUDENT = 1 / 40
"""Deterministic time of CP-SAT for each student who may move."""
ANOTHER_PLACE, ANOTHER_GUIDE = 3, 1
"""What a change counts for among plans that cost the same."""
MANY_POINTS = 10_000
"""More than a journey, wishes and whatever else of one student cost."""
ROUNDS = 5
"""So often at most those who lost their place or moved are looked at again."""


@dataclass(frozen=True, slots=True)
class Solved:
    """What one model said: whether it gave other placements, and whether it is proven that none are better."""

    is_news: bool
    is_proven: bool


class Pinned:
    """A ledger in which one student is to be at one of these places; it holds an allowed plan, at first without that."""

    def __init__(
        self,
        ledger: Ledger,
        student: StudentId,
        places: Sequence[Place],
        home: Place | None,
        *,
        is_moving_free: bool = False,
    ) -> None:
        """Nothing is solved yet; `home` is where the student is now, `freed` will tell whom each model let move. Where moving costs nothing, of plans that cost the same one with few moves is taken."""
        self.ledger, self.student, self.places = ledger, student, places
        self._is_moving_free = is_moving_free
        self.before, self.freed = dict(ledger.placed), list[list[StudentId]]()
        self._home = home
        self._spots = {(place.workplace, frozenset(place.periods)) for place in places}

    @property
    def is_there(self) -> bool:
        """The student is at one of the places."""
        held = self.ledger.placed.get(self.student)
        return held is not None and (held.workplace, frozenset(held.periods)) in self._spots

    def hurt(self) -> list[StudentId]:
        """Who lost a place, then who moved."""
        before, now = self.before, self.ledger.placed
        moved = (one for one in before.keys() & now.keys() if not before[one].is_same_place(now[one]))
        return [*sorted(before.keys() - now.keys()), *sorted(one for one in moved if one != self.student)]

    def solve(self, free: Places, groups: list[Group], time: float) -> Solved:
        """Book the cheapest plan found for these students with the one there; what holds stays where none is cheaper.

        Not to be there is allowed in the model, so that it begins from what holds, at a price that nothing outweighs.
        """
        ledger, was_there = self.ledger, self.is_there
        placed = [one for one in sorted(free) if one in ledger.placed]
        vacated = {(ledger.site_of[one], when) for one in placed for when in ledger.placed[one].periods}
        held = {one: ledger.remove(one) for one in placed}
        model = Model(ledger, {**free, self.student: self._with_home(free[self.student])}, groups, vacated)
        state_rules(model)
        model.terms.extend((var, _dearest(model)) for var in self._elsewhere(model))
        state_costs(model)
        hint = give_hint(model, held)
        solver = one_worker(ledger.atlas.region.settings.seed)
        solver.parameters.max_deterministic_time = time
        if not self._is_moving_free:
            quick_presolve(solver)
        status = solver.solve(model.cp)
        now = sum(points * hint[var.index] for var, points in model.terms)
        is_found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        is_there = is_found and not any(solver.value(var) for var in self._elsewhere(model))
        is_news = is_there and not (was_there and round(solver.objective_value) >= now)
        placements: Iterable[Placement] = held.values()
        if is_news:
            chosen = {var.index: solver.value(var) for var in model.choices()}
            fewest = _with_fewest_moves(model, solver, held) if self._is_moving_free else None
            placements = model.placements(fewest or chosen)
        for placement in placements:
            ledger.add(placement)
        self.freed.append(sorted(free))
        return Solved(is_news, status == cp_model.OPTIMAL)

    def _with_home(self, places: Sequence[Place]) -> Sequence[Place]:
        return [*places, *([self._home] if self._home is not None and self._home not in places else [])]

    def _elsewhere(self, model: Model) -> list[Var]:
        """What says that the student is not where they are to be."""
        columns = (one for one in model.columns[self.student] if not self._is_wanted(one.place))
        return [model.left[self.student], *(one.var for one in columns)]

    def _is_wanted(self, place: Place) -> bool:
        return (place.workplace, frozenset(place.periods)) in self._spots


def _dearest(model: Model) -> int:
    """More than all of these students together could cost."""
    settings = model.fixed.atlas.region.settings
    costs, steps = settings.costs, settings.fairness.steps
    fair = len(settings.fairness.groups) * max((step.cost for step in steps), default=0)
    one = costs.unplaced + fair + costs.break_started + costs.break_settled + costs.move_workplace + MANY_POINTS
    return one * (len(model.free) + 1)


def _with_fewest_moves(
    model: Model, solver: cp_model.CpSolver, held: Mapping[StudentId, Placement]
) -> dict[int, int] | None:
    """The choices of a plan as cheap as the one just found, in which fewer have another place or guide; None if there is none."""
    cheapest, chosen = round(solver.objective_value), model.choices()
    terms, changes = model.terms, list(_changes(model, held))
    model.cp.add(
        cp_model.LinearExpr.weighted_sum([var for var, _ in terms], [points for _, points in terms]) <= cheapest
    )
    model.cp.minimize(cp_model.LinearExpr.weighted_sum([var for var, _ in changes], [weight for _, weight in changes]))
    model.cp.clear_hints()
    for var in chosen:
        model.cp.add_hint(var, solver.value(var))
    again = one_worker(solver.parameters.random_seed)
    again.parameters.max_deterministic_time = solver.parameters.max_deterministic_time
    status = again.solve(model.cp)
    is_found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return {var.index: again.value(var) for var in chosen} if is_found else None


def _changes(model: Model, held: Mapping[StudentId, Placement]) -> Iterator[tuple[Var, int]]:
    """What counts as a change for those who have a place: another place most, another guide at the same place less."""
    for column in model.all_columns():
        was = held.get(column.place.student)
        if was is not None:
            is_same = is_kept(was, column.place.workplace, column.place.periods)
            has_same = column.guide is None or [column.guide.supervisor] == [share.supervisor for share in was.wpb]
            weight = 0 if is_same and has_same else ANOTHER_GUIDE if is_same else ANOTHER_PLACE
            if weight:
                yield column.var, weight


class Room:
    """Chooses who is free to move for a pinned student, and lets them."""

    def __init__(self, openings: Openings, groups: list[Group], pinned: Pinned) -> None:
        """Where everybody could be, and what groups cost, is that of the region."""
        self._openings, self._groups, self._pinned = openings, groups, pinned
        self._students = pinned.ledger.atlas.region.students
        self._partners = partners_of(pinned.ledger.atlas)

    def places(self, free: Iterable[StudentId]) -> Places:
        """The places of these students, for who is pinned only those."""
        pinned = self._pinned
        return {one: pinned.places if one == pinned.student else self._of(one) for one in free}

    def make(self) -> None:
        """Free those in the way and whom they could replace; then, while it helps, those who were hurt by that."""
        pinned = self._pinned
        for most in WIDTHS:
            self._solve([pinned.student], most)
            if pinned.is_there:
                break
        for _ in range(ROUNDS if pinned.is_there else 0):
            hurt = pinned.hurt()
            if not hurt or not self._solve([pinned.student, *hurt[: WIDTHS[0] // 3]], WIDTHS[0]).is_news:
                break

    def _solve(self, first: list[StudentId], most: int) -> Solved:
        free = self._free(first, most)
        return self._pinned.solve(self.places(free), self._groups, len(free) * TIME_PER_STUDENT)

    def _of(self, student: StudentId) -> list[Place]:
        return self._openings.of(self._students[student])

    def _free(self, first: list[StudentId], most: int) -> list[StudentId]:
        """These, who holds what they could use, whom those could replace, some who wait, and who cannot stay without them."""
        holders = Holders(self._pinned.ledger)
        mine = dict(self.places(first))
        in_the_way = holders.competitors(mine)[: most // 3]
        theirs = {one: self._of(one) for one in in_the_way}
        fellows = [*self._left_behind(), *self._needed_there()][:most]
        chosen = [
            *first,
            *in_the_way,
            *fellows,
            *self._waiting()[: most // 6],
            *holders.competitors({**mine, **theirs}),
        ]
        return self._with_company(list(dict.fromkeys(chosen))[:most])

    def _left_behind(self) -> Iterator[StudentId]:
        """Who is where the student was, when a minimum of students holds there."""
        pinned, ledger = self._pinned, self._pinned.ledger
        held = pinned.before.get(pinned.student)
        home = None if held is None else ledger.atlas.region.workplaces[held.workplace].site
        if home is not None and self._has_minimum(home):
            yield from (one for one, site in sorted(ledger.site_of.items()) if site == home)

    def _needed_there(self) -> Iterator[StudentId]:
        """Who could come along to a site that opens only for more students, those who come cheapest first."""
        sites = {place.site for place in self._pinned.places if self._has_minimum(place.site)}
        least = {
            one: min((place.cost for place in self._of(one) if place.site in sites), default=None)
            for one in (sorted(self._students) if sites else ())
        }
        yield from sorted((one for one in least if least[one] is not None), key=lambda one: (least[one], one))

    def _has_minimum(self, site: SiteId) -> bool:
        region = self._pinned.ledger.atlas.region
        return region.sites[site].min_students > 1 or region.settings.levers.peer.on

    def _waiting(self) -> list[StudentId]:
        """Who has no place and is of the same sector and subject, by hash."""
        me, seed = self._students[self._pinned.student], self._pinned.ledger.atlas.region.settings.seed
        alike = [
            name
            for name, one in self._students.items()
            if name not in self._pinned.ledger.placed and (one.sector, one.subject) == (me.sector, me.subject)
        ]
        return sorted(alike, key=lambda one: tie_break(seed, one))

    def _with_company(self, chosen: list[StudentId]) -> list[StudentId]:
        """With who is in a duo with one of them, belongs with one or is kept apart from the one who is pinned."""
        placed: Mapping[StudentId, Placement] = self._pinned.ledger.placed
        found = list(chosen)
        found += sorted(self._partners.get(self._pinned.student, NOBODY)[1])
        for one in found:
            held = placed.get(one)
            company = set(self._partners.get(one, NOBODY)[0])
            if held is not None and held.duo_with is not None:
                company.add(held.duo_with)
            found += sorted(company - set(found))
        return list(dict.fromkeys(found))
