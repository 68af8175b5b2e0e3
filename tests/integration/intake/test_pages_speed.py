"""Pages of institutes are light and quick, with 60,000 students too."""

import time

from services.intake.adapters.tables import PlaceRow, StudentRow
from shared.persistence.statements import insert_rows
from shared.web.pages import STATIC
from tests.integration.intake.test_pages import a_row
from tests.support.office_http import World
from tests.support.office_world import (
    INSTITUTE,
    Office,
    every_page,
    place,
)

COMES_WITH_IT = sum(
    (STATIC / each).stat().st_size for each in ("leerplek.css", "leerplek.js", "leerplek.svg", "icons.svg")
)


async def test_every_page_takes_less_than_a_tenth_of_a_second_with_60_000_students(world: World) -> None:
    async with world.parts.runtime.database.transaction() as tx:
        rows = [a_row(number, INSTITUTE if number < 6_000 else f"{10 + number % 60}XX") for number in range(60_000)]
        await insert_rows(tx, StudentRow, rows)
        body = {**place("x").model_dump(mode="json")}
        placed = []
        for number in range(60_000):
            held = {**body, "placement": {**body["placement"], "student": f"z-{number:06d}"}}
            placed.append(
                {"student": f"z-{number:06d}", "sequence": 1, "status": "placed", "state": "proposed", "body": held}
            )
        await insert_rows(tx, PlaceRow, placed)
    office = Office(world.parts, world.students | {"file": "x"}, "", None)  # type: ignore[arg-type]  # nobody listens
    slow, large = {}, {}
    for name, path in every_page(office).items():
        spent = []
        for _ in range(3):
            started = time.process_time()
            answer = await world.http.get(path)
            spent.append(time.process_time() - started)
            assert answer.status_code in (200, 404)
        if min(spent) > 0.1:
            slow[name] = round(min(spent), 3)
        if len(answer.content) + COMES_WITH_IT > 60_000:
            large[name] = len(answer.content)
    assert slow == {}
    assert large == {}
