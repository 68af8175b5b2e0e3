"""Lets a solve run beside the terminal: shows how it goes, ends on Ctrl-C or on time, and always has a plan to give."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import inf

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from services.matcher.adapters.solver.bounds.highs import SEARCHING
from services.matcher.adapters.solver.compiled.loading import is_ready
from services.matcher.adapters.solver.country.course import solve_country
from services.matcher.adapters.solver.country.cutting import is_country
from services.matcher.adapters.solver.country.reporting import CountryProgress, PartProgress
from services.matcher.adapters.solver.portfolio import SMALL, AnytimeLimits, Progress, certified, solve_anytime
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.entrypoints.cli_signals import held
from services.matcher.entrypoints.cli_words import number_text, percent_text

SOLVE_THREAD = "leerplek-solve"
POLL_S = 0.05
GRACE_S, COUNTRY_GRACE_S = 1.5, 90.0
"""So long after its time a round may still hand in what it found; a country gathers it from its parts and checks the whole."""
PATIENCE_S = 15.0
"""So long after its time the first plan of one region is waited for; where a country has none for some part, without an end."""
LINE_EVERY_S = 2.0
Show = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Watched:
    """The plan, whether somebody broke the solve off, and how the value fell."""

    plan: Plan
    is_interrupted: bool
    seconds: float
    steps: tuple[Progress, ...]

    @property
    def is_proven(self) -> bool:
        """No plan is better."""
        certificate = self.plan.certificate
        return certificate is not None and certificate.bound >= certificate.value


@dataclass(slots=True)
class _Work:
    """What the thread that solves and the one that watches share: whether to stop, whether there is a plan to give at all,
    whether one was sought for everybody (in a country for each part), and whether it is over.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    sought: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    steps: list[Progress] = field(default_factory=list)
    plan: Plan | None = None
    error: BaseException | None = None


def solve_watched(region: Region, limits: AnytimeLimits, show: Show) -> Watched:
    """The best plan within the limits, or at Ctrl-C the best so far; raises what the solve raises."""
    if len(region.students) > SMALL and not is_ready():
        print("De zoeker wordt voor deze computer gebouwd; dat duurt één keer zo'n tien seconden.", file=sys.stderr)
    work, started = _Work(), time.perf_counter()
    with held() as interrupted:
        threading.Thread(target=_solve, args=(region, limits, show, work), name=SOLVE_THREAD, daemon=True).start()
        deadline = None if limits.time_s is None else started + limits.time_s + GRACE_S
        patience = inf if is_country(region) else PATIENCE_S
        is_interrupted = _wait(work, deadline, patience, interrupted)
        work.stop.set()
        if is_country(region):
            work.done.wait(COUNTRY_GRACE_S)
    if work.error is not None:
        raise work.error
    plan = work.plan
    if plan is None:
        last = work.steps[-1]
        plan = certified(region, last.plan, last.bound, last.unplaced_bound)
    return Watched(plan, is_interrupted, time.perf_counter() - started, tuple(work.steps))


def _wait(work: _Work, deadline: float | None, patience: float, interrupted: Callable[[], bool]) -> bool:
    """Wait for the end, the deadline or Ctrl-C, but always for a plan to give; tell whether it was Ctrl-C.

    Who gave a time that is too short for a plan of everybody waits for that all the same, though no longer than the patience.
    """
    is_interrupted = False
    while not work.done.wait(POLL_S):
        is_interrupted = is_interrupted or interrupted()
        late = -inf if deadline is None else time.perf_counter() - deadline
        is_over = late > 0 and (work.sought.is_set() or late > patience)
        if work.begun.is_set() and (is_interrupted or is_over):
            break
    return is_interrupted


def _solve(region: Region, limits: AnytimeLimits, show: Show, work: _Work) -> None:
    def on_progress(step: Progress) -> None:
        if work.steps:  # of the steps before only the figures are asked for; their plans would fill memory
            work.steps[-1] = replace(work.steps[-1], plan=step.plan)
        work.steps.append(step)
        if step.stage != "start" or not is_country(region):
            work.begun.set()
        if step.stage in ("stage", "bound") if is_country(region) else step.stage != "start":
            work.sought.set()
        if not work.stop.is_set():
            show(step)

    try:
        solve = solve_country if is_country(region) else solve_anytime
        work.plan = solve(region, limits, on_progress, work.stop.is_set)
    except BaseException as problem:  # noqa: BLE001 - raised again by who watches
        work.error = problem
    finally:
        work.done.set()


def parts_of(watched: Watched) -> tuple[PartProgress, ...]:
    """How the parts of a country stood when they were last told; empty for one region."""
    told = (step.parts for step in reversed(watched.steps) if isinstance(step, CountryProgress) and step.parts)
    return next(told, ())


def is_still_solving() -> bool:
    """A solve that was left behind still runs: the process must end without waiting for it."""
    return any(thread.name in (SOLVE_THREAD, SEARCHING) for thread in threading.enumerate())


@contextmanager
def shown() -> Iterator[Show]:
    """A bar on a terminal, lines elsewhere; both on stderr."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines()
        return
    columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Begonnen…", total=None)
        yield lambda step: bar.update(task, description=step_text(step))


class Lines:
    """Prints how it goes, a line every so often."""

    def __init__(self) -> None:
        """Nothing is printed yet."""
        self._last = -LINE_EVERY_S

    def __call__(self, step: Progress) -> None:
        """Print the step unless a line was printed just now."""
        if step.seconds - self._last >= LINE_EVERY_S:
            self._last = step.seconds
            seconds = f"{step.seconds:.1f}".replace(".", ",")
            print(f"{seconds} s: {step_text(step)}", file=sys.stderr, flush=True)


def step_text(step: Progress) -> str:
    """Value, bound, gap and students of one step."""
    left = f"{step.unplaced} niet geplaatst (minstens {step.unplaced_bound})"
    return f"waarde {number_text(step.value)}, grens {number_text(step.bound)}, kloof {percent_text(step.gap)}, {left}"
