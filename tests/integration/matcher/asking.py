"""Questions to the process that answers, as one organisation or another."""

from typing import Any

import httpx

from services.matcher.ports import NewPlan
from tests.support.answers import Answered
from tests.support.regions import invented_region

REGION = invented_region(5, 40, 6, scarcity=1.6)
EVERYTHING = ("plan:read", "scenario:run", "region-file:read")
OURS, OTHERS = "01VU", "30GB"
PATHS = {
    "plan": f"/regions/{REGION.id}/plan",
    "versions": f"/regions/{REGION.id}/plan-versions",
    "fairness": f"/regions/{REGION.id}/fairness",
    "region file": f"/regions/{REGION.id}/region-file",
    "signals": f"/regions/{REGION.id}/signals",
    "capacity": f"/regions/{REGION.id}/capacity",
    "trend": f"/regions/{REGION.id}/capacity/trend",
    "scenarios": f"/regions/{REGION.id}/scenarios",
    "levers": f"/regions/{REGION.id}/levers",
    "scenario": f"/regions/{REGION.id}/scenarios/x",
    "events": f"/regions/{REGION.id}/scenarios/x/events",
}


def plan_of(here: Answered) -> NewPlan:
    assert here.plan is not None
    return here.plan


def some(here: Answered, institute: str, *, placed: bool) -> str:
    """A student of an institute, with a place or without."""
    return next(
        one.place.student
        for one in plan_of(here).changes
        if one.place.institute == institute and (one.place.placement is not None) is placed
    )


def site_of(here: Answered, student_id: str) -> str:
    site = next(one.place.site for one in plan_of(here).changes if one.place.student == student_id)
    assert site is not None
    return site


async def get(here: Answered, path: str, org: str = "operator", **query: Any) -> httpx.Response:
    return await here.http.get(path, params=query or None, headers=here.token(org, EVERYTHING))


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["type"].rpartition(":")[2]
