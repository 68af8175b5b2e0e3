"""How long the command line waits for a solve: until its time, but not before everybody was looked at."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from services.matcher.adapters.solver.portfolio import AnytimeLimits, Progress
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.entrypoints import cli_watch
from services.matcher.entrypoints.cli_watch import solve_watched
from tests.support.regions import placement, plan, region

MADE = region()
GRACE_S = 0.05


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Set at the end of a test, so that no solve goes on."""
    event = threading.Event()
    yield event
    event.set()


def step(stage: str, found: Plan) -> Progress:
    return Progress(0.1, stage, found, 100_000 * (1 - len(found.placements)), 0.0, 1 - len(found.placements), 0)


def solving(stages: Sequence[str], over: threading.Event, each_s: float = 0.3) -> Callable[..., Plan]:
    """A solve that tells "start" at once, then a stage every so often (the last with a plan), and never ends before it is over."""

    def solve(made: Region, limits: AnytimeLimits, tell: Callable[[Progress], None], stop: Callable[[], bool]) -> Plan:
        tell(step("start", plan(made)))
        for number, stage in enumerate(stages, 1):
            over.wait(each_s)
            tell(step(stage, plan(made, *[placement()][: number == len(stages)])))
        over.wait(20)
        return plan(made)

    return solve


def watched(monkeypatch: pytest.MonkeyPatch, solve: Callable[..., Plan], *, is_country: bool = False) -> float:
    """Seconds until a solve of a tenth of a second was given up, which must have a plan of everybody by then."""
    monkeypatch.setattr(cli_watch, "solve_country" if is_country else "solve_anytime", solve)
    monkeypatch.setattr(cli_watch, "is_country", lambda _: is_country)
    monkeypatch.setattr(cli_watch, "GRACE_S", GRACE_S)
    monkeypatch.setattr(cli_watch, "COUNTRY_GRACE_S", GRACE_S)
    started = time.perf_counter()
    found = solve_watched(MADE, AnytimeLimits(time_s=0.1), lambda _: None)
    assert len(found.plan.placements) == 1
    return time.perf_counter() - started


def test_a_time_too_short_for_the_first_plan_waits_for_it(
    monkeypatch: pytest.MonkeyPatch, over: threading.Event
) -> None:
    assert 0.3 <= watched(monkeypatch, solving(["annealing"], over)) < 10


def test_in_a_country_every_part_has_its_first_turn(monkeypatch: pytest.MonkeyPatch, over: threading.Event) -> None:
    assert 0.9 <= watched(monkeypatch, solving(["plan", "plan", "stage"], over), is_country=True) < 10


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch, over: threading.Event) -> None:
    monkeypatch.setattr(cli_watch, "PATIENCE_S", 0.2)
    monkeypatch.setattr(cli_watch, "solve_anytime", solving(["annealing"], over, each_s=20))
    monkeypatch.setattr(cli_watch, "GRACE_S", GRACE_S)

    found = solve_watched(MADE, AnytimeLimits(time_s=0.1), lambda _: None)

    assert found.plan.placements == ()
    assert found.seconds < 10


def test_ctrl_c_waits_for_no_more_than_something_to_give(
    monkeypatch: pytest.MonkeyPatch, over: threading.Event
) -> None:
    monkeypatch.setattr(cli_watch, "solve_country", solving(["plan", "stage"], over, each_s=0.4))
    monkeypatch.setattr(cli_watch, "is_country", lambda _: True)
    monkeypatch.setattr(cli_watch, "COUNTRY_GRACE_S", GRACE_S)
    monkeypatch.setattr(cli_watch, "held", _interrupted_at_once)

    found = solve_watched(MADE, AnytimeLimits(), lambda _: None)

    assert found.is_interrupted
    assert [one.stage for one in found.steps] == ["start", "plan"]


class _interrupted_at_once:  # noqa: N801 - stands in for a function
    def __enter__(self) -> Callable[[], bool]:
        return lambda: True

    def __exit__(self, *_: object) -> None:
        return None
