"""A board reads of its sites what their schools read, and of other sites nothing."""

import pytest

from services.matcher.adapters.answers import SqlReads
from services.matcher.bootstrap import GROUP
from tests.integration.matcher.asking import OURS, PATHS, REGION, get, problem, site_of, some
from tests.support import matcher as told
from tests.support.answers import Answered, publish

SCHOOL, BOARD, OTHER = "school/01AA", "board/41234", "board/49999"


async def tell_boards(here: Answered, version: int = 2, board: str = "41234") -> list[str]:
    """The sites of the school get a board; which they are."""
    sites = {name: one for name, one in REGION.sites.items() if name.startswith("01AA")}
    events = [told.site_event(one, version, REGION.id, board) for one in sites.values()]
    await publish(here.parts.database, REGION, version, told.facts_of(events))
    return sorted(sites)


async def test_a_board_is_answered_as_its_school_is(here: Answered) -> None:
    assert await tell_boards(here)
    await here.parts.answering.prices(REGION.id, 2)
    for name in ("plan", "signals", "capacity", "trend"):
        page = {} if name == "trend" else {"limit": 500}
        school, board, other = [await get(here, PATHS[name], org, **page) for org in (SCHOOL, BOARD, OTHER)]
        assert (school.status_code, board.status_code) == (200, 200)
        assert board.json() == school.json()
        assert (other.status_code == 404) if name == "plan" else (other.json()["items"] == [])
    for name in ("fairness", "region file", "scenarios"):
        assert problem(await get(here, PATHS[name], BOARD))[0] == 403


async def test_a_board_reads_about_who_is_at_its_sites_and_of_nobody_else(here: Answered) -> None:
    path = f"/students/{some(here, OURS, placed=True)}/explanation"
    assert site_of(here, path.split("/")[2]).startswith("01AA")
    before = await get(here, path, BOARD, include="why", wait=0)
    assert problem(before) == (404, "onbekende-student")
    await tell_boards(here)
    assert (await get(here, path, BOARD, include="why", wait=0)).status_code == 200
    assert (await get(here, path, OTHER, include="why", wait=0)).json() == before.json()
    left = f"/students/{some(here, OURS, placed=False)}/explanation"
    assert problem(await get(here, left, BOARD, include="why", wait=0)) == (404, "onbekende-student")


async def test_a_site_that_goes_to_another_board_is_read_by_that_one(here: Answered) -> None:
    sites = await tell_boards(here)
    reads = SqlReads(here.parts.database, GROUP)
    assert sorted(await reads.sites_of("41234")) == sites
    await tell_boards(here, 3, "49999")
    assert sorted(await reads.sites_of("41234")) == []
    assert sorted(await reads.sites_of("49999")) == sites
    assert problem(await get(here, PATHS["plan"], BOARD)) == (404, "geen-plan")


@pytest.mark.parametrize("board", ["4123", "412345", "4123A", "41234/01AA"])
async def test_what_is_no_code_of_a_board_is_no_organisation(here: Answered, board: str) -> None:
    assert problem(await get(here, PATHS["plan"], f"board/{board}")) == (401, "token-zonder-organisatie")
