"""An organisation that wants no mail: its own system is told, and its people are mailed where that does not take it."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import uuid_utils
from sqlmodel import select

from services.notifier.domain.access import SCOPES
from services.notifier.domain.alerts import AlertKind, Case
from services.notifier.domain.contacts import PLATFORM, Contact, Role
from services.notifier.domain.delivery import MailState
from services.notifier.domain.handing import ALERT_TOLD
from services.notifier.domain.knowledge import KnownSite
from services.notifier.domain.life import new_alert
from services.notifier.domain.modes import Mode
from services.notifier.entrypoints.dispatch import SYSTEMS_EVERY
from services.notifier.handlers.contacts import put_mode
from shared.contracts.signals import AtRiskRule
from shared.messaging.inbox import Tombstone
from shared.security.issuing import prepare_keys, public_file
from shared.webhooks.messages import Webhook
from shared.webhooks.sender import WebhookSender
from shared.webhooks.tables import DeliveryRow
from tests.integration.notifier.conftest import BuildParts, TellStory
from tests.integration.notifier.test_access import Opened
from tests.integration.notifier.test_access import opened as opened_api
from tests.support.guarded import Guarded
from tests.support.notifier import INSTITUTE, PEOPLE, REGION, SITE, region_changed, site_changed
from tests.support.notifier_events import at_risk, has_no_place, loses
from tests.support.notifier_story import LEADER, Story
from tests.support.receiver import Receiver, receiving

COORDINATOR = PEOPLE.coordinator


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
async def told(tell_story: TellStory) -> Story:
    """The institute wants its own system told."""
    story = tell_story(webhook_private_addresses=True)
    await story.people(*PEOPLE.all(), LEADER)
    await story.at("8:01", region_changed(), site_changed())
    async with story.parts.writing() as store:
        await put_mode(store, INSTITUTE, Mode.WEBHOOK, None, lambda _version: None)
    return story


async def subscribe(story: Story, receiver: Receiver, owner: str | None = INSTITUTE) -> None:
    webhook = Webhook(str(uuid_utils.uuid7()), owner, receiver.url, (), True, 1, story.clock())
    async with story.parts.runtime.database.transaction() as tx:
        await story.parts.hooks.store(tx, owner).add(webhook)


async def sends(story: Story) -> None:
    """What waits for systems is sent, and the notifier looks what became of it."""
    await WebhookSender(story.parts.hooks).send_due()
    story.clock.now += SYSTEMS_EVERY
    await story.step()


async def test_its_system_is_told_and_nobody_is_mailed(told: Story, receiver: Receiver) -> None:
    await subscribe(told, receiver)
    await told.at("9:00", loses("s-1"))
    await told.at("9:02")
    await sends(told)
    ((_, body),) = receiver.came
    message = json.loads(body)
    assert message["type"] == ALERT_TOLD
    (alert,) = message["data"]["alerts"]
    assert (alert["id"], alert["student"], alert["level"]) == ("lost/lost-s-1", "s-1", "critical")
    assert COORDINATOR.email not in body.decode()
    assert str(COORDINATOR.name) not in body.decode()
    await told.at("23:00")
    assert told.to(COORDINATOR) == []
    assert len(told.to(PEOPLE.trainer)) == 1, "another organisation is mailed as before"
    (mail,) = [each for each in await told.mails() if each.contact == COORDINATOR.id]
    assert mail.state is MailState.SENT


async def test_what_cannot_wait_is_mailed_where_the_system_does_not_take_it(told: Story, receiver: Receiver) -> None:
    await subscribe(told, receiver)
    receiver.answers = [(500, {})] * 50
    await told.at("9:00", has_no_place("s-1"))
    await told.at("9:09")
    await sends(told)
    assert told.to(COORDINATOR) == []
    await told.at("9:11")
    assert ["s-1" in mail.text for mail in told.to(COORDINATOR)] == [True]


async def test_what_can_wait_is_mailed_once_the_system_is_given_up(told: Story, receiver: Receiver) -> None:
    await subscribe(told, receiver)
    receiver.answers = [(500, {}), (410, {})]
    await told.at("9:00", at_risk("s-1", AtRiskRule.LONG_TRAVEL))
    await told.at("8:01", day=2)
    await sends(told)
    await told.at("8:30")
    assert told.to(COORDINATOR) == []
    await sends(told)
    assert ["s-1" in mail.text for mail in told.to(COORDINATOR)] == [True]
    (mail,) = [each for each in await told.mails(MailState.SENT) if each.contact == COORDINATOR.id]
    assert mail.fell_back_at == told.clock.now, "from then on it is tried for a day, as any mail"


async def test_without_a_system_everything_is_mailed(told: Story, receiver: Receiver) -> None:
    await subscribe(told, receiver, "02HU")
    await told.at("9:00", has_no_place("s-1"))
    await told.at("9:02")
    assert len(told.to(COORDINATOR)) == 1


async def test_where_one_of_two_organisations_has_no_system_the_mail_goes_and_the_other_is_not_told_twice(
    told: Story, receiver: Receiver
) -> None:
    """Somebody coordinates at two institutes, and reads of both in one mail."""
    other = "02HU"
    await told.people(replace(COORDINATOR, id="c9", organisation=other))
    async with told.parts.writing() as store:
        await put_mode(store, other, Mode.WEBHOOK, None, lambda _version: None)
    await subscribe(told, receiver)
    theirs = has_no_place("s-2").model_copy(update={"institute": other})
    await told.at("9:00", has_no_place("s-1"), theirs)
    await told.at("9:02")
    await sends(told)
    assert [("s-1" in mail.text, "s-2" in mail.text) for mail in told.to(COORDINATOR)] == [(True, True)]
    assert receiver.came == []


async def test_a_board_chooses_for_its_sites_and_a_site_for_itself(told: Story, receiver: Receiver) -> None:
    board = "41234"
    for site, name in ((SITE, "Het Baken"), ("02CD00", "De Kade")):
        async with told.parts.writing() as store:
            await store.save_site(KnownSite(site, name, "Utrecht", 2, board))
    await told.people(replace(PEOPLE.trainer, id="c9", organisation="02CD00", email="kade@school.example"))
    async with told.parts.writing() as store:
        await put_mode(store, board, Mode.WEBHOOK, None, lambda _version: None)
        await put_mode(store, "02CD00", Mode.LIVE, None, lambda _version: None)
    await subscribe(told, receiver, board)
    elsewhere = loses("s-2", site="02CD00")
    await told.at("9:00", loses("s-1"), elsewhere)
    await told.at("9:02")
    await sends(told)
    assert told.to(PEOPLE.trainer) == []
    assert [mail.to for mail in told.seen if mail.to.endswith("school.example")] == ["kade@school.example"]
    assert [json.loads(body)["data"]["organisation"] for _, body in receiver.came] == [SITE]


async def test_each_address_is_followed_on_its_own(told: Story, receiver: Receiver) -> None:
    """One of two systems takes it, and the other is gone: whoever reads there has not heard."""
    with receiving() as other:
        other.answers = [(410, {})]
        await subscribe(told, receiver)
        await subscribe(told, other)
        await told.at("9:00", has_no_place("s-1"))
        await told.at("9:02")
        await sends(told)
        assert (len(receiver.came), len(other.came)) == (1, 1)
    assert ["s-1" in mail.text for mail in told.to(COORDINATOR)] == [True]


async def test_an_address_that_is_taken_away_while_another_takes_it_sends_nobody_a_mail(
    told: Story, receiver: Receiver
) -> None:
    with receiving() as other:
        other.answers = [(500, {})] * 9
        await subscribe(told, other)
        await told.at("9:00", has_no_place("s-1"))
        await told.at("9:02")
        await subscribe(told, receiver)
        await told.at("9:03", has_no_place("s-2"))
        await told.at("9:08")
        await sends(told)
        async with told.parts.runtime.database.transaction() as tx:
            hooks = told.parts.hooks.store(tx, INSTITUTE)
            (away,) = [each.id for each in await hooks.listed(None, 9) if each.url == other.url]
            await hooks.delete(away)
    await sends(told)
    await told.at("11:00")
    assert ["s-2" in body.decode() for _, body in receiver.came] == [True]
    assert [("s-1" in mail.text, "s-2" in mail.text) for mail in told.to(COORDINATOR)] == [(True, False)]


async def test_whoever_runs_leerplek_has_a_system_too(told: Story, receiver: Receiver) -> None:
    operator = Contact("c8", PLATFORM, Role.OPERATOR, "beheer@leerplek.example")
    await told.people(operator)
    async with told.parts.writing() as store:
        await put_mode(store, PLATFORM, Mode.WEBHOOK, None, lambda _version: None)
    await subscribe(told, receiver, None)
    async with told.parts.writing() as store:
        await store.save_alert(new_alert(AlertKind.SILENT, "r", Case(REGION, reason="day"), 1, told.clock.now))
    await told.at("9:02")
    await sends(told)
    ((_, body),) = receiver.came
    assert json.loads(body)["data"]["roles"] == ["operator"]
    assert told.to(operator) == []


async def test_of_a_student_who_was_erased_no_message_stays(told: Story, receiver: Receiver) -> None:
    await subscribe(told, receiver)
    await told.at("9:00", has_no_place("s-1"))
    await told.at("9:02", Tombstone("student/s-1"))
    async with told.parts.runtime.database.reading() as tx:
        assert (await tx.exec(select(DeliveryRow))).all() == []
    await told.until(told.clock.now + timedelta(hours=1))
    assert told.to(COORDINATOR) == []


@asynccontextmanager
async def opened(build_parts: BuildParts, tmp_path: Path) -> AsyncIterator[Guarded[Opened]]:
    keys = tmp_path / "keys.json"
    prepare_keys(keys)
    parts = build_parts(jwks_file=public_file(keys), webhook_private_addresses=True)
    async with opened_api(parts) as service:
        yield Guarded(service, keys, SCOPES)


async def test_a_board_chooses_over_the_api_and_what_holds_for_a_site_is_told(
    build_parts: BuildParts, tmp_path: Path
) -> None:
    async with opened(build_parts, tmp_path) as guarded:
        async with guarded.service.parts.writing() as store:
            await store.save_site(KnownSite(SITE, "Het Baken", "Utrecht", 1, "41234"))
        http, own = guarded.http, guarded.token("board/41234")
        first = {**own, "If-Match": '"0"'}
        put = await http.put("/v1/organisations/41234/mode", json={"mode": "webhook"}, headers=first)
        assert put.status_code == 200
        read = await http.get(f"/v1/organisations/{SITE}/mode", headers=own)
        assert (read.json()["mode"], read.json()["version"]) == ("webhook", 0)
        live = await http.put(f"/v1/organisations/{SITE}/mode", json={"mode": "live"}, headers=first)
        assert (live.json()["mode"], live.json()["version"]) == ("live", 1)
        old = await http.delete(f"/v1/organisations/{SITE}/mode", headers={**own, "If-Match": '"0"'})
        assert old.status_code == 412
        left = await http.delete(f"/v1/organisations/{SITE}/mode", headers={**own, "If-Match": '"1"'})
        assert (left.status_code, left.json()["mode"], left.json()["version"]) == (200, "webhook", 0)
        school = {**guarded.token("school/01AB"), "Idempotency-Key": "k2"}
        wrong = {"organisation": "01AB", "role": "institute-coordinator", "email": "x@school.example"}
        assert (
            (await http.post("/v1/contacts", json=wrong, headers=school))
            .json()["type"]
            .endswith("organisatie-past-niet")
        )
        assert (await http.get("/v1/organisations/01AB/hearers", headers=school)).status_code == 404


async def test_an_organisation_names_its_system_and_says_that_it_wants_no_mail(
    build_parts: BuildParts, tmp_path: Path
) -> None:
    async with opened(build_parts, tmp_path) as guarded:
        http, own, other = guarded.http, guarded.token("institute/01VU"), guarded.token("institute/02HU")
        made = await http.post(
            "/v1/webhooks", json={"url": "https://vu.example/hook"}, headers={**own, "Idempotency-Key": "k1"}
        )
        assert made.status_code == 201
        where = made.headers["location"]
        assert (await http.get(where, headers=own)).status_code == 200
        assert (await http.get(where, headers=other)).status_code == 404
        mode = await http.put(
            "/v1/organisations/01VU/mode", json={"mode": "webhook"}, headers={**own, "If-Match": '"0"'}
        )
        assert (mode.status_code, mode.json()["mode"]) == (200, "webhook")
