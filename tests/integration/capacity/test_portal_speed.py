"""Every page is made in less than a tenth of a second of processor time with 60,000 students in the database."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.capacity.adapters.tables import (
    GuidanceRow,
    NewsRow,
    PlacementRow,
    SiteRow,
    SupervisorRow,
    SupervisorSiteRow,
    WorkplaceRow,
)
from services.capacity.bootstrap import Parts
from shared.persistence.statements import insert_rows
from shared.persistence.tables import AuditRow
from shared.web.pages import STATIC
from tests.integration.capacity.conftest import Service
from tests.support.portal_pages import every_page
from tests.support.portal_world import NOW, REGION, REGION_BODY, SITE, Portal, settle

STUDENTS, SITES, REGIONS = 60_000, 750, 25
LARGE = 60
"""Supervisors and students at the site that is looked at."""
LIMIT_S = 0.1
COMES_WITH_IT = sum(
    (STATIC / each).stat().st_size for each in ("leerplek.css", "leerplek.js", "leerplek.svg", "icons.svg")
)
MOST_BYTES = 60_000


async def fill(parts: Parts) -> None:
    """A country: each site with its people, workplaces and students, and what was changed in a year."""
    regions = [f"NL-X{number:02d}" for number in range(REGIONS)]
    sites = [
        (f"{10 + number // 26:02d}X{chr(65 + number % 26)}00", regions[number % REGIONS]) for number in range(SITES)
    ]
    told: dict[Any, list[dict[str, Any]]] = {
        table: []
        for table in (
            SiteRow,
            WorkplaceRow,
            SupervisorRow,
            SupervisorSiteRow,
            PlacementRow,
            GuidanceRow,
            NewsRow,
            AuditRow,
        )
    }
    per_site = STUDENTS // SITES
    for code, region in sites:
        about = {"id": code, "sector": "vo", "lat": 52.0, "lon": 5.0, "role": "core"}
        told[SiteRow].append(
            {"id": code, "region": region, "name": f"School {code}", "town": "Ede", "sequence": 1, "body": about}
        )
        _school(told, code, region, per_site)
    _school(told, SITE, REGION, LARGE)
    async with parts.runtime.database.transaction() as tx:
        for table, rows in told.items():
            await insert_rows(tx, table, rows)


def _school(told: dict[Any, list[dict[str, Any]]], code: str, region: str, students: int) -> None:
    body = {"id": f"w-{code}", "site": code, "subject": "wiskunde", "seats": {"2026-S1": students}}
    told[WorkplaceRow].append({"id": f"w-{code}", "region": region, "site": code, "sequence": 1, "body": body})
    for number in range(students // 2 if students != LARGE else LARGE):
        person = f"p-{code}-{number}"
        held = {"id": person, "tier": "wpb", "sites": [code], "subjects": ["wiskunde"], "qh": {"2026-S1": 24}}
        told[SupervisorRow].append({"id": person, "region": region, "sequence": 1, "body": held})
        told[SupervisorSiteRow].append({"supervisor": person, "site": code})
        change = {"actor": "school/01AB", "action": "nl.leerplek.supervisor.registered.v1", "sequence": 1}
        told[AuditRow].append({"at": NOW - timedelta(days=3), "aggregate": f"supervisor/{person}", **change})
    for number in range(students):
        student, guide = f"s-{code}-{number}", f"p-{code}-{number // 2}"
        place = {"workplace": f"w-{code}", "periods": ["2026-S1"], "guides": [guide], "state": "started"}
        told[PlacementRow].append({"student": student, "region": region, "sequence": 1, "site": code, "body": place})
        told[GuidanceRow].append({"student": student, "supervisor": guide})
        told[NewsRow].append({"at": NOW - timedelta(days=1), "site": code, "student": student, "what": "proposed"})


@pytest.fixture
async def country(service: Service) -> Portal:
    """Capacity with a country in it."""
    people = await settle(service.parts, service.http)
    for number in range(REGIONS):
        await service.http.put(f"/v1/regions/NL-X{number:02d}", json=REGION_BODY)
    await fill(service.parts)
    return Portal(service.parts, people, "", None)  # type: ignore[arg-type]  # nobody listens


async def test_every_page_takes_less_than_a_tenth_of_a_second(
    service: Service, country: Portal, tmp_path: Path
) -> None:
    slow, large = {}, {}
    for name, path in {**every_page(country), "hele regio": "/regios/NL-X00", "school": "/besturen/10XA"}.items():
        found = [await _spent(service.http, path) for _ in range(3)]
        spent, size = min(each for each, _ in found), found[0][1]
        if spent > LIMIT_S:
            slow[name] = round(spent, 3)
        if size > MOST_BYTES:
            large[name] = size
    assert slow == {}
    assert large == {}


async def _spent(http: httpx.AsyncClient, path: str) -> tuple[float, int]:
    started = time.process_time()
    answer = await http.get(path)
    assert answer.status_code in (200, 404)
    return time.process_time() - started, len(answer.content) + COMES_WITH_IT
