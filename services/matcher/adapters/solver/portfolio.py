"""Solves a region for as long as is wanted: a plan at once, better plans and bounds as they come, an end when it is proven."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from services.matcher.adapters.solver.board import (
    Board,
    Bounder,
    Effort,
    Improver,
    Progress,
    Stop,
    certified,
    is_allowed,
    with_reasons,
)
from services.matcher.adapters.solver.portfolio_parts import CpSatRounds, EjectionRounds, GreedyStart
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region

__all__ = [
    "AnytimeLimits",
    "Board",
    "Bounder",
    "Effort",
    "Improver",
    "Parts",
    "Progress",
    "certified",
    "default_parts",
    "is_allowed",
    "solve_anytime",
    "with_reasons",
    "without_fairness",
]

EFFORTS = (0.3, 0.5, 1.0, 2.0, 4.0)
"""Deterministic time of each round; the last one is repeated."""
STEPS = 250_000
"""Steps of the first round; each round takes twice as many as the one before, up to the longest."""
LONGEST = 64 * STEPS
IDLE_ROUNDS = 2
MOST_ROUNDS = 7
"""Without a time limit the search ends after so many rounds, or earlier when rounds of full effort bring nothing."""
Parts = tuple[Sequence[Improver], Sequence[Bounder]]


@dataclass(frozen=True, slots=True)
class AnytimeLimits:
    """When to end at the latest, how many threads, the seed, and whether fairness is priced.

    Without `time_s` only counted work decides, so that the same region and seed give the same plan.
    """

    time_s: float | None = None
    threads: int = 1
    seed: int = 1
    fairness: bool = True


def default_parts() -> Parts:
    """The improvers and bounders of one solve, in the order in which they take turns; they keep what they learn."""
    return (GreedyStart(), EjectionRounds(), CpSatRounds()), ()


def solve_anytime(
    region: Region,
    limits: AnytimeLimits,
    on_progress: Callable[[Progress], None] = lambda _: None,
    stop: Stop = lambda: False,
    parts: Parts | None = None,
) -> Plan:
    """The best plan that the checker allows within the limits, with its certificate; ends by itself when it is proven."""
    deadline = None if limits.time_s is None else time.perf_counter() + limits.time_s
    priced = region if limits.fairness else without_fairness(region)
    board = Board(priced, on_progress, lambda: stop() or (deadline is not None and time.perf_counter() >= deadline))
    chosen = default_parts() if parts is None else parts
    number = idle = 0
    while not board.should_stop() and (deadline is not None or (idle < IDLE_ROUNDS and number < MOST_ROUNDS)):
        before = board.news
        _round(board, chosen, _effort(number, limits))
        number += 1
        idle = idle + 1 if board.news == before and number >= len(EFFORTS) else 0
    return certified(region, board.best, board.bound, board.unplaced_bound)


def _effort(number: int, limits: AnytimeLimits) -> Effort:
    time_of_one = EFFORTS[min(number, len(EFFORTS) - 1)]
    steps = min(LONGEST, STEPS * 2**number)
    return Effort(number, time_of_one, steps, limits.seed + number, max(1, limits.threads))


def _round(board: Board, parts: Parts, effort: Effort) -> None:
    """Improvers one after the other, bounders likewise; beside each other when there are threads for it."""

    def improve() -> None:
        for one in parts[0]:
            if not board.should_stop():
                one.improve(board, effort)

    def bound() -> None:
        for one in parts[1]:
            if not board.should_stop():
                one.bound(board, effort)

    if effort.threads == 1 or not parts[1]:
        improve()
        bound()
        return
    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(improve), pool.submit(bound)]:
            future.result()


def without_fairness(region: Region) -> Region:
    """The region without a price on fairness: a bound for it holds for the region too, since prices are never negative."""
    return replace(region, settings=replace(region.settings, fairness=replace(region.settings.fairness, groups=())))
