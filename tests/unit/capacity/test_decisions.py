"""The read model of placements, and what a school decides about them."""

from datetime import UTC, date, datetime

import pytest

from services.capacity import handlers
from services.capacity.entrypoints.stream import fold
from shared.contracts.availability import PlacementAccepted, PlacementRefused
from shared.contracts.envelope import new_event
from shared.contracts.placements import (
    MoveCause,
    PlacementWithdrawn,
    StudentUnplaced,
    SwitchClosed,
    SwitchKind,
    SwitchOffered,
    SwitchOutcome,
    SwitchWish,
    UnplacedReason,
)
from shared.contracts.vocabulary import Contract, PlacementState, RefusalReason
from shared.errors import Conflict, DomainError, NotFound
from shared.messaging.inbox import Tombstone
from tests.support.capacity import proposed, region_terms
from tests.support.capacity_memory import MemoryStore


def withdrawn(sequence: int) -> PlacementWithdrawn:
    return PlacementWithdrawn(
        region="NL-T01",
        sequence=sequence,
        plan_version=2,
        student="s1",
        institute="01VU",
        site="01AB00",
        cause=MoveCause.STUDENT_WITHDRAWN,
    )


def unplaced(sequence: int) -> StudentUnplaced:
    return StudentUnplaced(
        region="NL-T01",
        sequence=sequence,
        plan_version=2,
        student="s1",
        institute="01VU",
        subject="wiskunde",
        periods=("2026-S1",),
        since=date(2026, 11, 24),
        reason=UnplacedReason.NO_SUPERVISOR_HOURS,
    )


async def apply(store: MemoryStore, data: Contract) -> None:
    await fold(store, [new_event("urn:test", data, datetime.now(UTC))])


async def test_a_placement_counts_for_everybody_who_guides_the_student(store: MemoryStore) -> None:
    await apply(store, proposed("s1"))
    await apply(store, proposed("s2"))
    assert await store.guided_counts(["v1", "t1", "i1", "v9"]) == {"v1": 2, "t1": 2, "i1": 2}
    assert [place.student for place in await store.places_at("01AB00")] == ["s1", "s2"]


@pytest.mark.parametrize("ending", [withdrawn(2), unplaced(2)])
async def test_who_has_no_place_any_more_is_guided_by_nobody(store: MemoryStore, ending: Contract) -> None:
    await apply(store, proposed("s1"))
    await apply(store, ending)
    assert await store.guided_counts(["v1"]) == {}
    assert not await store.places_at("01AB00")


async def test_an_older_placement_never_overwrites_a_newer(store: MemoryStore) -> None:
    await apply(store, withdrawn(2))
    await apply(store, proposed("s1", 1))
    assert not await store.places_at("01AB00")


async def test_an_erased_student_is_forgotten(store: MemoryStore) -> None:
    await apply(store, proposed("s1"))
    await fold(store, [Tombstone("student/s1")])
    await fold(store, [Tombstone("signal/s1")])
    assert await store.place("s1") is None


async def test_events_that_capacity_has_no_use_for_are_passed_over(store: MemoryStore) -> None:
    await handlers.put_region(store, "NL-T02", region_terms(), lambda _sequence: None)
    await apply(store, store.published[-1])
    assert not store.held_places


async def test_a_school_accepts_the_place_a_student_has_now(store: MemoryStore) -> None:
    await apply(store, proposed("s1"))
    for _ in range(2):
        await handlers.decide(store, "s1", "accept", None)
    [event] = store.published
    assert isinstance(event, PlacementAccepted)
    assert (event.student, event.site, event.workplace, event.periods) == ("s1", "01AB00", "w1", ("2026-S1",))


async def test_a_school_that_changes_its_mind_is_heard(store: MemoryStore) -> None:
    await apply(store, proposed("s1"))
    await handlers.decide(store, "s1", "accept", None)
    await handlers.decide(store, "s1", "refuse", RefusalReason.NO_SEAT)
    await handlers.decide(store, "s1", "refuse", RefusalReason.NO_HOURS)
    kinds = [
        (type(event), event.sequence)
        for event in store.published
        if isinstance(event, PlacementAccepted | PlacementRefused)
    ]
    assert kinds == [(PlacementAccepted, 1), (PlacementRefused, 2), (PlacementRefused, 3)]


@pytest.mark.parametrize("ending", [None, withdrawn(2)])
async def test_a_student_without_a_place_cannot_be_decided_about(store: MemoryStore, ending: Contract | None) -> None:
    if ending is not None:
        await apply(store, proposed("s1"))
        await apply(store, ending)
    with pytest.raises(NotFound):
        await handlers.decide(store, "s1", "accept", None)


async def test_a_refusal_has_a_reason_and_an_acceptance_has_none(store: MemoryStore) -> None:
    await apply(store, proposed("s1"))
    with pytest.raises(DomainError) as missing:
        await handlers.decide(store, "s1", "refuse", None)
    with pytest.raises(DomainError) as too_much:
        await handlers.decide(store, "s1", "accept", RefusalReason.DAYS)
    assert missing.value.pointer == too_much.value.pointer == "/reason"


@pytest.mark.parametrize("state", [PlacementState.SETTLED, PlacementState.STARTED])
async def test_what_was_agreed_upon_is_not_refused_and_the_way_that_there_is_is_told(
    store: MemoryStore, state: PlacementState
) -> None:
    await apply(store, proposed("s1"))
    await handlers.decide(store, "s1", "accept", None)
    agreed = proposed("s1", 2).placement.model_copy(update={"state": state})
    await apply(store, proposed("s1", 2).model_copy(update={"placement": agreed}))
    with pytest.raises(Conflict, match="al-afgesproken") as told:
        await handlers.decide(store, "s1", "refuse", RefusalReason.NO_SEAT)
    assert "opleiding" in told.value.detail
    await handlers.decide(store, "s1", "accept", None)
    assert len(store.published) == 1, "the same answer, sent again because the first was lost, is no mistake"


async def test_what_was_refused_is_not_accepted_any_more(store: MemoryStore) -> None:
    await apply(store, proposed("s1"))
    await handlers.decide(store, "s1", "refuse", RefusalReason.NO_SEAT)
    with pytest.raises(Conflict, match="al-geweigerd"):
        await handlers.decide(store, "s1", "accept", None)
    assert len(store.published) == 1


def offered(sequence: int = 3, site: str = "01AB00") -> SwitchOffered:
    return SwitchOffered(
        region="NL-T01",
        sequence=sequence,
        plan_version=4,
        student="s1",
        institute="01VU",
        wishes=(SwitchWish.SHORTER_TRAVEL,),
        kind=SwitchKind.FREE_PLACE,
        site=site,
        workplace="w2",
        subject="wiskunde",
        periods=("2026-S1",),
        travel_min=20,
        site_now="02CD00",
        travel_now_min=80,
        answer_by=date(2026, 12, 4),
    )


def ended(sequence: int) -> SwitchClosed:
    common = offered().model_dump(include={"region", "plan_version", "student", "institute", "wishes"})
    return SwitchClosed(**common, sequence=sequence, offer=3, outcome=SwitchOutcome.EXPIRED)


async def test_what_was_refused_before_is_told_with_every_later_decision(store: MemoryStore) -> None:
    await apply(store, proposed("s1"))
    await handlers.decide(store, "s1", "refuse", RefusalReason.NO_SEAT)
    elsewhere = proposed("s1", 2).placement.model_copy(update={"workplace": "w2"})
    await apply(store, proposed("s1", 2).model_copy(update={"placement": elsewhere}))
    await handlers.decide(store, "s1", "refuse", RefusalReason.NO_SEAT)
    await handlers.decide(store, "s1", "refuse", RefusalReason.NO_SEAT)
    again = proposed("s1", 3).placement.model_copy(update={"workplace": "w3"})
    await apply(store, proposed("s1", 3).model_copy(update={"placement": again}))
    await handlers.decide(store, "s1", "accept", None)
    decisions = [one for one in store.published if isinstance(one, PlacementAccepted | PlacementRefused)]
    assert [one.refused for one in decisions] == [(), ("w1",), ("w1", "w2")]


async def test_a_school_answers_an_offer_by_its_number_and_keeps_what_it_said_of_the_place(store: MemoryStore) -> None:
    await apply(store, offered())
    [offer] = await store.offers_at("01AB00")
    with pytest.raises(NotFound):
        await handlers.decide(store, "s1", "accept", None, offer.sequence + 1)
    await handlers.decide(store, "s1", "refuse", RefusalReason.DAYS, offer.sequence)
    await handlers.decide(store, "s1", "accept", None, offer.sequence)
    first, second = store.published
    assert isinstance(first, PlacementRefused)
    assert (first.workplace, first.offer) == ("w2", 3)
    assert isinstance(second, PlacementAccepted)
    assert second.refused == (), "the student keeps the place they have, so nothing is refused for good"


async def test_an_offer_that_ended_cannot_be_answered(store: MemoryStore) -> None:
    await apply(store, offered())
    await apply(store, ended(4))
    await apply(store, offered())
    assert not await store.offers_at("01AB00")
    with pytest.raises(NotFound):
        await handlers.decide(store, "s1", "accept", None, 3)
