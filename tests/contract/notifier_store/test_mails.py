"""Mails in the notifier's store: each is kept once, and claimed by one worker at a time."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from services.notifier.domain.alerts import AlertKind, Channel
from services.notifier.domain.delivery import Accepted, Mail, MailState, RetryPolicy, settle
from services.notifier.ports import MailFilter
from tests.contract.notifier_store.conftest import LEASE_END, Opened, SqlOpened
from tests.support.notifier import NOW, PEOPLE, a_mail

POLICY = RetryPolicy(timedelta(seconds=5), timedelta(minutes=30), timedelta(days=1))


async def test_the_same_logical_mail_twice_is_refused_by_the_database(on_sql: SqlOpened) -> None:
    async with on_sql.writing() as store:
        await store.add_mail(a_mail())
    with pytest.raises(IntegrityError):
        async with on_sql.writing() as store:
            await store.add_mail(a_mail(id="another"))


async def test_mails_are_listed_newest_first_in_pages(opened: Opened) -> None:
    async with opened.writing() as store:
        for number in range(5):
            state = MailState.SENT if number % 2 else MailState.WAITING
            await store.add_mail(a_mail(id=f"m{number}", dedupe_key=str(number), state=state))
    async with opened.writing() as store:
        assert [each.id for each in await store.mails(MailFilter(limit=2))] == ["m4", "m3"]
        assert [each.id for each in await store.mails(MailFilter(limit=2, before="m3"))] == ["m2", "m1"]
        assert [each.id for each in await store.mails(MailFilter(state=MailState.SENT))] == ["m3", "m1"]
        assert await store.mails(MailFilter(kind=AlertKind.LOST)) == []
        assert len(await store.mails(MailFilter(organisation="01VU"))) == 5


async def test_a_claimed_mail_is_nobody_elses_until_the_lease_ends(opened: Opened) -> None:
    mail = a_mail()
    async with opened.writing() as store:
        await store.add_mail(mail)
    async with opened.writing() as store:
        (claim,) = await store.claim_mails(NOW, LEASE_END, "one", 5)
        assert (claim.mail.attempts, claim.is_repeat) == (1, False)
    async with opened.writing() as store:
        assert not await store.claim_mails(LEASE_END, LEASE_END, "two", 5)
        late = LEASE_END + timedelta(seconds=1)
        (again,) = await store.claim_mails(late, LEASE_END + timedelta(seconds=90), "two", 5)
        assert (again.mail.attempts, again.is_repeat) == (2, True)
        assert again.mail.id == mail.id
    async with opened.writing() as store:
        assert await store.claimed_mail(mail.id, "one") is None
        held = await store.claimed_mail(mail.id, "two")
        assert held is not None
        await store.save_mail(settle(held, Accepted(), LEASE_END, POLICY, 1.0))
    async with opened.writing() as store:
        kept = await store.mail(mail.id)
        assert kept is not None
        assert (kept.state, kept.sent_at) == (MailState.SENT, LEASE_END)
        assert not await store.claim_mails(NOW + timedelta(days=1), LEASE_END, "three", 5)


async def test_an_address_has_taken_only_what_a_mail_server_took_over_in_that_time(opened: Opened) -> None:
    later, late = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    sent = {"state": MailState.SENT, "sent_at": later, "attempts": 1, "created_at": NOW - timedelta(days=1)}
    async with opened.writing() as store:
        people: dict[str, dict[str, object]] = {
            "taken": {},
            "before": {"sent_at": NOW},
            "just now": {"sent_at": late + timedelta(seconds=1)},
            "under way": {"state": MailState.SENDING, "sent_at": None},
            "by their system": {"attempts": 0},
        }
        for person, own in people.items():
            await store.add_mail(a_mail(**{"id": person, "dedupe_key": person, "person": person, **sent, **own}))
        assert [each for each in people if await store.has_taken(each, NOW, late)] == ["taken"]


async def test_what_is_told_at_once_goes_before_a_storm_of_digests(opened: Opened) -> None:
    digests = [a_mail(id=f"d{number}", dedupe_key=f"d{number}", channel=Channel.DIGEST) for number in range(20)]
    late = NOW + timedelta(minutes=5)
    urgent = [
        a_mail(id=f"u-{each}", dedupe_key=f"u-{each}", channel=each, created_at=late, next_try_at=late)
        for each in (Channel.IMMEDIATE, Channel.ESCALATION, Channel.OVERFLOW)
    ]
    async with opened.writing() as store:
        await store.add_mails([*digests, a_mail(id="w", dedupe_key="w", channel=Channel.WEEKLY), *urgent])
    async with opened.writing() as store:
        claims = await store.claim_mails(late, late + timedelta(minutes=1), "one", 5)
    assert {claim.mail.id for claim in claims} == {each.id for each in urgent} | {"d0", "d1"}
    async with opened.writing() as store:
        rest = await store.claim_mails(late, late + timedelta(minutes=1), "two", 50)
    assert len(rest) == 19


async def test_a_mail_is_not_claimed_before_its_time(opened: Opened) -> None:
    async with opened.writing() as store:
        await store.add_mail(a_mail(next_try_at=NOW + timedelta(seconds=5)))
        assert not await store.claim_mails(NOW, LEASE_END, "one", 5)
        assert await store.claim_mails(NOW + timedelta(seconds=5), LEASE_END, "one", 5)


async def test_many_workers_claim_each_mail_once(on_sql: SqlOpened) -> None:
    count = 40
    async with on_sql.writing() as store:
        for number in range(count):
            await store.add_mail(a_mail(id=f"m{number:02}", dedupe_key=str(number)))
    claimed: list[Mail] = []

    async def work(name: str) -> None:
        while True:
            async with on_sql.writing() as store:
                claims = await store.claim_mails(NOW, LEASE_END, name, 3)
            if not claims:
                return
            claimed.extend(claim.mail for claim in claims)

    await asyncio.gather(*(work(f"worker-{number}") for number in range(4)))
    assert sorted(each.id for each in claimed) == [f"m{number:02}" for number in range(count)]


async def test_mails_are_marked_sent_together_and_only_by_who_has_them(opened: Opened) -> None:
    async with opened.writing() as store:
        await store.add_mails([a_mail(id=f"m{number}", dedupe_key=str(number)) for number in range(4)])
    async with opened.writing() as store:
        first = await store.claim_mails(NOW, LEASE_END, "one", 2)
        second = await store.claim_mails(NOW, LEASE_END + timedelta(minutes=1), "two", 1)
        assert [claim.mail.id for claim in (*first, *second)] == ["m0", "m1", "m2"]
    late = LEASE_END + timedelta(seconds=1)
    async with opened.writing() as store:  # of the first two somebody else has one by now
        (taken,) = await store.claim_mails(late, late + timedelta(minutes=1), "three", 1)
        assert (taken.mail.id, taken.is_repeat) == ("m3", False) or taken.is_repeat
    async with opened.writing() as store:
        ours = await store.mark_sent([*first, *second], late)
        assert ours == {"m0", "m1", "m2"} - {taken.mail.id}
    async with opened.writing() as store:
        assert {each.id for each in await store.mails(MailFilter(state=MailState.SENT))} == ours
        assert await store.mark_sent(first, late) == set()


@pytest.mark.parametrize("state", [MailState.SENT, MailState.FAILED])
async def test_the_last_mail_to_an_address_keeps_it_until_it_went_whatever_becomes_of_the_contact(
    opened: Opened, state: MailState
) -> None:
    mail = a_mail(id="p1", dedupe_key="p1", contact="p1", channel=Channel.PARTING, kind=None)
    async with opened.writing() as store:
        await store.add_parting(mail, PEOPLE.coordinator)
        await store.delete_contact(PEOPLE.coordinator)
    async with opened.writing() as store:
        (claim,) = await store.claim_mails(NOW, LEASE_END, "one", 1)
        assert claim.mail.email == mail.email
        if state is MailState.SENT:
            await store.mark_sent([claim], NOW)
        else:
            await store.save_mail(replace(claim.mail, state=state))
    async with opened.writing() as store:
        held = await store.mail("p1")
        assert held is not None
        assert (held.state, held.email) == (state, "")
