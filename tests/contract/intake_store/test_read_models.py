"""What intake learns of regions, schools and the plan."""

from dataclasses import replace
from datetime import date

from services.intake.domain.decisions import Decision
from services.intake.domain.registrations import (
    KnownRegion,
    Registration,
    RegistrationStatus,
)
from services.intake.ports import Place, Switch
from shared.contracts.registrations import PlacementConfirmed, PlacementDeclined
from tests.contract.intake_store.conftest import Opening
from tests.support.intake import REGION, student
from tests.support.notifier import lost


async def test_a_region_is_kept_unless_a_newer_one_is_known(transaction: Opening) -> None:
    async with transaction() as store:
        assert await store.region(REGION.id) is None
        await store.save_region(REGION, 2)
    async with transaction() as store:
        await store.save_region(KnownRegion(REGION.id, ("old",), ()), 1)
        await store.save_region(KnownRegion(REGION.id, ("same",), ()), 2)
        assert await store.region(REGION.id) == REGION
    newer = KnownRegion(REGION.id, ("2027-S1",), (), (), "Regio Rijn en Vecht", {"2027-S1": date(2028, 1, 31)})
    async with transaction() as store:
        await store.save_region(newer, 3)
    async with transaction() as store:
        assert await store.region(REGION.id) == newer


async def test_places_are_kept_together_and_can_be_forgotten(transaction: Opening) -> None:
    newest = Place("s1", 5, "placed", {"site": "01AB00", "periods": ["2026-S1"]})
    async with transaction() as store:
        await store.save_places([Place("s1", 4, "unplaced", {}), Place("s3", 1, "unplaced", {})])
        await store.save_places([newest])
    async with transaction() as store:
        assert await store.place_sequences(["s1", "s2", "s3"]) == {"s1": 5, "s3": 1}
        assert await store.place("s1") == newest
        assert await store.place("s2") is None
    async with transaction() as store:
        await store.forget_place("s1")
        await store.forget_place("s2")
    async with transaction() as store:
        assert await store.place("s1") is None


async def test_a_signal_is_heard_once_for_students_that_are_registered(transaction: Opening) -> None:
    async with transaction() as store:
        await store.save_registration(Registration(REGION.id, student("s1"), RegistrationStatus.REGISTERED, 1))
    async with transaction() as store:
        assert await store.hear_signals([]) == []
        one_by_one = [await store.hear_signals([lost("s1", sequence)]) for sequence in (2, 2, 1, 3)]
        assert one_by_one == [[0], [None], [None], [2]]
        together = [lost("s1", 3), lost("s2", 1), lost("s1", 6), lost("s1", 5), lost("s1", 7)]
        assert await store.hear_signals(together) == [None, None, 3, None, 6]
        await store.forget_place("s1")
    async with transaction() as store:
        assert await store.hear_signals([lost("s1", 1)]) == [0]


async def test_a_search_for_another_place_is_kept_unless_something_newer_is_known(transaction: Opening) -> None:
    newer = Switch("s1", 3, "offered", {"workplace": "w2"})
    async with transaction() as store:
        assert await store.switch("s1") is None
        await store.save_switch(newer)
    async with transaction() as store:
        await store.save_switch(Switch("s1", 2, "closed", {}))
        assert await store.switch("s1") == newer


async def test_a_decision_comes_back_as_the_kind_it_is_and_goes_with_the_student(transaction: Opening) -> None:
    fields = {"region": REGION.id, "student": "s1", "institute": "01VU", "workplace": "w1", "periods": ["2026-S1"]}
    first = Decision(PlacementDeclined.model_validate({**fields, "sequence": 1, "reason": "travel"}))
    second = Decision(PlacementConfirmed.model_validate({**fields, "sequence": 2, "refused": ["w1"], "offer": 4}))
    for decision in (first, second):
        async with transaction() as store:
            await store.save_decision(decision)
        async with transaction() as store:
            assert await store.decision("s1") == decision
    async with transaction() as store:
        await store.forget_place("s1")
    async with transaction() as store:
        assert await store.decision("s1") is None


async def test_the_subjects_of_a_region_are_kept_by_workplace_and_by_its_settings(transaction: Opening) -> None:
    async with transaction() as store:
        assert set(await store.subjects(REGION.id)) == set()
        await store.save_region(replace(REGION, related=("latijn",)), 1)
        for workplace, sequence, region, subject in (
            ("w1", 1, REGION.id, "wiskunde"),
            ("w2", 1, REGION.id, "wiskunde"),
            ("w3", 1, "NL-R99", "grieks"),
        ):
            await store.save_workplace(workplace, sequence, region, subject)
    async with transaction() as store:
        assert set(await store.subjects(REGION.id)) == {"latijn", "wiskunde"}
        for sequence, subject in ((3, "frans"), (2, "duits")):
            await store.save_workplace("w1", sequence, REGION.id, subject)
    async with transaction() as store:
        assert set(await store.subjects(REGION.id)) == {"latijn", "wiskunde", "frans"}
