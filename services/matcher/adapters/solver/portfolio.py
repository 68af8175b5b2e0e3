"""Solves a region for as long as is wanted: a plan at once, better plans and bounds as they come, an end when it is proven."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from services.matcher.adapters.solver.board import (
    Board,
    Part,
    Progress,
    Stop,
    Turn,
    certified,
    is_allowed,
    with_reasons,
)
from services.matcher.adapters.solver.bounds.bound import BoundTurns
from services.matcher.adapters.solver.compiled.layout import are_trainers_scarce
from services.matcher.adapters.solver.compiled.loading import is_ready
from services.matcher.adapters.solver.compiled.tables import tables_of
from services.matcher.adapters.solver.component_rounds import ComponentRounds
from services.matcher.adapters.solver.fewest import LARGEST, fewest_unplaced
from services.matcher.adapters.solver.portfolio_parts import Annealing, SiteRounds, WholeModel
from services.matcher.adapters.solver.search import model_size
from services.matcher.adapters.solver.stopgap import Stopgap
from services.matcher.adapters.solver.trainer_rounds import TrainerRounds
from services.matcher.domain.levers import shares_guidance
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region

__all__ = [
    "AnytimeLimits",
    "Board",
    "Part",
    "Parts",
    "Progress",
    "Turn",
    "certified",
    "default_parts",
    "is_allowed",
    "solve_anytime",
    "with_reasons",
    "without_fairness",
]

SMALL = 60
"""Up to so many students CP-SAT on everybody comes first: mostly it proves the optimum before the compiled search is loaded."""
FEW, MIDDLING = 500, 8_000
"""Students and variables up to which CP-SAT on everybody at once is worth its turns (measured at 300 students)."""
FIRST_WORK = 1.0
"""Work on plans before the first on bounds, so that a good plan is not kept waiting."""
FIRST_BOUNDS, NEXT_WORK = 2, 0.004
"""So many turns of bounds come then, which make the programs and solve the first; the others wait until plans had so much work for each
student, since one of them may take nine seconds, while plans gain most (not where students are few)."""
BOUND_SHARE, SHARE_IF_FEW = 0.4, 0.7
"""The part of the work that goes into bounds where one thread does everything: more of it with few students, where the
program of a bound is solved in whole numbers and so finds plans too."""
LEAST_WORK = 0.02
"""What a turn counts for at least."""
FEWEST_WORK = 0.5
"""Work on how few must be left out, at the end, in small regions: the cheapest plan need not be the one with the fewest."""
MOST_WORK = 60.0
"""Without a time limit plans are sought for so much work at most,"""
PATIENCE = 5.0, 0.5
"""or until so much work, and such a part of all work so far, brought nothing better."""


@dataclass(frozen=True, slots=True)
class AnytimeLimits:
    """When to end at the latest, how many threads, the seed, and whether fairness is priced.

    Without `time_s` only counted work decides, so that the same region and seed give the same plan.
    """

    time_s: float | None = None
    threads: int = 1
    seed: int = 1
    fairness: bool = True


@dataclass(frozen=True, slots=True)
class Parts:
    """Who looks for plans and who proves bounds."""

    improvers: Sequence[Part]
    bounders: Sequence[Part] = ()


def default_parts(board: Board) -> Parts:
    """The parts of one solve; they keep what they learn."""
    students, quick = len(board.region.students), (Annealing(), SiteRounds())
    if students <= SMALL:
        return Parts((WholeModel(), *quick), (BoundTurns(board),))
    settings = board.region.settings
    if students <= FEW and not shares_guidance(settings) and are_trainers_scarce(tables_of(board.atlas)):
        return Parts((Annealing(), TrainerRounds()), (BoundTurns(board), ComponentRounds()))
    if students <= FEW and model_size(settings, board.places) <= MIDDLING:
        return Parts((*quick, WholeModel()), (BoundTurns(board),))
    return Parts(quick, (BoundTurns(board),))


def solve_anytime(
    region: Region,
    limits: AnytimeLimits,
    on_progress: Callable[[Progress], None] = lambda _: None,
    stop: Stop = lambda: False,
    parts: Callable[[Board], Parts] = default_parts,
) -> Plan:
    """The best plan that the checker allows within the limits, with its certificate; ends by itself when it is proven."""
    deadline = None if limits.time_s is None else time.perf_counter() + limits.time_s
    priced = region if limits.fairness else without_fairness(region)
    meanwhile = Stopgap(on_progress)
    board = Board(priced, meanwhile.tell, lambda: stop() or (deadline is not None and time.perf_counter() >= deadline))
    if len(region.students) > SMALL and not board.should_stop() and not is_ready():
        meanwhile.make(board)
    chosen = parts(board)
    improving = _Crew(chosen.improvers, limits.seed)
    bounding = _Crew(chosen.bounders, limits.seed)
    tireless = deadline is not None
    if limits.threads == 1 or not bounding.members:
        _alternate(board, improving, bounding, tireless=tireless)
    else:
        _beside(board, improving, bounding, tireless=tireless)
    if not stop() and len(region.students) <= LARGEST:
        fewest = SolveLimits(FEWEST_WORK, limits.seed)
        least = fewest_unplaced(board.atlas, board.places, board.best, board.unplaced_bound, fewest)
        board.prove(board.bound, least.unplaced_bound, "fewest")
    return certified(region, meanwhile.better(board), board.bound, board.unplaced_bound)


@dataclass(slots=True)
class _Member:
    """A part, and the turns and work it had."""

    part: Part
    turns: int = 0
    work: float = 0.0


class _Crew:
    """Parts that take turns, the one that worked least first: each finds what the others have no eye for."""

    def __init__(self, parts: Sequence[Part], seed: int) -> None:
        self.members = [_Member(one) for one in parts]
        self._seed = seed
        self.work, self.last_gain, self.turns = 0.0, 0.0, 0

    @property
    def next(self) -> _Member:
        """Whose turn it is: who has worked least after it, so that nobody waits for a long search of another."""
        return min(self.members, key=lambda each: each.work + each.part.next_work)

    def take(self, board: Board) -> None:
        """One turn."""
        one, before = self.next, board.value
        worked = one.part.take(board, Turn(one.turns, self._seed + one.turns))
        one.turns, self.turns = one.turns + 1, self.turns + 1
        if worked is None:
            self.members.remove(one)
            return
        one.work += max(worked, LEAST_WORK)
        self.work += max(worked, LEAST_WORK)
        if board.value < before:
            self.last_gain = self.work

    @property
    def is_tired(self) -> bool:
        """More work is likely to bring little."""
        least, part = PATIENCE
        return self.work >= MOST_WORK or self.work - self.last_gain >= max(least, part * self.work)


def improve_for(
    board: Board, improvers: Sequence[Part], work: float, begun: tuple[Sequence[int], int]
) -> tuple[int, ...]:
    """Let these look for better plans for so much work; `begun` are the turns that each had before, if any, and the seed.

    The turns that each has had by then.
    """
    turns, seed = begun
    crew = _Crew(improvers, seed)
    members = list(crew.members)
    for member, before in zip(members, turns, strict=False):
        member.turns = before
    while crew.members and crew.work < work and not board.should_stop():
        crew.take(board)
    return tuple(member.turns for member in members)


def _alternate(board: Board, improving: _Crew, bounding: _Crew, *, tireless: bool) -> None:
    """Both on one thread, each its share of the work."""
    students = len(board.region.students)
    share, later = (SHARE_IF_FEW, FIRST_WORK) if students <= FEW else (BOUND_SHARE, NEXT_WORK * students)
    while not board.should_stop():
        seeks = bool(improving.members) and (tireless or not improving.is_tired)
        bounds = bool(bounding.members) and (not seeks or _is_due(improving, bounding, share, later))
        if bounds:
            bounding.take(board)
        elif seeks:
            improving.take(board)
        else:
            return


def _is_due(improving: _Crew, bounding: _Crew, share: float, later: float) -> bool:
    """Bounds had less than their share, even after the next turn, and plans what they are to have before it."""
    after = bounding.work + bounding.next.part.next_work
    before = FIRST_WORK if bounding.turns < FIRST_BOUNDS else max(FIRST_WORK, later)
    return improving.work >= before and after <= share * (improving.work + after)


def _beside(board: Board, improving: _Crew, bounding: _Crew, *, tireless: bool) -> None:
    """Each on a thread of its own."""

    def seek() -> None:
        while improving.members and (tireless or not improving.is_tired) and not board.should_stop():
            improving.take(board)

    def prove() -> None:
        while bounding.members and not board.should_stop():
            bounding.take(board)

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(seek), pool.submit(prove)]:
            future.result()


def without_fairness(region: Region) -> Region:
    """The region without a price on fairness: a bound for it holds for the region too, since prices are never negative."""
    return replace(region, settings=replace(region.settings, fairness=replace(region.settings.fairness, groups=())))
