"""Names of boards and institutes in capacity's store: who names one says what it was."""

from tests.contract.capacity_store.conftest import Opened


async def test_a_name_is_given_changed_and_taken_away_by_who_knows_what_it_was(opened: Opened) -> None:
    for name, was, is_kept, held in (
        ("Lente", "", True, "Lente"),
        ("Zomer", "", False, "Lente"),
        ("Zomer", "Herfst", False, "Lente"),
        ("Zomer", "Lente", True, "Zomer"),
        ("", "Lente", False, "Zomer"),
        ("", "Zomer", True, ""),
        ("", "Zomer", False, ""),
    ):
        async with opened.transaction() as store:
            assert await store.name_organisation("41234", name, was) is is_kept, (name, was)
        async with opened.transaction() as store:
            assert (await store.called(["41234"])).get("41234", "") == held
