"""Intake over HTTP as a whole: what it tells about itself, and what it says when it cannot do its work."""

import json
import re

import pytest
from sqlalchemy import text

from tests.integration.intake.conftest import NOTHING, Service, problem_of
from tests.support.databases import locked_by_somebody_else
from tests.support.intake import REGION


@pytest.mark.parametrize("path", ["/v1/nope", "/v1/registrations/unknown", "/v1/registrations/", "/nope"])
async def test_what_does_not_exist_is_a_problem_in_dutch(service: Service, path: str) -> None:
    answer = await service.http.get(path)
    assert answer.status_code in (404, 405)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_method_that_cannot_be_is_told_every_one_that_can(service: Service) -> None:
    answer = await service.http.patch("/v1/registrations/s1", json={})
    assert answer.headers["allow"] == "DELETE, GET, PUT"
    assert problem_of(answer, 405, "methode-kan-niet")["detail"] == "PATCH kan hier niet; wel: DELETE, GET, PUT."


async def test_a_locked_database_is_told_as_such_and_nothing_is_stored(service: Service, database_url: str) -> None:
    if not service.parts.runtime.database.is_sqlite:
        pytest.skip("PostgreSQL has no lock on the whole database")
    with locked_by_somebody_else(database_url):
        answer = await service.register(key="k1")
        assert "Er is niets opgeslagen" in problem_of(answer, 503, "even-niet-beschikbaar")["detail"]
        assert answer.headers["retry-after"] == "5"
        assert await service.stored() == NOTHING
    assert (await service.register(key="k1")).status_code == 201


async def test_a_service_that_cannot_write_is_not_ready(service: Service, database_url: str) -> None:
    ready = await service.http.get("/readyz")
    assert (ready.status_code, ready.json()["notices"]) == (200, ["kafka does not answer"])
    database = service.parts.runtime.database
    if database.is_sqlite:
        with locked_by_somebody_else(database_url):
            refused = await service.http.get("/readyz")
    else:
        async with database.engine.connect() as connection:
            await connection.execute(
                text(f'ALTER DATABASE "{database.url.database}" SET default_transaction_read_only = on')
            )
            await connection.commit()
        await database.engine.dispose()  # the setting holds for new connections, as after a failover
        refused = await service.http.get("/readyz")
        problem_of(await service.register(), 503, "even-niet-beschikbaar")
    assert (refused.status_code, refused.json()["status"]) == (503, "wait")
    assert re.search("locked|read only", refused.json()["reasons"][0])


async def test_the_api_describes_itself(service: Service) -> None:
    document = (await service.http.get("/v1/openapi.json")).json()
    assert set(document["paths"]) == {
        "/registrations",
        "/registrations/{student}",
        "/registrations/{student}/erasure",
        "/registrations/{student}/export",
        "/mismatches",
        "/mismatches/{mismatch}",
        "/events",
        "/imports",
        "/imports/{file}",
        "/imports/{file}/rows",
        "/imports/{file}/errors",
        "/webhooks",
        "/webhooks/{webhook}",
        "/webhooks/{webhook}/secret",
        "/webhooks/{webhook}/rotation",
        "/webhooks/{webhook}/ping",
        "/webhooks/{webhook}/deliveries",
        "/webhooks/{webhook}/deliveries/{delivery}",
        "/webhooks/{webhook}/deliveries/{delivery}/resend",
        "/placements",
        "/placements/{student}",
        "/placements/{student}/decision",
    }
    assert REGION.id not in json.dumps(document)
