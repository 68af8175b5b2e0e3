"""When a mail is tried again, and when not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from services.notifier.domain.alerts import AlertKind, Channel
from services.notifier.domain.delivery import Accepted, Later, Mail, MailState, Outcome, Refused, RetryPolicy, settle
from services.notifier.domain.handing import Took, after_handing
from services.notifier.handlers.delivering import Attempt, Delivery
from shared.errors import TransientError
from tests.support import notifier_delivery
from tests.support.notifier import NOW, PEOPLE, Clock, a_mail
from tests.support.notifier_memory import MemoryStore

POLICY = RetryPolicy(timedelta(seconds=5), timedelta(minutes=30), timedelta(days=1), factor=2)


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


async def _store_with(*mails: Mail) -> MemoryStore:
    store = MemoryStore()
    await store.save_contact(PEOPLE.coordinator)
    for mail in mails:
        await store.add_mail(mail)
    return store


def _delivery(store: MemoryStore, server: Server, clock: Clock) -> tuple[Delivery, Server]:
    return Delivery(store.writing, POLICY, timedelta(seconds=60), clock, lambda: 1.0), server


async def deliver_one(to: tuple[Delivery, Server]) -> Attempt | None:
    return await notifier_delivery.deliver_one(*to)


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


def test_a_mail_that_no_system_took_is_given_up_a_day_after_it_became_a_mail() -> None:
    given = a_mail(state=MailState.HANDED, channel=Channel.DIGEST)
    fell_back = NOW + timedelta(hours=23, minutes=35)
    mail = after_handing(given, Took.REFUSED, fell_back)
    early = settle(mail, Later("451 later"), NOW + timedelta(days=1, hours=1), POLICY, 1.0)
    assert early.state is MailState.WAITING
    late = settle(early, Later("451 later"), fell_back + timedelta(days=1), POLICY, 1.0)
    assert late.state is MailState.FAILED


async def test_a_mail_that_is_refused_for_now_goes_later_and_only_once() -> None:
    store, clock = await _store_with(a_mail()), Clock()
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
    store, clock = await _store_with(a_mail()), Clock()
    delivery = _delivery(store, Server(Refused("550 no such user")), clock)
    attempt = await deliver_one(delivery)
    assert attempt is not None
    assert attempt.mail is not None
    assert (attempt.mail.state, attempt.mail.reason) == (MailState.FAILED, "550 no such user")
    clock.forward(100_000)
    assert await deliver_one(delivery) is None


async def test_a_mail_whose_worker_did_not_come_back_goes_again_after_the_lease() -> None:
    store, clock = await _store_with(a_mail()), Clock()
    assert await store.claim_mails(clock(), clock() + timedelta(seconds=60), "gone", 1)
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
    store, clock = await _store_with(a_mail()), Clock()
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


async def test_a_mail_that_meets_a_bug_is_tried_again_later_and_the_next_one_goes() -> None:
    store, clock = await _store_with(a_mail(), a_mail(id="next", dedupe_key="next")), Clock()

    class Stumbling(Server):
        async def send(self, mail: object) -> Outcome:
            if getattr(mail, "id", "") == a_mail().id and len(self.taken) < 2:
                self.taken.append("bug")
                raise KeyError("Els Vos <stage@vu.example>")
            return await super().send(mail)

    delivery = _delivery(store, server := Stumbling(Accepted(), Accepted()), clock)
    with capture_logs() as logs:
        first, second = await deliver_one(delivery), await deliver_one(delivery)
    assert first is not None
    assert first.mail is not None
    assert (first.mail.state, first.mail.reason) == (MailState.WAITING, "onverwachte fout in Leerplek (KeyError)")
    assert first.mail.next_try_at == NOW + timedelta(seconds=5)
    assert second is not None
    assert second.mail is not None
    assert (second.mail.id, second.mail.state) == ("next", MailState.SENT)
    assert [(each["event"], each["mail"], each["log_level"]) for each in logs] == [
        ("mail met a bug", a_mail().id, "error")
    ]
    assert "test_delivery.py" in logs[0]["bug"]
    assert "Vos" not in str(logs)
    assert await deliver_one(delivery) is None
    clock.forward(5)
    third = await deliver_one(delivery)
    assert third is not None
    assert third.mail is not None
    assert third.mail.state is MailState.SENT
    assert server.taken == ["bug", "next", a_mail().id]


async def test_a_mail_that_always_meets_a_bug_pauses_longer_each_time_and_is_given_up_after_a_day() -> None:
    store, clock = await _store_with(a_mail()), Clock()

    class Broken(Server):
        async def send(self, mail: object) -> Outcome:
            raise ValueError("odd")

    delivery, pauses = _delivery(store, Broken(), clock), []
    while store.mails_by_id[a_mail().id].state is MailState.WAITING:
        attempt = await deliver_one(delivery)
        assert attempt is not None
        assert attempt.mail is not None
        pauses.append((attempt.mail.next_try_at - clock.now).total_seconds())
        clock.now = attempt.mail.next_try_at
    assert pauses[:5] == [5, 10, 20, 40, 80]
    assert len(pauses) < 70
    assert store.mails_by_id[a_mail().id].state is MailState.FAILED


async def test_a_mail_without_an_address_is_cancelled_and_never_offered_to_the_mail_server() -> None:
    store, clock = await _store_with(a_mail()), Clock()
    await store.delete_contact(PEOPLE.coordinator)
    attempt = await deliver_one(_delivery(store, server := Server(), clock))
    assert attempt is not None
    assert attempt.mail is not None
    assert (attempt.mail.state, server.taken) == (MailState.CANCELLED, [])
    assert await deliver_one(_delivery(store, server, clock)) is None
