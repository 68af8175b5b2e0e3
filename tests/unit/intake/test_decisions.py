"""What an institute decides about the place of its student, and about another that is offered."""

from datetime import UTC, date, datetime

import pytest

from services.intake import handlers
from services.intake.entrypoints.stream import fold
from shared.contracts.envelope import Event, new_event
from shared.contracts.placements import (
    Placement,
    PlacementEnded,
    PlacementProposed,
    SwitchKind,
    SwitchOffered,
    SwitchWish,
    WpbShare,
)
from shared.contracts.registrations import InstituteDecision, PlacementConfirmed, PlacementDeclined, SwitchRequested
from shared.contracts.vocabulary import Contract, DeclineReason
from shared.errors import DomainError, NotFound
from shared.messaging.inbox import Tombstone
from tests.support.intake import REGION, MemoryStore, student


@pytest.fixture
async def store() -> MemoryStore:
    made = MemoryStore()
    await made.save_region(REGION, 1)
    await handlers.register_student(made, REGION.id, student(), None)
    made.published.clear()
    return made


async def apply(store: MemoryStore, data: Contract) -> None:
    await fold(store, [new_event("urn:test", data, datetime.now(UTC))])


def proposed(workplace: str = "w1", sequence: int = 1) -> PlacementProposed:
    wpb = (WpbShare(supervisor="v1", qh=6),)
    placement = Placement(student="s1", periods=("2026-S1",), workplace=workplace, wpb=wpb, so="t1", io="i1")
    return PlacementProposed(
        region=REGION.id,
        sequence=sequence,
        plan_version=sequence,
        institute="01VU",
        site="01AB00",
        subject="wiskunde",
        travel_min=20,
        placement=placement,
    )


OFFERED = SwitchOffered(
    region=REGION.id,
    sequence=3,
    plan_version=4,
    student="s1",
    institute="01VU",
    wishes=(SwitchWish.SHORTER_TRAVEL,),
    kind=SwitchKind.SWAP,
    site="02CD00",
    workplace="w2",
    subject="wiskunde",
    periods=("2026-S1",),
    travel_min=20,
    site_now="01AB00",
    travel_now_min=80,
    answer_by=date(2026, 12, 4),
)


def decisions(store: MemoryStore) -> list[InstituteDecision]:
    return [one for one in store.published if isinstance(one, InstituteDecision)]


async def test_a_place_is_confirmed_once(store: MemoryStore) -> None:
    await apply(store, proposed())
    for _ in range(2):
        await handlers.decide(store, "s1", "confirm", None, None)
    [event] = decisions(store)
    assert isinstance(event, PlacementConfirmed)
    assert (event.institute, event.workplace, event.periods, event.sequence) == ("01VU", "w1", ("2026-S1",), 1)


async def test_what_was_declined_before_is_told_with_every_later_decision(store: MemoryStore) -> None:
    await apply(store, proposed())
    await handlers.decide(store, "s1", "decline", DeclineReason.TRAVEL, None)
    await apply(store, proposed("w2", 2))
    await handlers.decide(store, "s1", "switch", DeclineReason.DAYS, None)
    first, second = decisions(store)
    assert isinstance(first, PlacementDeclined)
    assert isinstance(second, SwitchRequested)
    assert (first.refused, second.refused) == ((), ("w1",))


async def test_an_offer_is_answered_by_its_number(store: MemoryStore) -> None:
    await apply(store, proposed())
    await apply(store, OFFERED)
    with pytest.raises(NotFound):
        await handlers.decide(store, "s1", "confirm", None, 2)
    await handlers.decide(store, "s1", "confirm", None, 3)
    [event] = decisions(store)
    assert (event.workplace, event.offer) == ("w2", 3)
    with pytest.raises(DomainError):
        await handlers.decide(store, "s1", "switch", DeclineReason.DAYS, 3)


async def test_without_a_place_or_after_its_end_there_is_nothing_to_decide(store: MemoryStore) -> None:
    with pytest.raises(NotFound):
        await handlers.decide(store, "s1", "confirm", None, None)
    await apply(store, proposed())
    ended = proposed().model_dump(include={"region", "plan_version", "institute", "site", "subject"})
    await apply(store, PlacementEnded(**ended, sequence=2, student="s1", periods=("2026-S1",)))
    assert store.places["s1"].status == "ended"
    with pytest.raises(NotFound):
        await handlers.decide(store, "s1", "confirm", None, None)
    with pytest.raises(NotFound):
        await handlers.decide(store, "nobody", "confirm", None, None)


@pytest.mark.parametrize(
    ("verdict", "reason"), [("decline", None), ("switch", None), ("confirm", DeclineReason.TRAVEL)]
)
async def test_only_a_yes_goes_without_a_reason(store: MemoryStore, verdict: str, reason: DeclineReason | None) -> None:
    await apply(store, proposed())
    with pytest.raises(DomainError) as problem:
        await handlers.decide(store, "s1", verdict, reason, None)  # type: ignore[arg-type]  # one of the three
    assert problem.value.pointer == "/reason"


async def test_of_an_erased_student_nothing_is_kept(store: MemoryStore) -> None:
    await apply(store, proposed())
    await apply(store, OFFERED)
    await handlers.decide(store, "s1", "confirm", None, 3)
    await fold(store, [Tombstone("student/s1")])
    assert (store.places, store.switches, store.decisions) == ({}, {}, {})


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 9])
async def test_places_that_come_together_leave_what_they_leave_alone(store: MemoryStore, at_a_time: int) -> None:
    """In a wrong order, more than once, and with an erasure among them."""
    told = [proposed("w2", 2), proposed("w1", 1), proposed("w2", 2), proposed("w3", 4), OFFERED, proposed("w9", 3)]
    events = [new_event("urn:test", each, datetime.now(UTC)) for each in told]
    heard: list[Event | Tombstone] = [*events[:4], Tombstone("student/s1"), events[0], *events[4:], events[0]]
    news = []
    for first in range(0, len(heard), at_a_time):
        news += await fold(store, heard[first : first + at_a_time])
    assert [event.sequence for event in news] == [2, 4, 2, 3, 3]
    held = await store.place("s1")
    assert held is not None
    assert (held.sequence, held.body["placement"]["workplace"]) == (3, "w9")  # type: ignore[index]
