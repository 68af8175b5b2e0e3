"""After a kill the matcher answers its first event soon."""

from collections.abc import Callable

import pytest

from services.matcher.domain.region import Region
from tests.integration.matcher.whole_matcher import (
    Clock,
    WholeMatcher,
    has_caught_up,
    invented,
    make_topics,
    sending,
)
from tests.support import matcher as told
from tests.support.eventually import PATIENCE
from tests.support.regions import invented_region, student


@pytest.fixture
async def with_300(on_best: WholeMatcher, unique: str) -> Region:
    region = invented(invented_region(1, 300, 30), unique)
    await make_topics(on_best.bootstrap)
    process = on_best.start()
    async with sending(on_best.bootstrap) as sender:
        await sender.send(told.events_of(region))
        await on_best.until(lambda: has_caught_up(on_best, sender), "everything applied", within_s=60)
    process.kill()
    process.wait()
    return region


async def test_after_a_kill_with_300_students_the_first_event_is_handled_within_ten_seconds(
    on_best: WholeMatcher, with_300: Region, unique: str, record_property: Callable[[str, object], None]
) -> None:
    took = []
    async with sending(on_best.bootstrap) as sender:
        for number in range(3):
            process = on_best.start()
            clock = Clock()
            await sender.send([told.student_event(student(id=f"late{number}-{unique}"), region=with_300.id)])
            await on_best.until(lambda: has_caught_up(on_best, sender), "the first event applied")
            took.append(clock.s())
            process.kill()
            process.wait()
    record_property("restart_s", took)
    assert min(took) < 10 * PATIENCE, (
        took
    )  # the quickest shows what the matcher needs, the others what else the machine does
