"""What one turn makes of regions: plans, what they change, and what people must know of that."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from services.matcher.domain.asking import Had, asking
from services.matcher.domain.assembling import NOBODY, as_told, assemble
from services.matcher.domain.capacity import capacity
from services.matcher.domain.erasing import Erased
from services.matcher.domain.facts import Touched
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.places import changes
from services.matcher.domain.signals.helping import Helping
from services.matcher.domain.signals.looking import count_moves, look
from services.matcher.domain.signals.losses import explained
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.signals.scope import News
from services.matcher.domain.waiting import Missing, Waiting
from services.matcher.ports import UNKNOWN_NEWS, NewPlan, Planned, RegionState, Snapshot


@dataclass(slots=True)
class Turn:
    """What one turn makes of regions, until it is kept: all of it or nothing.

    Where it is not `is_looked_at` at once what people must know of that, it is later. What is not `is_planned` is only kept.
    """

    is_looked_at: bool = True
    is_planned: bool = True
    states: dict[RegionId, RegionState] = field(default_factory=dict)
    stamps: dict[RegionId, int] = field(default_factory=dict)
    plans: list[NewPlan] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    waiting: dict[RegionId, Mapping[Missing, Waiting]] = field(default_factory=dict)
    erased: list[Erased] = field(default_factory=list)


def plan_of(state: RegionState, planned: Planned, asked: Collection[StudentId] = (), had: Had = NOBODY) -> NewPlan:
    """The next plan of a region, with what it changes for those whom it concerns; `had` are placements held or ended."""
    version, told = state.version + 1, as_told(state.facts)
    over = {one for one in asked if one in told.students and asking(state.facts, one, had) is None}
    made = changes(state.places, told, replace(planned.outcome, over=over), asked, version)
    return NewPlan(state.facts.id, version, told.today, planned, made)


def publish(turn: Turn, state: RegionState, plan: NewPlan, touched: Touched) -> None:
    """The plan with what it changes, and what people must know of that."""
    places = {**state.places, **{change.place.student: change.place for change in plan.changes}}
    switches = {**state.switches, **{change.switch.student: change.switch for change in plan.switches}}
    before = {change.place.student: state.places.get(change.place.student) for change in plan.changes}
    scene = Scene(state.facts, places, switches)
    news = News(touched, before, [one.switch.student for one in plan.switches])
    news = news if state.unlooked is None else state.unlooked.then(news)
    helping = Helping(scene)
    signals = (look if turn.is_looked_at else count_moves)(state.signals, scene, news, helping)
    plan = replace(plan, changes=explained(plan.changes, scene, helping), signals=signals)
    turn.plans.append(replace(plan, is_looked_at=turn.is_looked_at, looks_anew=state.unlooked == UNKNOWN_NEWS))
    turn.states[plan.region] = replace(
        state,
        places=places,
        switches=switches,
        version=plan.version,
        certificate=plan.planned.certificate,
        signals={**state.signals, **{one.signal.id: one.signal for one in signals}},
        unlooked=None if turn.is_looked_at else news,
    )


def snapshot_of(state: RegionState) -> Snapshot:
    """What the region has as its day begins, and what the plan makes of it."""
    region = assemble(state.facts, state.placements(), state.had())
    assert region is not None, "a plan is of a region with settings and a day"
    return Snapshot(region.id, region.today, capacity(region))
