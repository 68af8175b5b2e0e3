"""What the pages for institutes read of an explanation is what the matcher really answers."""

from pathlib import Path

import httpx

from services.intake.adapters.explaining import HttpExplaining
from services.intake.entrypoints.pages.reasons import LEVERS, REASONS, helping, useless
from services.matcher.entrypoints.http import build_matcher_api
from shared.contracts.placements import UnplacedReason
from shared.plan_client import PlanClient
from shared.web.api import Readiness, build_app
from tests.integration.matcher.asking import OURS, some
from tests.support.answers import Answered


async def test_an_explanation_is_read_as_it_is_answered(here: Answered, tmp_path: Path) -> None:
    async def check() -> Readiness:
        return Readiness()

    token = tmp_path / "token"
    token.write_text(here.token("operator")["Authorization"].removeprefix("Bearer "))
    transport = httpx.ASGITransport(build_app(build_matcher_api(here.parts), check))
    explaining = HttpExplaining(PlanClient("http://leerplek.test", token, transport))
    unplaced = await explaining.explain(some(here, OURS, placed=False))
    while unplaced is not None and not unplaced.is_complete:
        unplaced = await explaining.explain(some(here, OURS, placed=False))
    assert unplaced is not None
    assert not unplaced.is_placed
    assert unplaced.reason in set(UnplacedReason)
    assert {one.lever for one in unplaced.remedies} <= LEVERS.keys()
    assert len(helping(unplaced.remedies)) + len(useless(unplaced.remedies)) == len(unplaced.remedies) > 0
    placed = await explaining.explain(some(here, OURS, placed=True))
    assert placed is not None
    assert placed.is_placed
    assert placed.minutes is not None
    assert {reason for one in placed.obstacles for reason in one.reasons} <= set(UnplacedReason)
    assert await explaining.explain("nobody") is None


def test_every_reason_has_words() -> None:
    assert set(REASONS) == set(UnplacedReason)
