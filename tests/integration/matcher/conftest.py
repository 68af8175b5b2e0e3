"""A matcher on the best broker there is, and the process that answers, each with a database of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared.testing.kafka import RunningBroker
from tests.integration.matcher.asking import REGION
from tests.integration.matcher.whole_matcher import (
    WholeMatcher,
)
from tests.support.answers import Answered, answered, publish


@pytest.fixture
def on_best(kafka: RunningBroker, sqlite_url: str, tmp_path: Path) -> Iterator[WholeMatcher]:
    made = WholeMatcher(kafka.bootstrap, kafka.is_apache, sqlite_url, tmp_path)
    yield made
    made.stop()


@pytest.fixture
async def here(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Answered]:
    async with answered(sqlite_url, tmp_path) as opened:
        opened.plan = await publish(opened.parts.database, REGION)
        yield opened
