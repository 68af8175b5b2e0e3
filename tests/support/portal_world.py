"""A school as it is on a busy day, told over capacity's API and its stream: for whoever looks at the portal."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from services.capacity.bootstrap import MIGRATIONS, Parts, build
from services.capacity.config import Settings
from services.capacity.entrypoints.serve import build_capacity_app
from services.capacity.entrypoints.stream import fold
from shared.clock import Clock
from shared.contracts.envelope import new_event
from shared.contracts.placements import (
    Placement,
    PlacementProposed,
    PlacementSettled,
    StudentUnplaced,
    SwitchKind,
    SwitchOffered,
    SwitchWish,
    UnplacedReason,
    WpbShare,
)
from shared.contracts.vocabulary import Contract, PlacementState
from shared.persistence.migrations import upgrade
from tests.support.served import served

NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
REGION, SITE, OTHER = "NL-T01", "01AB00", "01AB01"
PAGE = f"/vestigingen/{SITE}"
REGION_BODY: dict[str, Any] = {
    "name": "Regio Rijn en Vecht",
    "institutes": ["01VU"],
    "periods": [
        {"id": "2026-S1", "start": "2026-08-31", "end": "2027-01-29"},
        {"id": "2026-S2", "start": "2027-02-01", "end": "2027-07-09"},
    ],
    "settings": {
        "norms": [{"support": 1, "wpb": 6, "so": 2, "io": 1}, {"support": 2, "wpb": 9, "so": 3, "io": 1}],
        "related": [{"student": "scheikunde", "place": "wiskunde", "cost": 300}],
    },
}
PEOPLE: tuple[tuple[str, str, list[str], int], ...] = (
    ("Fatima el Amrani", "wpb", ["wiskunde"], 24),
    ("Joris van den Berg", "wpb", ["nederlands"], 12),
    ("Sanne de Groot", "wpb", ["engels", "duits"], 18),
    ("Pieter Jansen", "wpb", ["biologie"], 8),
    ("Aylin Yilmaz", "wpb", ["geschiedenis"], 16),
    ("Marieke Smit", "so", [], 30),
)


@dataclass
class Portal:
    """Capacity in this process with a school in it; `people` are the ids by name, `url` is where it listens."""

    parts: Parts
    people: dict[str, str]
    url: str
    loop: asyncio.AbstractEventLoop

    def tell(self, *events: Contract) -> None:
        """Tells it what the matcher published."""
        asyncio.run_coroutine_threadsafe(tell(self.parts, *events), self.loop).result(10)


async def settle(parts: Parts, http: httpx.AsyncClient) -> dict[str, str]:
    """Tells of the school; gives its people by name."""
    site = {"region": REGION, "sector": "vo", "lat": 52.09, "lon": 5.23, "name": "Het Lindecollege", "town": "Zeist"}
    for path, body in (
        (f"/v1/regions/{REGION}", REGION_BODY),
        (f"/v1/sites/{SITE}", site | {"board": "41234"}),
        (
            f"/v1/sites/{OTHER}",
            site | {"name": "Het Lindecollege, locatie Zuid", "town": "Driebergen", "board": "41234"},
        ),
    ):
        (await http.put(path, json=body)).raise_for_status()
    (await http.post(f"/v1/regions/{REGION}/days", json={"day": NOW.date().isoformat()})).raise_for_status()
    people = {}
    for name, tier, subjects, qh in PEOPLE:
        person: dict[str, Any] = {"region": REGION, "tier": tier, "sites": [SITE], "subjects": subjects, "name": name}
        person["qh"] = {"2026-S1": qh, "2026-S2": qh}
        people[name] = (await http.post("/v1/supervisors", json=person)).raise_for_status().json()["id"]
    places = {}
    for subject, seats in (("wiskunde", 3), ("nederlands", 2), ("engels", 1)):
        offer = {"site": SITE, "subject": subject, "seats": {"2026-S1": seats, "2026-S2": seats}}
        places[subject] = (await http.post("/v1/workplaces", json=offer)).raise_for_status().json()["id"]
    away = people["Joris van den Berg"]
    (await http.post(f"/v1/supervisors/{away}/absences", json={"start": "2026-11-16"})).raise_for_status()
    await tell(parts, *_plan(people, places))
    return people


async def tell(parts: Parts, *events: Contract) -> None:
    """Tells capacity what the matcher published."""
    async with parts.runtime.database.transaction() as tx:
        for data in events:
            await fold(parts.store(tx, "plan"), [new_event("urn:test", data, NOW)])


def student(number: int) -> str:
    """The id of a student: as long as real ones."""
    return f"019a20e6-2c82-774e-b076-eb7{number:09d}"


def place(number: int, workplace: str, *guides: str, state: PlacementState = PlacementState.PROPOSED) -> Contract:
    """A student at the school."""
    kind = PlacementProposed if state is PlacementState.PROPOSED else PlacementSettled
    wpb, so = guides
    placement = Placement(
        student=student(number),
        periods=("2026-S1",),
        workplace=workplace,
        wpb=(WpbShare(supervisor=wpb, qh=6),),
        so=so,
        io=None,
        state=state,
    )
    about = {"region": REGION, "sequence": 1, "plan_version": 7, "institute": "01VU"}
    return kind(**about, site=SITE, subject="wiskunde", travel_min=24, placement=placement)


def _plan(people: dict[str, str], places: dict[str, str]) -> list[Contract]:
    trainer = people["Marieke Smit"]
    about = {"region": REGION, "sequence": 1, "plan_version": 7, "institute": "01VU"}
    return [
        place(101, places["wiskunde"], people["Fatima el Amrani"], trainer),
        place(202, places["engels"], people["Sanne de Groot"], trainer),
        place(303, places["wiskunde"], people["Fatima el Amrani"], trainer, state=PlacementState.STARTED),
        place(404, places["nederlands"], people["Joris van den Berg"], trainer, state=PlacementState.SETTLED),
        StudentUnplaced(
            **about,
            student=student(505),
            subject="biologie",
            periods=("2026-S1",),
            since=date(2026, 11, 17),
            reason=UnplacedReason.NO_SUPERVISOR_HOURS,
            lost_site=SITE,
        ),
        SwitchOffered(
            **about,
            student=student(606),
            wishes=(SwitchWish.SHORTER_TRAVEL,),
            kind=SwitchKind.FREE_PLACE,
            site=SITE,
            workplace=places["wiskunde"],
            subject="wiskunde",
            periods=("2026-S1",),
            travel_min=12,
            site_now=OTHER,
            travel_now_min=48,
            answer_by=date(2026, 12, 4),
        ),
    ]


def make_school(folder: Path) -> dict[str, str]:
    """A database and key in this folder with the school in it; gives its people by name."""

    async def make() -> dict[str, str]:
        parts = _parts(folder, lambda: NOW)
        await upgrade(parts.runtime.database, MIGRATIONS)
        transport = httpx.ASGITransport(build_capacity_app(parts))
        async with httpx.AsyncClient(transport=transport, base_url="http://leerplek.test") as http:
            people = await settle(parts, http)
        await parts.runtime.database.close()
        return people

    with ThreadPoolExecutor(1) as aside:  # where a browser is driven this thread has a loop already
        return aside.submit(asyncio.run, make()).result()


@contextlib.contextmanager
def serving(folder: Path, people: dict[str, str], **changes: Any) -> Iterator[Portal]:
    """Capacity on the school that was made in this folder, listening on a free port; its clock goes on from there.

    `changes` are further settings.
    """
    started = time.monotonic()
    parts = _parts(folder, lambda: NOW + timedelta(seconds=1 + time.monotonic() - started), **changes)

    @contextlib.asynccontextmanager
    async def closing() -> AsyncIterator[None]:
        yield
        await parts.runtime.database.close()

    with served(build_capacity_app(parts), closing) as (url, loop):
        yield Portal(parts, people, url, loop)


def _parts(folder: Path, clock: Clock, **changes: Any) -> Parts:
    settings = Settings(
        database_url=f"sqlite+aiosqlite:///{folder / 'capacity.db'}",
        kafka_bootstrap="127.0.0.1:1",
        master_key_file=folder / "master.key",
        **changes,
    )
    return build(settings, clock)
