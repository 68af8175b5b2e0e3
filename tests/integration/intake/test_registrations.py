"""A registration over HTTP: it is made, changed and withdrawn once, whatever is sent twice or at the same time."""

import asyncio

import pytest
from sqlmodel import select

from shared.persistence.tables import OutboxRow
from tests.integration.intake.conftest import NOTHING, Service, problem_of
from tests.support.intake import NEEDS


async def test_a_registration_is_answered_with_its_place_and_can_be_read(service: Service) -> None:
    answer = await service.register(reference="2026/42")
    assert answer.status_code == 201
    location = answer.headers["location"]
    read = await service.http.get(location)
    assert {**read.json(), "warnings": []} == answer.json()
    assert read.headers["etag"] == answer.headers["etag"] == '"1"'
    assert read.json()["reference"] == "2026/42"
    changed = await service.http.put(location, json={**NEEDS, "support": 3})
    withdrawn = await service.http.delete(location)
    assert [each.json()["reference"] for each in (changed, withdrawn)] == ["2026/42", "2026/42"]
    async with service.parts.runtime.database.reading() as tx:
        assert all(b"2026/42" not in row.value for row in await tx.exec(select(OutboxRow)) if row.value)


async def test_a_registration_without_a_reference_says_so(service: Service) -> None:
    answer = await service.register()
    assert answer.json()["reference"] is None
    assert {**(await service.http.get(answer.headers["location"])).json(), "warnings": []} == answer.json()
    assert await service.stored() == (1, ["registered"], 0)


async def test_change_and_withdrawal_carry_the_next_version(service: Service) -> None:
    location = (await service.register()).headers["location"]
    changed = await service.http.put(location, json={**NEEDS, "support": 3}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["student"]["support"]) == (200, '"2"', 3)
    for _ in range(2):
        withdrawn = await service.http.delete(location)
        assert (withdrawn.status_code, withdrawn.json()["status"], withdrawn.headers["etag"]) == (
            200,
            "withdrawn",
            '"3"',
        )
    refused = problem_of(await service.http.put(location, json=NEEDS), 409, "ingetrokken")
    assert refused["detail"].endswith("Schrijf de student opnieuw in; hetzelfde kenmerk mag.")
    assert (await service.stored())[1] == ["registered", "changed", "withdrawn"]


async def test_a_change_based_on_an_older_version_is_refused(service: Service) -> None:
    location = (await service.register()).headers["location"]
    await service.http.put(location, json={**NEEDS, "support": 3})
    for stale in ('"1"', '"7"', "1", "*x"):
        answer = await service.http.put(location, json=NEEDS, headers={"If-Match": stale})
        problem_of(answer, 412, "versie-gewijzigd")
        problem_of(await service.http.delete(location, headers={"If-Match": stale}), 412, "versie-gewijzigd")
    assert (await service.http.get(location)).json()["sequence"] == 2


async def test_the_same_key_and_body_get_the_same_answer_and_happen_once(service: Service) -> None:
    first, again = await service.register(key="k1"), await service.register(key="k1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert await service.stored() == (1, ["registered"], 1)


async def test_the_same_key_with_another_body_is_refused(service: Service) -> None:
    await service.register(key="k1")
    problem_of(await service.register(key="k1", support=2), 400, "idempotency-key-hergebruikt")
    assert await service.stored() == (1, ["registered"], 1)


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_that_is_none_is_refused(service: Service, key: str) -> None:
    problem_of(await service.register(key=key), 400, "idempotency-key")
    assert await service.stored() == NOTHING


async def test_a_request_that_failed_may_be_tried_again_with_the_same_key(service: Service) -> None:
    problem_of(await service.register(key="k1", region="NL-X99"), 400, "onbekende-regio")
    assert (await service.register(key="k1")).status_code == 201


async def test_twenty_posts_at_once_with_one_key_register_one_student(service: Service) -> None:
    answers = await asyncio.gather(*(service.register(key="k1") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await service.stored() == (1, ["registered"], 1)


async def test_of_ten_institutes_posts_at_once_with_one_reference_one_is_registered(service: Service) -> None:
    answers = await asyncio.gather(*(service.register(reference="42") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    for refused in (each for each in answers if each.status_code == 409):
        problem_of(refused, 409, "kenmerk-bestaat")
    assert await service.stored() == (1, ["registered"], 0)


async def test_a_withdrawal_frees_the_reference_and_of_ten_who_want_it_at_once_one_gets_it(service: Service) -> None:
    first = await service.register(reference="42")
    problem_of(await service.register(reference="42"), 409, "kenmerk-bestaat")
    assert (await service.http.delete(first.headers["location"])).status_code == 200
    answers = await asyncio.gather(*(service.register(reference="42") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    found = await service.http.get("/v1/registrations", params={"institute": "01VU", "reference": "42"})
    assert [each["status"] for each in found.json()["items"]] == ["withdrawn", "registered"]


async def test_ten_changes_at_once_each_get_a_version_of_their_own(service: Service) -> None:
    location = (await service.register()).headers["location"]
    bodies = [{**NEEDS, "max_travel_min": 30 + n} for n in range(10)]
    answers = await asyncio.gather(*(service.http.put(location, json=body) for body in bodies))
    assert sorted(answer.json()["sequence"] for answer in answers) == list(range(2, 12))
    assert (await service.stored())[1] == ["registered", *["changed"] * 10]
