"""What becomes of an institute's students is sent to its webhooks: signed, tried for a day, logged, and to public addresses only."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook as Checker
from standardwebhooks.webhooks import WebhookVerificationError

from services.intake.entrypoints.stream import applying
from shared.contracts.envelope import new_event
from shared.contracts.vocabulary import Contract, SignalStatus
from shared.messaging.inbox import Tombstone
from shared.webhooks.sender import WebhookSender
from shared.webhooks.turns import PER_RECEIVER
from tests.integration.intake.conftest import Guarded, Service, opened, problem_of
from tests.support.eventually import eventually
from tests.support.intake import NEW_REGISTRATION
from tests.support.notifier import lost
from tests.support.receiver import Receiver, receiving
from tests.support.scanning import where_stored
from tests.unit.intake.test_decisions import proposed

DELIVERIES = "/v1/webhooks/{}/deliveries"


@dataclass
class Subscribed:
    """Intake with one webhook to a receiver, and a clock that a test sets forward."""

    service: Service
    receiver: Receiver
    webhook: str = ""
    later: timedelta = timedelta()

    @property
    def http(self) -> httpx.AsyncClient:
        return self.service.http

    async def tell(self, institute: str = "01VU") -> None:
        """A place for one of its students, as the plan tells."""
        student = (await self.service.register()).json()["id"]
        event = proposed()
        placement = event.placement.model_copy(update={"student": student})
        told = event.model_copy(update={"student": student, "institute": institute, "placement": placement})
        await self.hear(told)

    async def hear(self, event: Contract) -> None:
        """An event of the plan."""
        parts = self.service.parts
        async with parts.runtime.database.transaction() as tx:
            await applying(parts)(tx, [new_event("urn:nld:test", event, parts.clock())])

    async def send(self) -> int:
        """Everything that is due by now."""
        hooks = replace(self.service.parts.hooks, clock=lambda: datetime.now(UTC) + self.later)
        return await WebhookSender(hooks).send_due()

    async def log(self) -> dict[str, Any]:
        """The newest message, with every try."""
        listed = (await self.http.get(DELIVERIES.format(self.webhook))).json()["items"]
        found: dict[str, Any] = (await self.http.get(f"{DELIVERIES.format(self.webhook)}/{listed[0]['id']}")).json()
        return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
async def subscribed(database_url: str, receiver: Receiver) -> AsyncIterator[Subscribed]:
    async with opened(database_url, webhook_private_addresses=True) as service:
        made = await service.http.post("/v1/webhooks", json={"url": receiver.url})
        assert made.status_code == 201, made.text
        assert "secret" not in made.json()
        yield Subscribed(service, receiver, made.json()["id"])
        await service.parts.hooks.post.close()


async def secret_of(subscribed: Subscribed) -> dict[str, Any]:
    found: dict[str, Any] = (await subscribed.http.get(f"/v1/webhooks/{subscribed.webhook}/secret")).json()
    return found


async def test_a_place_is_told_signed_and_once(subscribed: Subscribed) -> None:
    await subscribed.tell()
    assert (await subscribed.send(), await subscribed.send()) == (1, 0)
    ((headers, body),) = subscribed.receiver.came
    told = Checker((await secret_of(subscribed))["secret"]).verify(body, headers)
    assert (told["type"], told["data"]["institute"]) == ("nl.leerplek.placement.proposed.v1", "01VU")
    log = await subscribed.log()
    assert (log["status"], log["tries"], log["id"]) == ("delivered", 1, headers["webhook-id"])
    assert log["body"] == json.loads(body)
    assert [one["status"] for one in log["log"]] == [204]


async def test_after_a_rotation_both_secrets_hold_for_a_day(subscribed: Subscribed) -> None:
    old = (await secret_of(subscribed))["secret"]
    await subscribed.http.post(f"/v1/webhooks/{subscribed.webhook}/rotation")
    new = await secret_of(subscribed)
    assert (new["previous"], new["secret"] != old) == (old, True)
    await subscribed.http.post(f"/v1/webhooks/{subscribed.webhook}/ping")
    await subscribed.send()
    headers, body = subscribed.receiver.came[-1]
    for secret in (old, new["secret"]):
        Checker(secret).verify(body, headers)
    assert len(headers["webhook-signature"].split()) == 2
    await subscribed.http.post(f"/v1/webhooks/{subscribed.webhook}/ping")
    subscribed.later = timedelta(hours=25)
    await subscribed.send()
    assert len(subscribed.receiver.came[-1][0]["webhook-signature"].split()) == 1


async def test_what_is_not_taken_is_tried_for_a_day_with_the_same_number_and_can_be_sent_again(
    subscribed: Subscribed,
) -> None:
    subscribed.receiver.answers = [(500, {})] * 9
    await subscribed.tell()
    hours = []
    for _ in range(9):
        assert await subscribed.send() == 1
        assert await subscribed.send() == 0, "not before its time"
        log = await subscribed.log()
        if log["next_at"] is not None:
            hours.append(subscribed.later.total_seconds() / 3600)
            subscribed.later = datetime.fromisoformat(log["next_at"]) - datetime.now(UTC) + timedelta(seconds=1)
    assert 23 < subscribed.later.total_seconds() / 3600 < 25
    assert (log["status"], log["tries"], len(log["log"])) == ("failed", 9, 9)
    assert len({headers["webhook-id"] for headers, _ in subscribed.receiver.came}) == 1
    again = f"{DELIVERIES.format(subscribed.webhook)}/{log['id']}/resend"
    assert (await subscribed.http.post(again)).json()["status"] == "waiting"
    problem_of(await subscribed.http.post(again), 409, "nog-onderweg")
    await subscribed.send()
    assert (await subscribed.log())["status"] == "delivered"
    failed = await subscribed.http.get(DELIVERIES.format(subscribed.webhook), params={"status": "failed"})
    assert failed.json()["items"] == []


async def test_a_receiver_says_when_to_come_back_and_when_not_to(subscribed: Subscribed) -> None:
    subscribed.receiver.answers = [(503, {"Retry-After": "3600"}), (410, {})]
    await subscribed.tell()
    await subscribed.send()
    wait = datetime.fromisoformat((await subscribed.log())["next_at"]) - datetime.now(UTC)
    assert timedelta(minutes=55) < wait < timedelta(minutes=65)
    subscribed.later = timedelta(hours=2)
    await subscribed.send()
    assert (await subscribed.log())["status"] == "failed"
    webhook = await subscribed.http.get(f"/v1/webhooks/{subscribed.webhook}")
    assert webhook.json()["active"] is False
    await subscribed.tell()
    assert await subscribed.send() == 0


async def test_a_redirect_is_not_followed(subscribed: Subscribed) -> None:
    subscribed.receiver.answers = [(302, {"Location": subscribed.receiver.url})]
    await subscribed.tell()
    await subscribed.send()
    assert len(subscribed.receiver.came) == 1
    assert (await subscribed.log())["log"][0]["status"] == 302


async def test_an_address_can_want_some_messages_only_and_be_changed_by_version(subscribed: Subscribed) -> None:
    where = f"/v1/webhooks/{subscribed.webhook}"
    wanted = {"url": subscribed.receiver.url, "types": ["nl.leerplek.student.unplaced.v1"]}
    version = (await subscribed.http.get(where)).headers["etag"]
    assert (await subscribed.http.put(where, json=wanted, headers={"If-Match": version})).status_code == 200
    problem_of(await subscribed.http.put(where, json=wanted, headers={"If-Match": version}), 412, "versie-gewijzigd")
    await subscribed.tell()
    assert await subscribed.send() == 0
    unknown = {**wanted, "types": ["nl.leerplek.region.changed.v1"]}
    problem_of(await subscribed.http.put(where, json=unknown), 400, "ongeldige-invoer")
    assert (await subscribed.http.delete(where)).status_code == 204
    problem_of(await subscribed.http.get(where), 404, "onbekende-webhook")


async def test_the_secret_lies_nowhere_in_the_database_as_it_is(subscribed: Subscribed) -> None:
    secret = (await secret_of(subscribed))["secret"]
    async with subscribed.service.parts.runtime.database.reading() as tx:
        connection = await tx.connection()
        for table in ("webhook", "given_answer", "webhook_delivery", "audit"):
            for found in (await connection.exec_driver_sql(f"SELECT * FROM {table}")).all():
                assert secret not in str(found)
                assert secret.encode() not in b"".join(one for one in found if isinstance(one, bytes))


async def test_an_institute_is_told_of_its_own_students_and_sees_its_own_webhooks(
    tmp_path: Path, guarded: Guarded, receiver: Receiver
) -> None:
    vu, hu = guarded.token("institute/01VU"), guarded.token("institute/02HU")
    url = {"url": "https://example.org/hook"}
    made = (await guarded.http.post("/v1/webhooks", json=url, headers=vu)).json()["id"]
    for path in ("", "/secret", "/deliveries"):
        problem_of(await guarded.http.get(f"/v1/webhooks/{made}{path}", headers=hu), 404, "onbekende-webhook")
    assert (await guarded.http.get("/v1/webhooks", headers=hu)).json()["items"] == []
    registered = await guarded.http.post("/v1/registrations", json=NEW_REGISTRATION, headers=vu)
    subscribed = Subscribed(guarded.service, receiver)
    own = proposed()
    await subscribed.hear(own)
    assert await told_to(guarded, made, vu) == [], "not known here"
    own = own.model_copy(update={"placement": own.placement.model_copy(update={"student": registered.json()["id"]})})
    await subscribed.hear(own.model_copy(update={"institute": "02HU"}))
    assert await told_to(guarded, made, vu) == []
    await subscribed.hear(own.model_copy(update={"sequence": 2}))
    assert await told_to(guarded, made, vu) == ["nl.leerplek.placement.proposed.v1"]


async def told_to(guarded: Guarded, webhook: str, headers: dict[str, str]) -> list[str]:
    listed = await guarded.http.get(DELIVERIES.format(webhook), headers=headers)
    return [each["type"] for each in listed.json()["items"]]


async def test_a_body_that_was_changed_on_its_way_is_noticed(subscribed: Subscribed) -> None:
    await subscribed.tell()
    await subscribed.send()
    ((headers, body),) = subscribed.receiver.came
    with pytest.raises(WebhookVerificationError):
        Checker((await secret_of(subscribed))["secret"]).verify(body.replace(b"01VU", b"02HU"), headers)


async def test_a_signal_about_a_student_is_told_once_and_as_it_goes_on(subscribed: Subscribed) -> None:
    parts, student = subscribed.service.parts, (await subscribed.service.register()).json()["id"]
    apply = applying(parts)

    async def hear(sequence: int, status: SignalStatus = SignalStatus.RAISED, about: str = student) -> None:
        signal = lost(about, sequence, status=status)
        async with parts.runtime.database.transaction() as tx:
            await apply(tx, [new_event("urn:nld:test", signal, parts.clock())])

    await hear(2)
    await hear(2)
    await hear(1)
    await hear(1, about="01999999-0000-7000-8000-0000000000ff")
    await hear(3, SignalStatus.CLEARED)
    assert await subscribed.send() == 2
    came = [json.loads(body) for _, body in subscribed.receiver.came]
    told = sorted(came, key=lambda each: each["data"]["sequence"])  # what goes out together arrives in any order
    assert [each["type"] for each in told] == ["nl.leerplek.placement.lost.v1"] * 2
    assert [each["data"]["status"] for each in told] == ["raised", "cleared"]
    assert {each["data"]["student"] for each in told} == {student}
    async with parts.runtime.database.transaction() as tx:
        await apply(tx, [Tombstone(f"student/{student}")])
    assert "student_signal" not in await where_stored(parts.runtime.database, [student])


async def test_what_was_over_before_it_could_be_told_is_no_news(subscribed: Subscribed) -> None:
    parts, student = subscribed.service.parts, (await subscribed.service.register()).json()["id"]
    async with parts.runtime.database.transaction() as tx:
        over = lost(student, 7, status=SignalStatus.CLEARED)
        await applying(parts)(tx, [new_event("urn:nld:test", over, parts.clock())])
    assert await subscribed.send() == 0


async def test_a_receiver_that_does_not_answer_holds_nobody_else_up(sqlite_url: str, receiver: Receiver) -> None:
    async with opened(sqlite_url, webhook_private_addresses=True) as service:
        with receiving() as slow, slow.silence():
            held = (await service.http.post("/v1/webhooks", json={"url": slow.url})).json()["id"]
            quick = (await service.http.post("/v1/webhooks", json={"url": receiver.url})).json()["id"]
            for _ in range(70):
                assert (await service.http.post(f"/v1/webhooks/{held}/ping")).status_code == 200
            assert (await service.http.post(f"/v1/webhooks/{quick}/ping")).status_code == 200
            running = asyncio.create_task(WebhookSender(service.parts.hooks).run())
            try:
                await eventually(lambda: len(receiver.came) == 1, within_s=10)
                assert len(slow.came) <= PER_RECEIVER
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
        await service.parts.hooks.post.close()
