"""What the matcher tells to whoever watches it: metrics by region, never by person, and one line in the log per batch."""

import time
from collections import Counter as Tally
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import structlog
from prometheus_client import Counter, Gauge, Histogram

from services.matcher.domain.ids import RegionId
from services.matcher.domain.places import PlaceStatus
from services.matcher.domain.waiting import Missing, Waiting
from services.matcher.ports import Commit, Effort, Handled, NewPlan, RegionState
from shared.contracts.placements import PlacementChanged, StudentUnplaced
from shared.contracts.signals import PlacementLost
from shared.contracts.vocabulary import SignalStatus

EVENTS = Counter("leerplek_matcher_events_total", "Events by what was done with them.", ["kind", "outcome"])
BATCH = Histogram(
    "leerplek_matcher_batch_events", "Events answered together.", buckets=(1, 2, 5, 10, 20, 50, 100, 500, 1000, 5000)
)
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
BATCH_S = Histogram("leerplek_matcher_batch_seconds", "From read to committed.", buckets=SECONDS)
SOLVE_S = Histogram("leerplek_matcher_solve_seconds", "What a plan took to make.", ["effort"], buckets=SECONDS)
OLDEST_S = Gauge("leerplek_matcher_oldest_event_seconds", "Age of the oldest event that is read and not answered yet.")
PLANS = Counter("leerplek_matcher_plans_total", "Plan versions published.", ["region", "effort"])
MOVES = Counter("leerplek_matcher_moves_total", "Places that became others.", ["region", "cause"])
LOST = Counter("leerplek_matcher_places_lost_total", "Places lost and not replaced at once.", ["region", "cause"])
VALUE = Gauge("leerplek_matcher_plan_value", "What the plan that holds costs, in points.", ["region"])
GAP = Gauge(
    "leerplek_matcher_plan_gap", "How far the plan may be from the best one: (value - bound) / value.", ["region"]
)
PLACED = Gauge("leerplek_matcher_placed", "Students with a place.", ["region"])
UNPLACED = Gauge("leerplek_matcher_unplaced", "Students without a place, by reason.", ["region", "reason"])
WAITING = Gauge("leerplek_matcher_waiting_references", "Names of what was never heard of.", ["region", "told"])
BEHIND = Gauge(
    "leerplek_matcher_plan_behind", "1 where the plan does not answer all that was told: planning fails.", ["region"]
)
WAITS = Counter("leerplek_matcher_waits_for_machine_total", "How often an event had to wait since planning died.")
FENCINGS = Gauge("leerplek_matcher_fencings", "How often a worker found that another was first, ever.")
REPLACED = Counter("leerplek_matcher_planners_replaced_total", "Planning processes that died or hung.", ["work"])
OF_REGIONS = (VALUE, GAP, PLACED, UNPLACED, WAITING, BEHIND)

log = structlog.get_logger(__name__)


class Measuring:
    """Counts and tells; it looks at the clock, and nothing that it finds comes back to who plans."""

    def __init__(self) -> None:
        self._began, self._regions, self._moved = 0.0, Tally[str](), 0
        self._labels: dict[RegionId, set[str]] = {}

    @contextmanager
    def working(self) -> Iterator[None]:
        """Around the work on one batch."""
        self._began, self._moved = time.perf_counter(), 0
        self._regions.clear()
        yield

    def handled(self, batch: Handled) -> None:
        """A batch was kept."""
        seconds = time.perf_counter() - self._began
        for (kind, outcome), number in batch.outcomes.items():
            EVENTS.labels(kind, outcome).inc(number)
        BATCH.observe(batch.records)
        BATCH_S.observe(seconds)
        outcomes = Tally[str]()
        for (_, outcome), number in batch.outcomes.items():
            outcomes[outcome] += number
        log.info(
            "batch answered",
            regions=dict(self._regions),
            events=batch.records,
            outcomes=dict(outcomes),
            moves=self._moved,
            seconds=round(seconds, 4),
        )

    def kept(self, commit: Commit, states: Mapping[RegionId, RegionState]) -> None:
        """Plans and facts are in the database."""
        for plan in commit.plans:
            self._tell_plan(plan)
            self._tell_state(states[plan.region])
        for region, is_behind in commit.behind.items():
            BEHIND.labels(region).set(is_behind)
        for region, waiting in commit.waiting.items():
            self._tell_waiting(region, waiting)
            told = sum(one.told for one in waiting.values())
            if told:
                log.warning("events wait for what was never heard of", region=region, waiting=told)

    def only(self, states: Collection[RegionState]) -> None:
        """What was told of other regions is told no more: another worker tells it."""
        for metric in OF_REGIONS:
            metric.clear()
        self._labels.clear()
        for state in states:
            self._tell_state(state)
            self._tell_waiting(state.facts.id, state.waiting)

    def waits_for_machine(self) -> None:
        """An event is tried again."""
        WAITS.inc()

    @staticmethod
    def _tell_waiting(region: RegionId, waiting: Mapping[Missing, Waiting]) -> None:
        held = Tally(one.told for one in waiting.values())
        WAITING.labels(region, "no").set(held[False])
        WAITING.labels(region, "yes").set(held[True])

    def _tell_plan(self, plan: NewPlan) -> None:
        self._regions[plan.region] = plan.version
        PLANS.labels(plan.region, plan.effort.value).inc()
        if plan.effort is not Effort.SIGNALS:  # nothing was solved for it
            SOLVE_S.labels(plan.effort.value).observe(plan.planned.seconds)
        for event in (event for change in plan.changes for event in change.events):
            if isinstance(event, PlacementChanged):
                MOVES.labels(plan.region, event.cause.value).inc()
                self._moved += 1
            elif isinstance(event, PlacementLost) and event.status is SignalStatus.RAISED:
                LOST.labels(plan.region, event.cause.value).inc()
            elif isinstance(event, StudentUnplaced):
                self._moved += event.lost_site is not None

    def _tell_state(self, state: RegionState) -> None:
        region = state.facts.id
        if state.certificate is not None:
            VALUE.labels(region).set(state.certificate.value)
            GAP.labels(region).set(state.certificate.gap)
        BEHIND.labels(region).set(state.is_behind)
        PLACED.labels(region).set(sum(one.status is PlaceStatus.PLACED for one in state.places.values()))
        reasons = Tally(
            one.unplaced.reason.value
            for one in state.places.values()
            if one.status is PlaceStatus.UNPLACED and one.unplaced is not None
        )
        known = self._labels.setdefault(region, set())
        for reason in known | reasons.keys():
            UNPLACED.labels(region, reason).set(reasons[reason])
        known |= reasons.keys()
