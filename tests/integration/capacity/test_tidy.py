"""What has outlived its use is deleted every hour."""

import asyncio
from datetime import timedelta

import pytest

from services.capacity.domain.news import What
from services.capacity.entrypoints.tidy import tidy
from shared.hourly import EVERY_S
from tests.integration.capacity.conftest import Service
from tests.support.capacity import NOW, proposed
from tests.support.portal_world import tell


async def test_old_news_is_forgotten_and_new_news_stays(service: Service) -> None:
    pauses = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        service.clock.now += timedelta(days=9)
        if len(pauses) == 2:
            raise asyncio.CancelledError

    async def news() -> dict[str, What]:
        async with service.parts.reading() as store:
            return dict(await store.news("01AB00", NOW))

    await service.settle()
    await tell(service.parts, proposed())
    assert await news() == {"s1": What.PROPOSED}
    with pytest.raises(asyncio.CancelledError):
        await tidy(service.parts, sleep)
    assert pauses == [EVERY_S, EVERY_S]
    assert await news() == {}
