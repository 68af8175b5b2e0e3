"""Who withdraws is told to the school alone, once, and to nobody after an erasure."""

from itertools import permutations

import pytest

from services.notifier.domain.alerts import AlertState
from services.notifier.domain.delivery import Mail
from shared.contracts.placements import MoveCause, PlacementWithdrawn
from shared.contracts.registrations import StudentWithdrawn
from shared.contracts.vocabulary import Contract
from shared.messaging.inbox import Tombstone
from tests.support.notifier import (
    INSTITUTE,
    PEOPLE,
    REGION,
    SITE,
    lost,
    mismatch,
    placed,
    site_changed,
    unplaced,
)
from tests.unit.notifier.conftest import Notifier


async def test_of_a_withdrawn_student_nobody_hears(notifier: Notifier) -> None:
    await notifier.hear(unplaced("s-1"), mismatch())
    withdrawn = StudentWithdrawn(region=REGION, sequence=2, student="s-1", institute=INSTITUTE)
    await notifier.hear(withdrawn, unplaced("s-1", 2), lost("s-1"))
    assert await notifier.after(60) == []


async def test_a_placement_withdrawn_clears(notifier: Notifier) -> None:
    await notifier.hear(unplaced("s-1", 1))
    gone = PlacementWithdrawn(
        region=REGION,
        sequence=2,
        plan_version=2,
        student="s-1",
        institute=INSTITUTE,
        site=None,
        cause=MoveCause.STUDENT_WITHDRAWN,
    )
    await notifier.hear(gone)
    assert await notifier.after(60) == []


def place_withdrawn(sequence: int = 2) -> PlacementWithdrawn:
    return PlacementWithdrawn(
        region=REGION,
        sequence=sequence,
        plan_version=sequence,
        student="s-1",
        institute=INSTITUTE,
        site=SITE,
        cause=MoveCause.STUDENT_WITHDRAWN,
    )


WITHDRAWN = StudentWithdrawn(region=REGION, sequence=2, student="s-1", institute=INSTITUTE)
WITHDRAWAL = f"lost/withdrawn-{SITE}-s-1"


@pytest.mark.parametrize("order", list(permutations([0, 1])))
@pytest.mark.parametrize("gap_s", [0, 60])
async def test_when_a_placed_student_withdraws_the_school_alone_is_told_once(
    notifier: Notifier, order: tuple[int, ...], gap_s: float
) -> None:
    await notifier.hear(site_changed(), placed("s-1", 1))
    events: list[Contract] = [WITHDRAWN, place_withdrawn()]
    mails: list[Mail] = []
    for index in order:
        await notifier.hear(events[index])
        mails += await notifier.after(gap_s)
    mails += await notifier.after(20)
    await notifier.hear(*events)
    mails += await notifier.after(60)
    assert mails == []  # nobody has to do anything: a line in the morning will do
    (mail,) = await notifier.in_the_morning()
    assert mail.email == PEOPLE.trainer.email
    assert "Plaatsing vervallen" in mail.text
    assert "De plek is weer vrij voor een andere student." in " ".join(mail.text.split())
    assert "blijft zoeken" not in mail.text + mail.html
    assert notifier.states()[WITHDRAWAL] is AlertState.CLOSED
    assert await notifier.in_the_morning() == []


async def test_a_student_who_is_placed_there_again_and_withdraws_again_is_told_again(notifier: Notifier) -> None:
    await notifier.hear(placed("s-1", 1), place_withdrawn(2))
    assert len(await notifier.in_the_morning()) == 1
    await notifier.hear(placed("s-1", 3))
    await notifier.hear(place_withdrawn(4))
    assert [mail.email for mail in await notifier.in_the_morning()] == [PEOPLE.trainer.email]


async def test_that_an_erased_student_withdrew_is_told_to_nobody(notifier: Notifier) -> None:
    await notifier.hear(placed("s-1", 1), WITHDRAWN, Tombstone("student/s-1"), place_withdrawn())
    assert await notifier.after(60) == []
    await notifier.hear(placed("s-2", 1), place_withdrawn(3).model_copy(update={"student": "s-2"}))
    await notifier.hear(Tombstone("student/s-2"))
    assert await notifier.after(60) == []


async def test_without_a_school_trainer_the_programme_manager_hears_of_a_withdrawal(notifier: Notifier) -> None:
    del notifier.store.contacts_by_id[PEOPLE.trainer.id]
    await notifier.hear(placed("s-1", 1), place_withdrawn())
    assert [mail.email for mail in await notifier.in_the_morning()] == [PEOPLE.manager.email]
