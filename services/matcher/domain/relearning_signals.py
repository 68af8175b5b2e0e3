"""Signals and searches for another place, learned again from the last word about each that was published."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from services.matcher.domain.erasing import WITH_STUDENT
from services.matcher.domain.ids import InstituteId, RegionId, StudentId
from services.matcher.domain.reasons import Reason
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.findings import PREFIXES
from services.matcher.domain.signals.table import RULES, RuleName
from services.matcher.domain.switches import Obstacle, Switch, SwitchStatus
from services.matcher.domain.switching import ChangedSwitch
from shared.contracts import placements
from shared.contracts import signals as events
from shared.contracts.vocabulary import Contract

LIFE = {"region", "sequence", "signal", "status", "level", "since"}
"""What an event tells of a signal's life, beside what it is about."""
MEASURED = {
    RuleName.OVERLOADED: "percent",
    RuleName.SHORTAGE: "students",
    RuleName.SHORTAGE_AT_SITE: "students",
    RuleName.FAIRNESS: "tenths-above",
    RuleName.OPEN_MISMATCH: "school-days",
    RuleName.SECOND_MOVE: "moves",
}
"""The figure in which an event tells how bad it was; of other rules no more is known than that it was raised."""
OF_STUDENT = {RuleName.UNPLACED, RuleName.SECOND_MOVE}
"""Rules on a student wherever they are."""


@dataclass(slots=True)
class PublishedSignals:
    """The last word about each signal and each search; `taken_back` are those of which that was that they are no more."""

    signals: dict[str, events.Signal] = field(default_factory=dict)
    switches: dict[StudentId, placements.SwitchEvent] = field(default_factory=dict)
    taken_back: set[str] = field(default_factory=set)

    def tell(self, data: Contract) -> None:
        """One more event; of a lost place the place itself knows."""
        if isinstance(data, events.Signal) and not isinstance(data, events.PlacementLost):
            if data.sequence > getattr(self.signals.get(data.signal), "sequence", 0):
                self.signals[data.signal] = data
                self.taken_back.discard(f"signal/{data.signal}")
        elif isinstance(data, placements.SwitchEvent):
            student = StudentId(data.student)
            if data.sequence > getattr(self.switches.get(student), "sequence", 0):
                self.switches[student] = data
                self.taken_back.discard(f"switch/{student}")

    def erase(self, subject: str) -> None:
        """What was published about an aggregate was taken back."""
        kind, _, name = subject.partition("/")
        if kind == "signal":
            self.signals.pop(name, None)
        elif kind == "switch":
            self.switches.pop(StudentId(name), None)
        else:
            return
        self.taken_back.add(subject)

    def signals_as_known(self, known: Mapping[str, Signal], ever: Collection[str]) -> dict[str, Signal]:
        """The signals as they were told; what no event tells (how bad it was, what a rule remembers) is taken from the database,
        where that has it. Of students that were `ever` told of: whoever was erased is in the log no more."""
        found = {
            name: one for name, one in known.items() if f"signal/{name}" not in self.taken_back and _is_known(one, ever)
        }
        for name, event in sorted(self.signals.items()):
            held = known.get(name)
            is_other = held is not None and held.sequence == event.sequence and held.status != event.status
            if (
                held is None or is_other or held.sequence < event.sequence
            ):  # what is newer here is on its way to the log
                found[name] = replace(_signal(event), memo={} if held is None else held.memo)
        return found

    def switches_as_known(
        self, known: Mapping[StudentId, Switch], ever: Collection[str], today: date
    ) -> dict[StudentId, Switch]:
        """The searches as they were told, of students that were `ever` told of; of an offer no event tells enough to keep it, unless the
        database has it."""
        gone = self.taken_back
        found = {one: kept for one, kept in known.items() if f"switch/{one}" not in gone and f"student/{one}" in ever}
        for student, event in sorted(self.switches.items()):
            held = known.get(student)
            if held is None or held.sequence < event.sequence:
                found[student] = _switch(event, today)
        return found


def _is_known(signal: Signal, ever: Collection[str]) -> bool:
    student = signal.subject if signal.rule in WITH_STUDENT else signal.about.get("student")
    return student is None or f"student/{student}" in ever


def closing(region: RegionId, switches: Mapping[StudentId, Switch], version: int) -> list[ChangedSwitch]:
    """Offers of which only the number is left end: nobody could take them any more."""
    return [_closed(region, one, version) for _, one in sorted(switches.items()) if one.is_open and one.offer is None]


def _closed(region: RegionId, switch: Switch, version: int) -> ChangedSwitch:
    outcome = placements.SwitchOutcome.NO_LONGER_POSSIBLE
    now = replace(switch, sequence=switch.sequence + 1, status=SwitchStatus.CLOSED, outcome=outcome)
    told = placements.SwitchClosed(
        region=region,
        sequence=now.sequence,
        plan_version=version,
        student=now.student,
        institute=now.institute,
        wishes=tuple(sorted(now.wishes)),
        offer=switch.sequence,
        outcome=outcome,
    )
    return ChangedSwitch(now, (told,))


def _signal(event: events.Signal) -> Signal:
    rule = _rule(event)
    body = {name: value for name, value in event.model_dump(mode="json").items() if name not in LIFE}
    signal = Signal(
        event.signal,
        rule,
        _subject(event, rule),
        event.sequence,
        event.status,
        event.level,
        event.since,
        event.figures.get(MEASURED.get(rule, ""), RULES[rule].raised_from),
        about={name: body[name] for name in _about(event, rule)},
        body=body,
    )
    return signal if signal.is_open else replace(signal, body={})


def _rule(event: events.Signal) -> RuleName:
    match event:
        case events.StudentAtRisk():
            is_unplaced = event.rule in {events.AtRiskRule.UNPLACED_14_DAYS, events.AtRiskRule.UNPLACED_30_DAYS}
            return RuleName.UNPLACED if is_unplaced else RuleName(event.rule.value)
        case events.MismatchDetected():
            is_reported = event.signal.startswith(PREFIXES[RuleName.REPORTED])
            return RuleName.REPORTED if is_reported else RuleName(f"misfit-{event.kind.value}")
        case events.SupervisorOverloaded():
            return RuleName.OVERLOADED
        case events.ShortageDetected():
            return RuleName.SHORTAGE if event.site is None else RuleName.SHORTAGE_AT_SITE
        case _:
            return RuleName.FAIRNESS


def _subject(event: events.Signal, rule: RuleName) -> str:
    if rule is RuleName.REPORTED:
        return event.signal.removeprefix(f"{PREFIXES[rule]}-")
    named: Any = event
    return str(getattr(named, "student", None) or getattr(named, "supervisor", None) or event.region)


def _about(event: events.Signal, rule: RuleName) -> tuple[str, ...]:
    match event:
        case events.StudentAtRisk():
            is_anywhere = rule in OF_STUDENT or event.cause == "guidance-ended"
            return ("student", "institute") if is_anywhere else ("student", "institute", "site")
        case events.MismatchDetected():
            return ("student", "institute", "site", "kind")
        case events.SupervisorOverloaded():
            return ("supervisor", "period")
        case events.ShortageDetected():
            return ("sector", "subject", "period", "site", "tier")
        case _:
            return ("attribute", "value")


def _switch(event: placements.SwitchEvent, today: date) -> Switch:
    switch = Switch(
        StudentId(event.student),
        InstituteId(event.institute),
        event.sequence,
        SwitchStatus.OFFERED,
        today,
        frozenset(event.wishes),
    )
    match event:
        case placements.SwitchImpossible():
            reason = None if event.obstacle is None else Reason(event.obstacle.value)
            obstacle = Obstacle(reason, event.free_places, event.swaps, dict(event.facts))
            return replace(switch, status=SwitchStatus.IMPOSSIBLE, obstacle=obstacle)
        case placements.SwitchClosed():
            return replace(switch, status=SwitchStatus.CLOSED, outcome=event.outcome)
        case _:
            return switch
