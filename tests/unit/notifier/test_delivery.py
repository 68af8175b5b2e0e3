"""When a mail is tried again, and when not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.delivery import Accepted, Later, MailState, Outcome, Refused, RetryPolicy, settle
from services.notifier.handlers.delivering import Delivery, deliver_one
from shared.errors import TransientError
from tests.support.notifier import NOW, Clock, MemoryStore, a_mail

POLICY = RetryPolicy(timedelta(seconds=5), timedelta(minutes=30), timedelta(days=1))


class Server:
    """A mail server that answers what it is told to, in turn."""

    def __init__(self, *answers: Outcome) -> None:
        self.answers = list(answers)
        self.taken: list[str] = []

    async def send(self, mail: object) -> Outcome:
        self.taken.append(getattr(mail, "id", ""))
        return self.answers.pop(0)

    async def rest(self) -> None:
        return


def _delivery(store: MemoryStore, server: Server, clock: Clock) -> Delivery:
    return Delivery(store.writing, server, POLICY, timedelta(seconds=60), clock, lambda: 1.0)


def test_pauses_grow_to_a_cap_and_are_shortened_by_at_most_half() -> None:
    pauses = [POLICY.pause(attempts, 1.0).total_seconds() for attempts in range(1, 12)]
    assert pauses[:4] == [5, 10, 20, 40]
    assert pauses[-1] == 1800
    assert POLICY.pause(3, 0.0) == timedelta(seconds=10)


def test_a_mail_is_given_up_after_a_day_and_says_why() -> None:
    mail = replace(a_mail(), attempts=60)
    late = settle(mail, Later("451 later"), NOW + timedelta(days=1), POLICY, 1.0)
    assert late.state is MailState.FAILED
    assert late.reason == "te lang geprobeerd: 451 later"
    early = settle(mail, Later("451 later"), NOW + timedelta(hours=23), POLICY, 1.0)
    assert early.state is MailState.WAITING
    assert early.next_try_at > NOW + timedelta(hours=23)


async def test_a_mail_that_is_refused_for_now_goes_later_and_only_once() -> None:
    store, clock = MemoryStore(), Clock()
    await store.add_mail(a_mail())
    delivery = _delivery(store, server := Server(Later("451 later"), Accepted()), clock)
    first = await deliver_one(delivery)
    assert first is not None
    assert first.mail is not None
    assert first.mail.state is MailState.WAITING
    assert await deliver_one(delivery) is None
    clock.forward(5)
    second = await deliver_one(delivery)
    assert second is not None
    assert second.mail is not None
    assert second.mail.state is MailState.SENT
    assert await deliver_one(delivery) is None
    assert len(server.taken) == 2


async def test_a_refused_recipient_is_final() -> None:
    store, clock = MemoryStore(), Clock()
    await store.add_mail(a_mail())
    delivery = _delivery(store, Server(Refused("550 no such user")), clock)
    attempt = await deliver_one(delivery)
    assert attempt is not None
    assert attempt.mail is not None
    assert (attempt.mail.state, attempt.mail.reason) == (MailState.FAILED, "550 no such user")
    clock.forward(100_000)
    assert await deliver_one(delivery) is None


async def test_a_mail_whose_worker_did_not_come_back_goes_again_after_the_lease() -> None:
    store, clock = MemoryStore(), Clock()
    await store.add_mail(a_mail())
    assert await store.claim_mail(clock(), clock() + timedelta(seconds=60), "gone") is not None
    delivery = _delivery(store, Server(Accepted()), clock)
    assert await deliver_one(delivery) is None
    clock.forward(61)
    attempt = await deliver_one(delivery)
    assert attempt is not None
    assert attempt.claim.is_repeat
    assert await store.claimed_mail(a_mail().id, "gone") is None


async def test_the_outcome_is_written_down_also_when_the_database_is_away_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, clock = MemoryStore(), Clock()
    await store.add_mail(a_mail())
    tries = 0
    save = store.save_mail

    async def save_the_third_time(mail: object) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise TransientError("database: locked")
        await save(mail)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "save_mail", save_the_third_time)
    server = Server(Accepted())
    attempt = await deliver_one(_delivery(store, server, clock))
    assert attempt is not None
    assert store.mails_by_id[a_mail().id].state is MailState.SENT
    assert len(server.taken) == 1
    assert a_mail().kind is AlertKind.UNPLACED
