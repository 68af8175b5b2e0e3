"""An institute as it is on a busy day, told over intake's API and its stream: for whoever looks at its pages."""

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

from services.intake.bootstrap import MIGRATIONS, Parts, build
from services.intake.config import Settings
from services.intake.domain.access import Who
from services.intake.entrypoints.import_worker import ImportWorker
from services.intake.entrypoints.serve import build_intake_app
from services.intake.entrypoints.stream import fold
from shared.clock import Clock
from shared.contracts.availability import Site, SiteChanged
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
from shared.contracts.vocabulary import Contract, PlacementState, Sector
from shared.persistence.migrations import upgrade
from tests.support.intake import NEW_REGISTRATION, REGION
from tests.support.served import served

NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
INSTITUTE = "01VU"
PAGE = f"/opleidingen/{INSTITUTE}"
SCHOOLS = {"01AB00": ("Het Lindecollege", "Zeist"), "02CD00": ("De Regenboog", "Bunnik")}
SUBJECTS = ("wiskunde", "frans", "onderbouw")
STUDENTS = ("st-101", "st-202", "st-303", "st-404", "st-505", "st-606", "st-707", "st-808")
"""Two proposals, one settled, one with an offer, two without a place, one that waits, one withdrawn."""


@dataclass
class Office:
    """Intake in this process with an institute's students in it; `students` are the ids by reference, `url` is where it listens."""

    parts: Parts
    students: dict[str, str]
    url: str
    loop: asyncio.AbstractEventLoop

    def tell(self, *events: Contract) -> None:
        """Tells it what the matcher published."""
        asyncio.run_coroutine_threadsafe(tell(self.parts, *events), self.loop).result(10)


async def settle(parts: Parts, http: httpx.AsyncClient) -> dict[str, str]:
    """Tells of the institute's students, and one of another institute (`other`); gives their ids by reference."""
    async with parts.runtime.database.transaction() as tx:
        await parts.store(tx, Who("test")).save_region(REGION, 1)
        for number, subject in enumerate(SUBJECTS):
            await parts.store(tx, Who("test")).save_workplace(f"w{number}", 1, REGION.id, subject)
    students = {}
    for reference in STUDENTS:
        body = {**NEW_REGISTRATION, "reference": reference, "wishes": ["02CD00"]}
        students[reference] = (await http.post("/v1/registrations", json=body)).raise_for_status().json()["id"]
    other = {**NEW_REGISTRATION, "reference": "other", "institute": "02HU"}
    students["other"] = (await http.post("/v1/registrations", json=other)).raise_for_status().json()["id"]
    await tell(parts, *_schools(), *_plan(students))
    report = {"student": students["st-303"], "kind": "days"}
    (await http.post("/v1/mismatches", json=report)).raise_for_status()

    (await http.delete(f"/v1/registrations/{students['st-808']}")).raise_for_status()
    return students


async def tell(parts: Parts, *events: Contract) -> None:
    """Tells intake what others published."""
    async with parts.runtime.database.transaction() as tx:
        for data in events:
            await fold(parts.store(tx, Who("plan")), [new_event("urn:test", data, NOW)])


def place(
    student: str, site: str = "01AB00", state: PlacementState = PlacementState.PROPOSED, sequence: int = 1
) -> Contract:
    """A student at a school."""
    kind = PlacementProposed if state is PlacementState.PROPOSED else PlacementSettled
    placement = Placement(
        student=student,
        periods=("2026-S1",),
        workplace=f"w-{site}",
        wpb=(WpbShare(supervisor="v1", qh=6),),
        so="t1",
        io="i1",
        state=state,
    )
    about = {"region": REGION.id, "sequence": sequence, "plan_version": 7, "institute": INSTITUTE}
    return kind(**about, site=site, subject="wiskunde", travel_min=24, placement=placement)


def unplaced(student: str, sequence: int = 1) -> Contract:
    """A student without a place."""
    return StudentUnplaced(
        region=REGION.id,
        sequence=sequence,
        plan_version=7,
        student=student,
        institute=INSTITUTE,
        subject="wiskunde",
        periods=("2026-S1",),
        since=date(2026, 11, 17),
        reason=UnplacedReason.NO_SUPERVISOR_HOURS,
        facts={"places": 3, "short-qh": 4},
    )


def _schools() -> list[Contract]:
    return [
        SiteChanged(
            region=REGION.id,
            sequence=1,
            site=Site(id=code, sector=Sector.SECONDARY, lat=52.0, lon=5.0),
            name=name,
            town=town,
        )
        for code, (name, town) in SCHOOLS.items()
    ]


def _plan(students: dict[str, str]) -> list[Contract]:
    return [
        place(students["st-101"]),
        place(students["st-202"], "02CD00"),
        place(students["st-303"], state=PlacementState.SETTLED),
        place(students["st-404"], state=PlacementState.STARTED),
        SwitchOffered(
            region=REGION.id,
            sequence=1,
            plan_version=7,
            student=students["st-404"],
            institute=INSTITUTE,
            wishes=(SwitchWish.SHORTER_TRAVEL,),
            kind=SwitchKind.FREE_PLACE,
            site="02CD00",
            workplace="w-02CD00",
            subject="wiskunde",
            periods=("2026-S1",),
            travel_min=12,
            site_now="01AB00",
            travel_now_min=24,
            answer_by=date(2026, 12, 4),
        ),
        unplaced(students["st-505"]),
        unplaced(students["st-606"]),
    ]


def make_office(folder: Path) -> dict[str, str]:
    """A database and key in this folder with the institute in it; gives its students by reference."""

    async def make() -> dict[str, str]:
        parts = parts_in(folder, lambda: NOW)
        await upgrade(parts.runtime.database, MIGRATIONS)
        transport = httpx.ASGITransport(build_intake_app(parts))
        async with httpx.AsyncClient(transport=transport, base_url="http://leerplek.test") as http:
            students = await settle(parts, http)
            csv = "kenmerk;leerroute;fase;ondersteuningsklasse;sector;vak;breedtegraad;lengtegraad;perioden\r\n" + "\r\n".join(
                f"{reference};voltijd;wpl1;1;vo;wiskunde;{north};5,1;2026-S1" for reference, north in (("st-101", "52,1"), ("st-999", "ver"))
            )  # fmt: skip
            sent = {"content-type": "text/csv"}
            answer = await http.post("/v1/imports?region=NL-R07", content=csv.encode(), headers=sent)
            students["file"] = answer.raise_for_status().json()["id"]
            async with parts.runtime.database.transaction() as tx:  # as if the institute itself had sent it
                await _own_file(tx, students["file"])
            worker = ImportWorker(parts)
            while await worker.work_off_one():
                pass
        await parts.runtime.database.close()
        return students

    with ThreadPoolExecutor(1) as aside:  # where a browser is driven this thread has a loop already
        return aside.submit(asyncio.run, make()).result()


async def _own_file(tx: Any, file: str) -> None:
    from services.intake.adapters.tables_imports import ImportFileRow

    row = await tx.get_one(ImportFileRow, file)
    row.institute = INSTITUTE
    tx.add(row)


@contextlib.contextmanager
def serving(folder: Path, students: dict[str, str], **changes: Any) -> Iterator[Office]:
    """Intake on what was made in this folder, listening on a free port, its files worked off; its clock goes on from there."""
    started = time.monotonic()
    parts = parts_in(folder, lambda: NOW + timedelta(seconds=1 + time.monotonic() - started), **changes)
    worker = ImportWorker(parts)
    app = build_intake_app(parts, worker.wake)

    @contextlib.asynccontextmanager
    async def working() -> AsyncIterator[None]:
        files = asyncio.ensure_future(worker.run())
        try:
            yield
        finally:
            files.cancel()
            await asyncio.gather(files, return_exceptions=True)
            await parts.runtime.database.close()

    with served(app, working) as (url, loop):
        yield Office(parts, students, url, loop)


def parts_in(folder: Path, clock: Clock, **changes: Any) -> Parts:
    """Intake on the database in this folder."""
    settings = Settings(
        database_url=f"sqlite+aiosqlite:///{folder / 'intake.db'}",
        kafka_bootstrap="127.0.0.1:1",
        master_key_file=folder / "master.key",
        **changes,
    )
    return build(settings, clock)


def every_page(office: Office) -> dict[str, str]:
    """Where each page is, by name."""
    base, students = PAGE, office.students
    one = {reference: f"{base}/studenten/{students[reference]}" for reference in STUDENTS}
    return {
        "kiezen": "/",
        "vandaag": base,
        "leeg": "/opleidingen/09ZZ",
        "studenten": f"{base}/studenten",
        "zonder plek": f"{base}/studenten?stand=zonder-plek",
        "voorstel": one["st-101"],
        "afgesproken": one["st-303"],
        "aanbod": one["st-404"],
        "geen plek": one["st-505"],
        "wacht": one["st-707"],
        "ingetrokken": one["st-808"],
        "bewaard": f"{one['st-101']}?wat=student/{students['st-101']}&versie=1&plan=1",
        "uitleg": f"{one['st-505']}/uitleg",
        "nieuws": f"{one['st-505']}/nieuws?plan=1",
        "afwijzen": f"{one['st-101']}/afwijzen",
        "aanbod afwijzen": f"{one['st-404']}/afwijzen?aanbod=1",
        "andere plek": f"{one['st-303']}/andere-plek",
        "kan niet meer": f"{one['st-707']}/afwijzen",
        "past niet": f"{one['st-303']}/past-niet",
        "inschrijven": f"{base}/studenten/nieuw?regio={REGION.id}",
        "in geen regio": "/opleidingen/09ZZ/studenten/nieuw",
        "wijzigen": f"{one['st-303']}/wijzigen",
        "kan niet wijzigen": f"{one['st-808']}/wijzigen",
        "intrekken": f"{one['st-303']}/intrekken",
        "bestanden": f"{base}/bestanden",
        "bestand": f"{base}/bestanden/{students['file']}",
        "voortgang": f"{base}/bestanden/{students['file']}/voortgang",
        "inzage": f"{base}/inzage",
        "bestaat niet": "/nergens",
    }
