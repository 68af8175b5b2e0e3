"""Registrations, changes, withdrawals, mismatch reports and read models, as commands and events."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.intake import handlers
from services.intake.domain.registrations import KnownRegion, RegistrationStatus
from services.intake.entrypoints.stream import fold
from shared.contracts import documents
from shared.contracts.catalogue import EVENT_TYPES
from shared.contracts.envelope import new_event
from shared.contracts.registrations import (
    MismatchReported,
    MismatchWithdrawn,
    StudentChanged,
    StudentRegistered,
    StudentWithdrawn,
)
from shared.contracts.vocabulary import Contract, MismatchKind
from shared.errors import Conflict, DomainError, NotFound, VersionChanged
from shared.messaging.inbox import Tombstone
from tests.support.intake import REGION, MemoryStore, student

ON = (date(2026, 10, 7), "school")


@pytest.fixture
async def store() -> MemoryStore:
    made = MemoryStore()
    await made.save_region(REGION, 1)
    return made


def whatever(_: int) -> None:
    """A change that takes what it finds."""


async def registered(store: MemoryStore, **changes: Any) -> None:
    await handlers.register_student(store, REGION.id, student(**changes), None)
    store.published.clear()


async def test_a_student_who_is_registered_is_told_to_the_plan(store: MemoryStore) -> None:
    held = await handlers.register_student(store, REGION.id, student(), "2026/0042")
    assert (held.status, held.sequence) == (RegistrationStatus.REGISTERED, 1)
    assert store.published == [StudentRegistered(region=REGION.id, sequence=1, student=student())]
    assert "2026/0042" not in store.published[0].model_dump_json(), "an institute's own reference stays here"


@pytest.mark.parametrize(
    ("region", "changes", "code", "pointer"),
    [
        ("NL-X99", {}, "onbekende-regio", "/region"),
        (REGION.id, {"period_sets": [["2026-S1"], ["2030-S1"]]}, "onbekende-periode", "/period_sets/1"),
        (REGION.id, {"period_sets": [["2026-S1", "2026-S1"]]}, "dubbele-periode", "/period_sets/0"),
        (REGION.id, {"institute": "09XX"}, "onbekende-opleiding", "/institute"),
    ],
)
async def test_a_student_who_does_not_fit_the_region_is_refused_with_the_field(
    store: MemoryStore, region: str, changes: dict[str, Any], code: str, pointer: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await handlers.register_student(store, region, student(**changes), None)
    assert (refused.value.code, refused.value.pointer) == (code, pointer)
    assert (store.held, store.published) == ({}, [])


async def test_a_region_that_names_no_institutes_takes_every_institute(store: MemoryStore) -> None:
    await store.save_region(KnownRegion("NL-OPEN", ("2026-S1",), ()), 1)
    await handlers.register_student(store, "NL-OPEN", student(institute="09XX"), None)
    assert len(store.published) == 1


async def test_an_institutes_own_reference_is_used_once_by_each_institute(store: MemoryStore) -> None:
    await handlers.register_student(store, REGION.id, student("s1"), "42")
    with pytest.raises(Conflict, match="kenmerk-bestaat"):
        await handlers.register_student(store, REGION.id, student("s2"), "42")
    await handlers.register_student(store, REGION.id, student("s3", institute="02HU"), "42")
    assert set(store.held) == {"s1", "s3"}


async def test_a_withdrawal_frees_the_reference_for_a_new_registration(store: MemoryStore) -> None:
    await handlers.register_student(store, REGION.id, student("s1"), "42")
    await handlers.withdraw_student(store, "s1", whatever)
    held = await handlers.register_student(store, REGION.id, student("s2"), "42")
    assert (held.student.id, held.reference) == ("s2", "42")
    with pytest.raises(Conflict, match="kenmerk-bestaat"):
        await handlers.register_student(store, REGION.id, student("s3"), "42")


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"together": ["s2", "s1"]}, "student-zelf", "/together/1"),
        ({"apart": ["s1"]}, "student-zelf", "/apart/0"),
        ({"together": ["s2"], "apart": ["s3", "s2"]}, "samen-en-apart", "/apart/1"),
    ],
)
async def test_nobody_is_both_together_and_apart_and_nobody_is_their_own_fellow(
    store: MemoryStore, changes: dict[str, Any], code: str, pointer: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await handlers.register_student(store, REGION.id, student(**changes), None)
    assert (refused.value.code, refused.value.pointer) == (code, pointer)
    for fellow in ("s2", "s3"):
        await registered(store, identifier=fellow)
    await registered(store, together=["s2"], apart=["s3"])
    with pytest.raises(DomainError, match=code):
        await handlers.change_student(store, student(**changes), whatever)
    assert store.published == []


async def test_a_change_carries_the_whole_student_and_the_next_sequence(store: MemoryStore) -> None:
    await registered(store)
    held = await handlers.change_student(store, student(support=3), whatever)
    assert held.sequence == 2
    assert store.published == [StudentChanged(region=REGION.id, sequence=2, student=student(support=3))]


async def test_a_change_that_changes_nothing_tells_nothing(store: MemoryStore) -> None:
    await registered(store)
    assert (await handlers.change_student(store, student(), whatever)).sequence == 1
    assert store.published == []


async def test_a_change_that_was_based_on_another_version_is_refused(store: MemoryStore) -> None:
    await registered(store)

    def based_on_nine(sequence: int) -> None:
        if sequence != 9:
            raise VersionChanged("versie-gewijzigd", "Gewijzigd.")

    for command in (
        handlers.change_student(store, student(support=3), based_on_nine),
        handlers.withdraw_student(store, "s1", based_on_nine),
    ):
        with pytest.raises(VersionChanged):
            await command
    assert store.published == []


async def test_a_student_does_not_move_to_another_institute(store: MemoryStore) -> None:
    await registered(store)
    with pytest.raises(DomainError, match="andere-opleiding"):
        await handlers.change_student(store, student(institute="02HU"), whatever)


async def test_a_withdrawal_is_told_once_and_ends_the_changes(store: MemoryStore) -> None:
    await registered(store)
    for _ in range(2):
        assert (await handlers.withdraw_student(store, "s1", whatever)).status is RegistrationStatus.WITHDRAWN
    assert store.published == [StudentWithdrawn(region=REGION.id, sequence=2, student="s1", institute="01VU")]
    with pytest.raises(Conflict, match=r"ingetrokken.*Schrijf de student opnieuw in; hetzelfde kenmerk mag\."):
        await handlers.change_student(store, student(support=2), whatever)
    with pytest.raises(Conflict, match="ingetrokken"):
        await handlers.report_mismatch(store, "m1", "s1", MismatchKind.TRAVEL, reported=(ON[0], "school"))


async def test_a_mismatch_is_reported_once_per_kind_until_it_is_withdrawn(store: MemoryStore) -> None:
    await registered(store)
    await handlers.report_mismatch(store, "m1", "s1", MismatchKind.TRAVEL, reported=(ON[0], "school"))
    with pytest.raises(Conflict, match="mismatch-al-gemeld"):
        await handlers.report_mismatch(store, "m2", "s1", MismatchKind.TRAVEL, reported=(ON[0], "institute"))
    await handlers.report_mismatch(store, "m3", "s1", MismatchKind.DAYS, reported=(ON[0], "institute"))
    for _ in range(2):
        await handlers.withdraw_mismatch(store, "m1")
    await handlers.report_mismatch(store, "m4", "s1", MismatchKind.TRAVEL, reported=(ON[0], "school"))

    assert [type(event) for event in store.published] == [
        MismatchReported,
        MismatchReported,
        MismatchWithdrawn,
        MismatchReported,
    ]
    withdrawn = store.published[2]
    assert isinstance(withdrawn, MismatchWithdrawn)
    assert (withdrawn.mismatch, withdrawn.student, withdrawn.institute, withdrawn.sequence) == ("m1", "s1", "01VU", 2)


async def test_what_is_unknown_is_not_found(store: MemoryStore) -> None:
    for command in (
        handlers.find_registration(store, "nobody"),
        handlers.change_student(store, student("nobody"), whatever),
        handlers.withdraw_student(store, "nobody", whatever),
        handlers.withdraw_mismatch(store, "nothing"),
        handlers.find_mismatch(store, "nothing"),
        handlers.report_mismatch(store, "m1", "nobody", MismatchKind.DAYS, reported=(ON[0], "school")),
    ):
        with pytest.raises(NotFound):
            await command


def sample(name: str) -> Contract:
    stored = json.loads((documents.SAMPLES / f"nl.leerplek.{name}.v1.json").read_text())
    return EVENT_TYPES[f"nl.leerplek.{name}.v1"].model.model_validate(stored["data"])


async def folded(store: MemoryStore, *events: Contract) -> MemoryStore:
    for event in events:
        await fold(store, [new_event("urn:test", event, datetime(2026, 6, 1, tzinfo=UTC))])
    return store


async def test_a_region_is_learnt_from_its_event_and_an_older_one_is_ignored() -> None:
    newest: Any = sample("region.changed")
    older = newest.model_copy(update={"sequence": 1, "institutes": ("09ZZ",)})
    store = await folded(MemoryStore(), newest, older)
    related = tuple(sorted({one for each in newest.settings.related for one in (each.student, each.place)}))
    assert related
    ends = {"2026-S1": date(2027, 1, 29), "2026-S2": date(2027, 7, 9)}
    assert await store.region("NL-R07") == KnownRegion(
        "NL-R07", ("2026-S1", "2026-S2"), ("01VU", "02HU"), related, "Onderwijsregio Midden-Nederland", ends
    )


async def test_the_subjects_of_a_region_are_learnt_from_its_schools_and_its_settings() -> None:
    offered: Any = sample("workplace.changed")
    region: Any = sample("region.changed")
    store = await folded(MemoryStore(), offered)
    assert await store.subjects(offered.region) == {offered.workplace.subject}
    older = offered.model_copy(
        update={"sequence": 0, "workplace": offered.workplace.model_copy(update={"subject": "x"})}
    )
    await folded(store, older, region)
    related = {one for each in region.settings.related for one in (each.student, each.place)}
    assert await store.subjects(offered.region) == {offered.workplace.subject, *related}


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("placement.proposed", "placed"),
        ("placement.changed", "placed"),
        ("placement.settled", "placed"),
        ("placement.withdrawn", "withdrawn"),
        ("student.unplaced", "unplaced"),
    ],
)
async def test_what_became_of_a_student_is_learnt_from_the_plan(name: str, status: str) -> None:
    event = sample(name)
    store = await folded(MemoryStore(), event)
    (place,) = store.places.values()
    assert (place.status, place.body) == (status, event.model_dump(mode="json"))


async def test_an_older_word_of_the_plan_never_overwrites_a_newer_one() -> None:
    newer, older = sample("placement.settled"), sample("placement.proposed")
    store = await folded(MemoryStore(), newer, older, newer)
    (place,) = store.places.values()
    assert place.sequence == 3


async def test_a_student_who_is_erased_leaves_no_place() -> None:
    event = sample("placement.proposed")
    store = await folded(MemoryStore(), event)
    (identifier,) = store.places
    await fold(store, [Tombstone("signal/whatever")])
    assert store.places
    await fold(store, [Tombstone(f"student/{identifier}")])
    assert store.places == {}


@pytest.mark.parametrize("name", ["day.started", "shortage.detected", "supervisor.registered"])
async def test_events_that_intake_has_no_use_for_are_passed_over(name: str) -> None:
    assert await folded(MemoryStore(), sample(name)) == MemoryStore()
