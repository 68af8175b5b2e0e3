"""A disk that is full: what is sent is refused for a while, load balancers are told why, and no process is ended for it."""

from tests.integration.intake.conftest import opened, problem_of
from tests.support.databases import full


async def test_intake_says_that_it_takes_nothing_and_goes_on_when_there_is_room(sqlite_url: str) -> None:
    async with opened(sqlite_url) as service:
        runtime = service.parts.runtime
        async with full(runtime.database):
            taken = 0
            while (refused := await service.register()).status_code == 201 and taken < 500:
                taken += 1  # what the file has room for in itself
            problem_of(refused, 503, "even-niet-beschikbaar")
            ready = await service.http.get("/readyz")
            assert ready.status_code == 503
            assert "full" in ready.json()["reasons"][0]
            assert [excuse() for excuse in runtime.excuses][1], "a fresh start would not help"
        assert (await service.register()).status_code == 201
        assert (await service.http.get("/readyz")).status_code == 200
        assert not [excuse() for excuse in runtime.excuses][1]
