"""Finds places for whom an event is about: the compiled search near them, then exact models of few students."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.matcher.adapters.solver.engine.ejecting import Effort, apply_to, moved, rearranged
from services.matcher.adapters.solver.engine.local import Stay
from services.matcher.adapters.solver.engine.nearby import who_could_use
from services.matcher.adapters.solver.engine.state import State, places_for
from services.matcher.adapters.solver.greedy import complete
from services.matcher.adapters.solver.greedy_levers import complete_with_levers
from services.matcher.adapters.solver.submodel import improve
from services.matcher.adapters.solver.valuation import groups_of
from services.matcher.domain.ids import StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.levers import shares_guidance
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.options import places_of
from services.matcher.domain.ordering import tie_break
from services.matcher.domain.plan import Placement

NEVER = 10**12
"""Nobody is put out of a place by an event that is not about them."""
DEARER = 8
"""So many times as much does a move cost in the next try when a try moved too many."""
WIDE = 3
"""Where levers share guidance a student has so many times as many ways, and an exact model holds fewer students."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """How far a repair looks; all is counted, nothing is timed."""

    holders: int = 60
    """Placed students who may move, those first who hold most of what is wanted."""
    waiting: int = 16
    """Others without a place who are thought of."""
    efforts: tuple[Effort, ...] = (Effort(3_000),)
    """The tries of the compiled search, each twice as wide as the one before, while somebody is without a place."""
    move: int = 10_000
    """What a move counts for in a search, on top of its price: places are worth more, and everything else less."""
    search_for_waiting: bool = True
    """Whether others without a place, for whom something came free, are worth a search as well."""
    exact: tuple[int, ...] = (14,)
    """Students of the exact models that are tried then."""
    exact_time: float = 0.02
    few: int = 2
    """Of so many changes at once each is looked into as one is. Where more come together others wait for the answer: then there is a
    search for those who lost their place and for nobody else, and no exact model; whoever gets nothing waits for the improving.
    Measured in batches of five among 2,000 students, 240 of them without a place: searches and models for all take two thirds of the
    time of an answer and place 8 where what fits as it is places 140."""


@dataclass(frozen=True, slots=True)
class Task:
    """Whom a repair is about, what came free, how many may move who lost nothing, and what those who lost left behind.

    Of the targets the `lost` had a place: they are worth an exact model at once, newcomers wait for the next improvement.
    """

    targets: frozenset[StudentId]
    lost: frozenset[StudentId] = frozenset()
    people: frozenset[SupervisorId] = frozenset()
    workplaces: frozenset[WorkplaceId] = frozenset()
    budget: int = 0
    left_people: frozenset[SupervisorId] = frozenset()
    left_workplaces: frozenset[WorkplaceId] = frozenset()
    changes: int = 1
    """How many changes are answered together."""


@dataclass(slots=True)
class Work:
    """What a repair did, counted."""

    freed: int = 0
    steps: int = 0
    models: int = 0
    tries: int = 0


class Repair:
    """One repair: the ledger is changed in place, and whoever may differ afterwards is in `seen`."""

    def __init__(self, state: State, task: Task, knobs: Knobs) -> None:
        """Nothing is done yet."""
        self._state, self._task, self._knobs = state, task, knobs
        self.work = Work()
        self.seen: set[StudentId] = set(task.targets)

    def run(self) -> None:
        """Place as many of the targets, and of those for whom something came free, as moves within the budget allow.

        Then whoever waits gets what the targets have left behind, where that fits as it is.
        """
        task, wide = self._task, shares_guidance(self._state.region.settings)
        waiting = self._could_use(task.people, task.workplaces)
        self._place(sorted(task.targets | {*waiting}))
        is_in_haste = task.changes > self._knobs.few
        if is_in_haste:
            self._search_wider(sorted(self._left() & task.lost))
        elif self._left() or (self._knobs.search_for_waiting and not self._state.ledger.placed.keys() >= {*waiting}):
            self._search_wider(sorted(task.targets | {*waiting}))
        if wide and self._left():
            self._place_with_levers(sorted(self._left()))
        for size in () if is_in_haste else self._knobs.exact:
            if self._left() & task.lost:
                self._exact(size // WIDE if wide else size)
        if task.left_people or task.left_workplaces:
            self._place(self._could_use(task.left_people, task.left_workplaces))

    def take_over(self, told: Mapping[StudentId, Placement | None]) -> None:
        """Book what another engine has made of the same state and task; who lost a place and is not told of got it back."""
        there, held = self._state.region.students, self._state.held
        back = {one: held[one] for one in self._task.lost - told.keys()}
        found = {**back, **{one: now for one, now in told.items() if one in there}}
        apply_to(self._state.ledger, found)
        self.seen.update(found)

    def _place(self, students: Sequence[StudentId]) -> None:
        """Where that goes without a move."""
        chances = self._state.chances
        self.seen.update(students)
        complete(self._state.ledger, {one: places_of(chances, chances.region.students[one]) for one in students})

    def _place_with_levers(self, students: Sequence[StudentId]) -> None:
        state = self._state
        complete_with_levers(state.ledger, places_for(state, students))

    def _search_wider(self, wanted: Sequence[StudentId]) -> None:
        most = self._knobs.holders
        for effort in self._knobs.efforts if wanted else ():
            self._search(wanted, most, effort)
            if not self._left():
                return
            most *= 2

    def _left(self) -> set[StudentId]:
        """Targets without a place who could have one."""
        placed = self._state.ledger.placed
        return {one for one in self._task.targets if one not in placed and len(self._state.blocks.of(one).rows)}

    def _could_use(self, people: Collection[SupervisorId], workplaces: Collection[WorkplaceId]) -> list[StudentId]:
        """Of the others without a place some who could use these, by hash."""
        state, seed = self._state, self._state.region.settings.seed
        if not people and not workplaces:
            return []
        others = [one for one in state.waiting - self._task.targets if one not in state.ledger.placed]
        found = who_could_use(state.blocks, others, people, workplaces)
        return sorted(found, key=lambda one: tie_break(seed, one))[: self._knobs.waiting]

    def _search(self, wanted: Sequence[StudentId], most: int, effort: Effort) -> None:
        state, budget = self._state, self._budget_left()
        holders = state.roster.holders(wanted, most) if budget > 0 else []
        free = sorted({*wanted, *holders})
        free = [one for one in free if one not in state.ledger.placed or state.is_simple(state.ledger.placed[one])]
        free = [one for one in free if len(state.blocks.of(one).rows)]
        if not any(one not in state.ledger.placed for one in free):
            return
        move = self._knobs.move
        self.seen.update(free)
        while True:
            held = {one: state.ledger.placed[one] for one in free if one in state.ledger.placed}
            held = {one: now for one, now in held.items() if one not in self._task.targets}
            stay = Stay(frozenset(held), move, NEVER)
            changed = rearranged(state.ground, state.ledger, free, stay, effort)
            self.work.tries, self.work.steps = self.work.tries + 1, self.work.steps + effort.steps
            self.work.freed = max(self.work.freed, len(free))
            if len(moved(changed, held)) <= budget:
                apply_to(state.ledger, changed)
                return
            move *= DEARER
            if move > NEVER // DEARER:
                free = [one for one in free if one not in held]

    def _budget_left(self) -> int:
        state = self._state
        now: dict[StudentId, Placement | None] = {
            one: state.ledger.placed.get(one) for one in self.seen - self._task.targets
        }
        return self._task.budget - len(moved(now, state.held))

    def _exact(self, size: int) -> None:
        """An exact model of the targets who are left and those who hold most of what they could use."""
        state, left = self._state, sorted(self._left() & self._task.lost)
        budget = self._budget_left()
        chosen = left[:size]
        chosen += [one for one in state.roster.holders(chosen, size) if one not in left][: size - len(chosen)]
        held = {one: state.ledger.placed[one] for one in chosen if one in state.ledger.placed and one not in left}
        limits = SolveLimits(self._knobs.exact_time, state.region.settings.seed)
        before = {one: state.ledger.placed.get(one) for one in chosen}
        self.work.models += 1
        improve(state.ledger, places_for(state, chosen), groups_of(state.atlas), limits)
        now: dict[StudentId, Placement | None] = {one: state.ledger.placed.get(one) for one in held}
        out = [one for one in held if now[one] is None]
        if out or len(moved(now, held)) > budget:
            apply_to(state.ledger, before)
        else:
            self.seen.update(chosen)
