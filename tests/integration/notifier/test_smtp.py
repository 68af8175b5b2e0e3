"""Mails on their way to a real mail server that is not always kind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from prometheus_client import REGISTRY

from services.notifier.bootstrap import Parts
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.entrypoints.deliver import Deliverer
from services.notifier.handlers.delivering import Delivery
from services.notifier.ports import MailFilter
from tests.integration.notifier.conftest import BuildParts
from tests.integration.notifier.smtp_server import BREAK_OFF, MailServer
from tests.support.eventually import eventually
from tests.support.notifier import PEOPLE, a_mail


def _delivery(parts: Parts) -> Delivery:
    lease = timedelta(seconds=parts.settings.lease_s)
    return Delivery(parts.writing, parts.policy, lease, parts.clock, parts.jitter)


@asynccontextmanager
async def _delivering(*workers: Parts) -> AsyncIterator[None]:
    tasks = [
        asyncio.ensure_future(Deliverer(_delivery(parts), [parts.build_sender(), parts.build_sender()]).run())
        for parts in workers
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _write(parts: Parts, *mails: Mail) -> None:
    async with parts.writing() as store:
        await store.save_contact(PEOPLE.coordinator)
        for mail in mails:
            await store.add_mail(mail)


def _now(parts: Parts, **changes: object) -> Mail:
    return a_mail(created_at=parts.clock(), next_try_at=parts.clock(), **changes)


async def _has_state(parts: Parts, state: MailState, count: int = 1, within_s: float = 10) -> list[Mail]:
    async def found() -> list[Mail] | None:
        async with parts.reading() as store:
            mails = list(await store.mails(MailFilter(state=state, limit=500)))
        return mails if len(mails) == count else None

    mails = await eventually(found, within_s=within_s, what=f"{count} mails {state}")
    assert mails is not None
    return mails


def _resent() -> float:
    return REGISTRY.get_sample_value("leerplek_mails_resent_total") or 0.0


async def test_a_mail_arrives_once(build_parts: BuildParts, mail_server: MailServer) -> None:
    parts = build_parts()
    await _write(parts, _now(parts))
    async with _delivering(parts):
        await _has_state(parts, MailState.SENT)
    (message,) = mail_server.taken
    assert message["Message-ID"] == f"<{a_mail().id}@leerplek.example>"
    assert mail_server.recipients == ["stage@vu.example"]


async def test_a_mail_refused_for_now_arrives_once_a_little_later(
    build_parts: BuildParts, mail_server: MailServer
) -> None:
    parts = build_parts()
    mail_server.answers = ["451 4.3.0 Later"]
    await _write(parts, _now(parts))
    async with _delivering(parts):
        (mail,) = await _has_state(parts, MailState.SENT)
    assert mail.attempts == 2
    assert len(mail_server.taken) == 1


async def test_when_the_answer_gets_lost_the_same_mail_goes_again_and_is_counted(
    build_parts: BuildParts, mail_server: MailServer
) -> None:
    parts, before = build_parts(), _resent()
    mail_server.answers = [BREAK_OFF]
    await _write(parts, _now(parts))
    async with _delivering(parts):
        await _has_state(parts, MailState.SENT)
    first, second = mail_server.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() == second.as_bytes()
    assert _resent() == before + 1


async def test_a_recipient_that_does_not_exist_fails_at_once_and_the_next_mail_goes(
    build_parts: BuildParts, mail_server: MailServer
) -> None:
    parts = build_parts()
    mail_server.refusals = {"weg@vu.example": "550 5.1.1 <weg@vu.example> unknown"}
    await _write(parts, _now(parts, email="weg@vu.example"), _now(parts, id="second", dedupe_key="second"))
    async with _delivering(parts):
        await _has_state(parts, MailState.SENT)
        (failed,) = await _has_state(parts, MailState.FAILED)
    assert (failed.attempts, failed.reason) == (1, "550 5.1.1 … unknown")


async def test_while_the_mail_server_is_away_mails_wait_and_go_when_it_is_back(
    build_parts: BuildParts, mail_server: MailServer
) -> None:
    await mail_server.stop()
    parts = build_parts()
    await _write(parts, _now(parts))
    async with _delivering(parts):

        async def was_tried_twice() -> bool:
            async with parts.reading() as store:
                mail = await store.mail(a_mail().id)
            return mail is not None and mail.attempts >= 2 and "niet bereikbaar" in (mail.reason or "")

        await eventually(was_tried_twice)
        assert mail_server.taken == []
        await mail_server.start()
        await _has_state(parts, MailState.SENT)
    assert len(mail_server.taken) == 1


async def test_what_cannot_be_sent_is_given_up_in_the_end_and_says_why(
    build_parts: BuildParts, mail_server: MailServer
) -> None:
    await mail_server.stop()
    parts = build_parts(give_up_after_s=0.2)
    await _write(parts, _now(parts))
    async with _delivering(parts):
        (failed,) = await _has_state(parts, MailState.FAILED)
    assert failed.reason is not None
    assert failed.reason.startswith("te lang geprobeerd: mailserver niet bereikbaar")


async def test_two_workers_share_the_work_without_doubles(build_parts: BuildParts, mail_server: MailServer) -> None:
    one, two = build_parts(), build_parts()
    await _write(one, *(_now(one, id=f"m{number:03}", dedupe_key=str(number)) for number in range(60)))
    async with _delivering(one, two):
        await _has_state(one, MailState.SENT, 60, within_s=30)
    ids = [message["Message-ID"] for message in mail_server.taken]
    assert len(ids) == len(set(ids)) == 60


async def test_a_mail_of_a_worker_that_died_goes_again_as_the_same_mail(
    build_parts: BuildParts, mail_server: MailServer
) -> None:
    parts, before = build_parts(), _resent()
    await _write(parts, _now(parts))
    async with parts.writing() as store:
        assert await store.claim_mails(parts.clock(), parts.clock() + timedelta(seconds=0.3), "dead", 1)
    async with _delivering(parts):
        await _has_state(parts, MailState.SENT)
    assert len(mail_server.taken) == 1
    assert _resent() == before + 1


async def test_a_name_that_is_up_to_no_good_adds_no_recipient(build_parts: BuildParts, mail_server: MailServer) -> None:
    parts = build_parts()
    await _write(parts, _now(parts, name="Els\r\nBcc: dief@example.org\r\n\r\nhallo"))
    async with _delivering(parts):
        await _has_state(parts, MailState.SENT)
    assert mail_server.recipients == ["stage@vu.example"]
    assert mail_server.taken[0]["Bcc"] is None
