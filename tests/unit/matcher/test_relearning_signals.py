"""Signals and searches are learned again from what was published: what was lost from the database comes back with its numbers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.matcher.domain.ids import RegionId
from services.matcher.domain.relearning_signals import PublishedSignals, closing
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.table import RULES, RuleName
from services.matcher.domain.switches import SwitchStatus
from shared.contracts import placements
from shared.contracts.signals import PlacementLost
from shared.contracts.signals import Signal as SignalEvent
from tests.support import matcher as told
from tests.support.regions import placement, region, site, student, supervisor, workplace
from tests.support.running_matcher import HERE, Running
from tests.support.signals import SOON

PEOPLE = [supervisor("v1"), supervisor("t1"), supervisor("i1")]
SCHOOL = region([site(), workplace(), *PEOPLE, *(student(number) for number in range(1, 7))])


@pytest.fixture
async def lived() -> Running:
    """Some have no place shortly before the period, one reports a mismatch, and one who was waited for has gone."""
    running = Running()
    await running.take(*told.events_of(SCHOOL), told.day_event(SOON, 2))
    held = sorted(running.state().held())
    await running.take(told.mismatch(held[0], on=SOON))
    waiting = sorted(set(running.state().facts.students) - set(held))
    await running.take(told.withdrawal(waiting[0]), told.day_event(SOON + timedelta(1), 3))
    return running


def words(running: Running) -> PublishedSignals:
    made = PublishedSignals()
    for event in running.store.published:
        made.tell(event)
    return made


def as_told(signal: Signal) -> Signal:
    """Without what no event tells, such as the steps of who has no place."""
    measure = RULES[signal.rule].raised_from if signal.rule is RuleName.UNPLACED else signal.measure
    return replace(signal, measure=measure, better_since=None, memo={})


async def test_every_signal_comes_back_as_it_was_told(lived: Running) -> None:
    known = {name: one for name, one in lived.state().signals.items() if one.sequence}
    assert {True, False} == {one.is_open for one in known.values()}
    assert {RuleName.UNPLACED, RuleName.REPORTED} <= {one.rule for one in known.values()}
    found = words(lived).signals_as_known({}, ())
    assert found == {name: as_told(one) for name, one in known.items()}


async def test_what_the_database_still_has_is_believed(lived: Running) -> None:
    known = dict(lived.state().signals)
    assert words(lived).signals_as_known(known, lived.state().facts.sequences) == known
    switches = dict(lived.state().switches)
    assert switches
    assert words(lived).switches_as_known(switches, lived.state().facts.sequences, SOON) == switches


async def test_every_search_comes_back_with_its_number_and_its_end(lived: Running) -> None:
    known = lived.state().switches
    found = words(lived).switches_as_known({}, (), SOON)
    assert [(one.student, one.sequence, one.status, one.obstacle) for one in found.values()] == [
        (one.student, one.sequence, one.status, one.obstacle) for one in known.values()
    ]


def test_an_offer_that_was_lost_ends_and_is_told_so() -> None:
    offered = placements.SwitchOffered.model_validate(
        {
            "region": HERE,
            "sequence": 4,
            "plan_version": 7,
            "student": "s1",
            "institute": "01VU",
            "wishes": ["other-place"],
            "kind": "free-place",
            "site": "01AA01",
            "workplace": "w1",
            "subject": "wiskunde",
            "periods": list(placement(1).periods),
            "travel_min": 5,
            "site_now": "01AA02",
            "travel_now_min": 50,
            "answer_by": SOON,
        }
    )
    made = PublishedSignals()
    made.tell(offered)
    (ended,) = closing(RegionId(HERE), made.switches_as_known({}, (), SOON), 9)
    assert (ended.switch.sequence, ended.switch.status) == (5, SwitchStatus.CLOSED)
    (event,) = ended.events
    assert isinstance(event, placements.SwitchClosed)
    assert (event.sequence, event.offer, event.plan_version) == (5, 4, 9)
    assert event.outcome is placements.SwitchOutcome.NO_LONGER_POSSIBLE


async def test_what_was_taken_back_is_not_learned_again(lived: Running) -> None:
    made = words(lived)
    for event in lived.store.published:
        if isinstance(event, SignalEvent) and not isinstance(event, PlacementLost):
            made.erase(f"signal/{event.signal}")
        elif isinstance(event, placements.SwitchEvent):
            made.erase(f"switch/{event.student}")
    assert (made.signals_as_known({}, ()), made.switches_as_known({}, (), SOON)) == ({}, {})


async def test_what_the_log_took_back_is_not_kept_because_the_database_still_has_it(lived: Running) -> None:
    """As in one that was put back from a back-up: Kafka may have forgotten even that somebody was erased."""
    signals, switches = dict(lived.state().signals), dict(lived.state().switches)
    ever = set(lived.state().facts.sequences)
    gone = next(one for one in signals.values() if one.about.get("student"))
    (searched,) = list(switches)[:1]
    made = words(lived)
    made.erase(f"signal/{gone.id}")
    made.erase(f"switch/{searched}")
    made.erase("student/s1")
    assert made.signals_as_known(signals, ever) == {name: one for name, one in signals.items() if name != gone.id}
    assert searched not in made.switches_as_known(switches, ever, SOON)
    compacted = ever - {f"student/{gone.about['student']}", f"student/{searched}"}
    made = words(lived)
    for name in [name for name, one in made.signals.items() if getattr(one, "student", None) == gone.about["student"]]:
        del made.signals[name]
    made.switches.pop(searched, None)
    assert gone.id not in made.signals_as_known(signals, compacted)
    assert searched not in made.switches_as_known(switches, compacted, SOON)
    quiet = Signal("second-move-s99", RuleName.SECOND_MOVE, "s99", memo={"moves": 1})
    assert quiet.id not in made.signals_as_known({quiet.id: quiet}, ever)
