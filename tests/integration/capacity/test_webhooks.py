"""What the plan does at a site, and what is signalled about it, is told to the school and the board whose site it is, and to no other."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Checker

from services.capacity.domain.access import SCOPES
from services.capacity.entrypoints.stream import applying
from shared.contracts.envelope import new_event
from shared.contracts.placements import MoveCause, PlacementChanged, StudentUnplaced, SwitchOffered, UnplacedReason
from shared.contracts.signals import AtRiskRule, ShortageDetected, StudentAtRisk
from shared.contracts.vocabulary import Contract, SignalLevel, SignalStatus
from shared.messaging.inbox import Tombstone
from shared.security.issuing import prepare_keys, public_file
from shared.webhooks.messages import Webhook
from shared.webhooks.sender import WebhookSender
from tests.integration.capacity.conftest import REGION, SITE, Guarded, open_service
from tests.support.capacity import NOW, proposed
from tests.support.receiver import Receiver, receiving
from tests.support.scanning import where_stored

PREFIX = "nl.leerplek."
SCHOOLS, BOARD = ("school/01AB", "school/02CD", "operator"), "41234"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@dataclass
class Told:
    """Two schools, each with one site, and the board of the first; each has a webhook, and so has the operator."""

    guarded: Guarded
    receiver: Receiver
    webhooks: dict[str, str]

    async def hear(self, *events: Contract | Tombstone) -> None:
        """What the plan tells, and then everything is sent."""
        parts = self.guarded.service.parts
        for each in events:
            event = each if isinstance(each, Tombstone) else new_event("urn:test", each, NOW)
            async with parts.runtime.database.transaction() as tx:
                await applying(parts)(tx, [event])
        await WebhookSender(parts.hooks).send_due()

    async def log(self, owner: str) -> list[tuple[str, dict[str, Any]]]:
        """What somebody was told, the oldest first: the type and the data."""
        token, where = self.guarded.token("operator"), f"/v1/webhooks/{self.webhooks[owner]}/deliveries"
        listed = (await self.guarded.http.get(where, headers=token)).json()["items"]
        bodies = [
            (await self.guarded.http.get(f"{where}/{each['id']}", headers=token)).json()["body"] for each in listed
        ]
        return [(each["type"].removeprefix(PREFIX).removesuffix(".v1"), each["data"]) for each in reversed(bodies)]

    async def whats(self, owner: str) -> list[tuple[str, str, str]]:
        """The same in short: the type, the site and what happened there."""
        return [(kind, data["site"], data.get("what") or data["status"]) for kind, data in await self.log(owner)]


@pytest.fixture
async def told(sqlite_url: str, tmp_path: Path, receiver: Receiver) -> AsyncIterator[Told]:
    keys = tmp_path / "keys.json"
    prepare_keys(keys)
    opened = await open_service(sqlite_url, tmp_path, jwks_file=public_file(keys), webhook_private_addresses=True)
    guarded = Guarded(opened, keys, SCOPES)
    operator, webhooks = guarded.token("operator"), {}
    await guarded.http.put("/v1/regions/NL-T01", json=REGION, headers=operator)
    for site, board in (("01AB00", "41234"), ("02CD00", "49999")):
        made = await guarded.http.put(f"/v1/sites/{site}", json={**SITE, "board": board}, headers=operator)
        assert made.status_code == 201, made.text
    for owner in SCHOOLS:
        made = await guarded.http.post("/v1/webhooks", json={"url": receiver.url}, headers=guarded.token(owner))
        assert made.status_code == 201, made.text
        webhooks[owner] = made.json()["id"]
    webhooks[BOARD] = "of-the-board"
    async with opened.parts.runtime.database.transaction() as tx:
        of_board = Webhook(webhooks[BOARD], BOARD, receiver.url, (), True, 1, NOW)
        await opened.parts.hooks.store(tx, BOARD).add(of_board)
    yield Told(guarded, receiver, webhooks)
    await opened.http.aclose()
    await opened.parts.hooks.post.close()
    await opened.parts.runtime.database.close()


def moved(to: str, sequence: int = 2) -> PlacementChanged:
    """The student of `proposed` to a site, from 01AB00."""
    fields = proposed(sequence=sequence, site=to).model_dump()
    return PlacementChanged(**fields, previous_site="01AB00", cause=next(iter(MoveCause)))


def at_risk(site: str | None, status: SignalStatus = SignalStatus.RAISED, sequence: int = 1) -> StudentAtRisk:
    """Somebody at a site is guided for too few hours."""
    return StudentAtRisk(
        region="NL-T01",
        sequence=sequence,
        signal="sig-1",
        status=status,
        level=SignalLevel.WARNING,
        since=date(2026, 11, 24),
        student="s1",
        institute="01VU",
        site=site,
        rule=AtRiskRule.HOURS_BELOW_80,
    )


async def test_a_school_and_its_board_hear_what_happens_at_their_site_and_others_do_not(told: Told) -> None:
    await told.hear(proposed(), proposed())
    for owner in ("school/01AB", BOARD, "operator"):
        assert await told.whats(owner) == [("placement.proposed", "01AB00", "proposed")]
    assert await told.log("school/02CD") == []
    ((_, data),) = await told.log("school/01AB")
    assert data["place"] == {
        "workplace": "w1",
        "periods": ["2026-S1"],
        "state": "proposed",
        "guides": ["v1", "t1", "i1"],
    }
    assert "institute" not in data
    assert len(told.receiver.came) == 3


async def test_a_message_is_signed_with_the_secret_of_its_webhook(told: Told) -> None:
    await told.hear(proposed())
    where, token = f"/v1/webhooks/{told.webhooks['school/01AB']}/secret", told.guarded.token("school/01AB")
    checker = Checker((await told.guarded.http.get(where, headers=token)).json()["secret"])
    assert sum(_is_signed(checker, headers, body) for headers, body in told.receiver.came) == 1


def _is_signed(checker: Checker, headers: dict[str, str], body: bytes) -> bool:
    moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)  # the clock of these tests stands still
    return checker.sign(headers["webhook-id"], moment, body.decode()) in headers["webhook-signature"].split()


async def test_who_moves_away_is_told_without_where_to(told: Told) -> None:
    await told.hear(proposed(), moved("02CD00"))
    *_, (kind, left) = await told.log("school/01AB")
    assert (kind, left["site"], left["what"], left["place"]) == ("placement.changed", "01AB00", "left", None)
    assert "02CD" not in json.dumps(left)
    assert await told.whats("school/02CD") == [("placement.changed", "02CD00", "arrived")]


async def test_a_place_that_is_lost_and_an_offer_are_told_where_they_were(told: Told) -> None:
    offered = SwitchOffered(
        region="NL-T01", sequence=3, plan_version=4, student="s1", institute="01VU", wishes=(), kind="free-place",
        site="02CD00", workplace="w2", subject="wiskunde", periods=("2026-S1",), travel_min=5, site_now="01AB00",
        travel_now_min=60, answer_by=date(2026, 12, 1),
    )  # fmt: skip
    gone = StudentUnplaced(
        region="NL-T01", sequence=4, plan_version=5, student="s1", institute="01VU", subject="wiskunde", periods=("2026-S1",),
        since=date(2026, 11, 24), reason=UnplacedReason.NO_SUPERVISOR_HOURS, lost_site="01AB00",
    )  # fmt: skip
    await told.hear(proposed(), offered, gone)
    assert (await told.whats("school/01AB"))[1:] == [("student.unplaced", "01AB00", "lost")]
    ((kind, offer),) = await told.log("school/02CD")
    assert (kind, offer["what"], offer["offer"], offer["place"]["workplace"]) == ("switch.offered", "offered", 3, "w2")
    assert "01AB" not in json.dumps(offer)


async def test_a_signal_is_told_once_as_it_goes_on_and_only_where_it_is(told: Told) -> None:
    shortage = ShortageDetected(
        region="NL-T01", sequence=1, signal="sig-2", status=SignalStatus.RAISED, level=SignalLevel.WARNING,
        since=date(2026, 11, 24), sector="vo", subject="wiskunde", period="2026-S1", site=None, tier=None,
        students_unplaced=3, missing_qh=20,
    )  # fmt: skip
    over = at_risk("02CD00", SignalStatus.CLEARED).model_copy(update={"signal": "sig-3", "sequence": 4})
    await told.hear(at_risk("01AB00"), at_risk("01AB00"), at_risk("01AB00", SignalStatus.CLEARED, 2), shortage, over)
    assert await told.whats(BOARD) == [
        ("student.at-risk", "01AB00", "raised"),
        ("student.at-risk", "01AB00", "cleared"),
    ]
    assert await told.log("school/02CD") == [], "over before it was told, and of no site"


async def test_of_a_student_who_is_erased_no_message_stays(told: Told) -> None:
    student = "0199a2b4-7c11-7def-8a12-0000000000c9"
    await told.hear(proposed(student), at_risk("01AB00").model_copy(update={"student": student}))
    assert len(await told.log("school/01AB")) == 2
    await told.hear(Tombstone(f"student/{student}"))
    assert await told.log("school/01AB") == []
    found = await where_stored(told.guarded.service.parts.runtime.database, [student])
    assert not {"webhook_delivery", "site_signal", "placement", "plan_news"} & set(found)


async def test_what_was_not_committed_is_told_to_nobody(told: Told) -> None:
    with pytest.raises(ZeroDivisionError):
        await hear_and_fail(told)
    await told.hear()
    assert told.receiver.came == []


async def hear_and_fail(told: Told) -> None:
    parts = told.guarded.service.parts
    async with parts.runtime.database.transaction() as tx:
        await applying(parts)(tx, [new_event("urn:test", proposed(), NOW)])
        raise ZeroDivisionError


async def test_the_address_and_the_types_of_a_webhook_are_checked(told: Told) -> None:
    token = told.guarded.token("school/01AB")
    wrong = {"url": told.receiver.url, "types": [f"{PREFIX}fairness.gap.v1"]}
    answer = await told.guarded.http.post("/v1/webhooks", json=wrong, headers=token)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/types/0")
    asked = await told.guarded.http.post(
        "/v1/webhooks", json={"url": told.receiver.url}, headers=told.guarded.token("region/NL-T01")
    )
    assert asked.status_code == 403
