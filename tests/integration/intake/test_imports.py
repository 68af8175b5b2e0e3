"""A file is taken in as it arrives and worked off row by row: each row has a verdict, what is right goes on, the rest comes back."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.intake.entrypoints.import_worker import ImportWorker
from services.intake.entrypoints.receiving import CHUNK
from tests.integration.intake.conftest import BSN, Guarded, Service, problem_of
from tests.support.import_files import HEADER, file_of, large_file, row

CSV = {"Content-Type": "text/csv"}


async def send(service: Service, content: bytes, headers: dict[str, str] | None = None, **query: str) -> httpx.Response:
    asked = {"region": "NL-R07", **query}
    return await service.http.post("/v1/imports", content=content, params=asked, headers={**CSV, **(headers or {})})


async def worked_off(service: Service, content: bytes, kind: str = "registrations") -> dict[str, Any]:
    answer = await send(service, content, kind=kind)
    assert answer.status_code == 202, answer.text
    worker = ImportWorker(service.parts)
    while await worker.work_off_one():
        pass
    done: dict[str, Any] = (await service.http.get(answer.headers["location"])).json()
    assert (done["status"], done["done"]) == ("done", done["rows"])
    return done


def nonzero(done: dict[str, Any]) -> dict[str, int]:
    return {verdict: count for verdict, count in done["counts"].items() if count}


async def rows_of(service: Service, done: dict[str, Any], **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: int | None = 0
    while cursor is not None:
        page = await service.http.get(f"/v1/imports/{done['id']}/rows", params={**query, "cursor": cursor})
        found += page.json()["items"]
        cursor = page.json()["next"]
    return found


async def test_every_row_gets_its_verdict_and_what_is_right_is_registered(service: Service) -> None:
    content = file_of(
        row("k 1"), row("k 2").replace("01VU", "1VU"), row("k 3").replace("52,1", "noord"), row("k 4", "muziek")
    )
    done = await worked_off(service, content)
    assert nonzero(done) == {"registered": 2, "refused": 2}
    rows = await rows_of(service, done)
    assert [(one["row"], one["verdict"]) for one in rows] == [
        (2, "registered"),
        (3, "refused"),
        (4, "refused"),
        (5, "registered"),
    ]
    assert rows[1]["errors"][0]["column"] == "opleiding"
    assert "nul vooraan (01VU?)" in rows[1]["errors"][0]["detail"]
    assert rows[2]["errors"] == [{"column": "breedtegraad", "detail": "hier hoort een getal"}]
    found = await service.http.get("/v1/registrations", params={"reference": "k 4"})
    assert found.json()["items"][0]["student"]["subject"] == "muziek"
    assert found.json()["items"][0]["id"] == rows[3]["student"]
    _, events, _ = await service.stored()
    assert events == ["registered", "registered"]
    assert len(await rows_of(service, done, verdict="refused")) == 2


async def test_the_same_file_again_changes_nothing_and_another_only_what_differs(service: Service) -> None:
    first = file_of(row("k 1"), row("k 2"), row("k 3"))
    await worked_off(service, first)
    assert nonzero(await worked_off(service, first)) == {"unchanged": 3}
    second = file_of(f"{row('k 1')};", f"{row('k 2', 'muziek')};", f"{row('k 3')};intrekken", header=HEADER + ";actie")
    assert nonzero(await worked_off(service, second)) == {"unchanged": 1, "changed": 1, "withdrawn": 1}
    assert nonzero(await worked_off(service, second)) == {"unchanged": 2, "refused": 1}
    _, events, _ = await service.stored()
    assert events == ["registered"] * 3 + ["changed", "withdrawn"]


async def test_a_file_leaves_what_no_column_can_say_as_it_was(service: Service) -> None:
    await worked_off(service, file_of(row("k 1"), row("k 2")))
    first, friend = (await service.http.get("/v1/registrations")).json()["items"]
    kept = {"together": [friend["id"]], "needs": {"wpb": 6, "so": 2, "io": 1}}
    sent = {name: value for name, value in first["student"].items() if name != "id"} | kept
    (await service.http.put(f"/v1/registrations/{first['id']}", json=sent)).raise_for_status()
    done = await worked_off(service, file_of(row("k 1", "frans"), row("k 2")))
    assert nonzero(done) == {"changed": 1, "unchanged": 1}
    student = (await service.http.get(f"/v1/registrations/{first['id']}")).json()["student"]
    assert {name: student[name] for name in ("subject", *kept)} == {"subject": "frans", **kept}


async def test_a_reference_that_comes_twice_is_one_student(service: Service) -> None:
    done = await worked_off(service, file_of(row("k 1"), row("k 1"), row("k 1", "muziek")))
    assert nonzero(done) == {"registered": 1, "unchanged": 1, "changed": 1}
    students, events, _ = await service.stored()
    assert (students, events) == (1, ["registered", "changed"])


async def test_what_was_wrong_comes_back_as_a_file_that_can_be_mended_and_sent(service: Service) -> None:
    wrong = row("k 1").replace("52,1", "noord")
    done = await worked_off(service, file_of(row("k 0"), wrong, row("=k 2")))
    answer = await service.http.get(f"/v1/imports/{done['id']}/errors")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert lines[0] == [*HEADER.split(";"), "fout"]
    assert lines[1][7] == "noord"
    assert lines[1][-1] == "regel 3: breedtegraad: hier hoort een getal"
    assert lines[2][0] == "'=k 2", "what Excel would take for a formula is a text"
    mended = answer.content.replace(b"noord", b"52,1").replace(b"'=k", b"k")
    assert nonzero(await worked_off(service, mended)) == {"registered": 2}


async def test_a_citizen_service_number_is_not_kept_anywhere_and_the_other_rows_go_on(service: Service) -> None:
    done = await worked_off(service, file_of(row("k 1"), row(BSN), row("k 3", f"wis {BSN}")))
    assert nonzero(done) == {"registered": 1, "refused": 2}
    errors = (await service.http.get(f"/v1/imports/{done['id']}/errors")).text
    assert BSN not in errors
    assert "burgerservicenummer" in errors
    async with service.parts.runtime.database.reading() as tx:
        connection = await tx.connection()
        for table in ("import_chunk", "import_file", "student", "outbox"):
            for found in (await connection.exec_driver_sql(f"SELECT * FROM {table}")).all():
                assert BSN not in str(found)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "leeg-bestand"),
        (file_of(), "leeg-bestand"),
        (file_of(header=HEADER + ";naam"), "onbekende-kolom"),
        (file_of(header=HEADER + ";vak"), "dubbele-kolom"),
        (file_of(header="kenmerk;opleiding"), "kolom-ontbreekt"),
        (file_of(header=HEADER + ";bsn"), "geweigerd-burgerservicenummer"),
        (file_of(header=HEADER + ";diagnose"), "geweigerd-gezondheidsgegeven"),
        (b"PK\x03\x04 xlsx", "geen-csv"),
        ("kenmerk;vak".encode("utf-16"), "geen-csv"),
        (file_of("x" * 100_000), "regel-te-lang"),
    ],
)
async def test_what_is_no_such_file_is_refused_as_a_whole_and_nothing_stays(
    service: Service, content: bytes, code: str
) -> None:
    problem_of(await send(service, content), 400, code)
    assert (await service.http.get("/v1/imports")).json() == {"items": [], "next": None}


async def test_json_is_no_file(service: Service) -> None:
    asked = await service.http.post("/v1/imports", json={"region": "NL-R07"})
    problem_of(asked, 415, "geen-csv")


async def test_a_file_of_more_than_a_message_is_taken_in_while_it_arrives_and_once_for_each_key(
    service: Service,
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in large_file(1200):
            yield piece

    ids = []
    for _ in range(2):
        answer = await service.http.post(
            "/v1/imports", content=pieces(), params={"region": "NL-R07"}, headers={**CSV, "Idempotency-Key": "aug"}
        )
        ids.append(answer.json()["id"])
    assert ids[0] == ids[1]
    assert answer.headers["idempotent-replayed"] == "true"
    problem_of(await send(service, file_of(row("k")), {"Idempotency-Key": "aug"}), 400, "idempotency-key-hergebruikt")
    listed = (await service.http.get("/v1/imports")).json()["items"]
    assert [(one["id"], one["rows"]) for one in listed] == [(ids[0], 1200)]


async def test_two_processes_work_a_file_off_together_each_row_once(service: Service) -> None:
    await send(service, b"".join(large_file(1000)))

    async def work() -> int:
        worker, done = ImportWorker(service.parts), 0
        while await worker.work_off_one():
            done += 1
        return done

    assert sum(await asyncio.gather(work(), work())) == 11
    (done,) = (await service.http.get("/v1/imports")).json()["items"]
    assert nonzero(done) == {"registered": 990, "refused": 10}
    students, events, _ = await service.stored()
    assert (students, len(events)) == (990, 990)


async def test_mismatches_come_as_a_file_too_with_dutch_days(service: Service) -> None:
    await service.register(reference="k 1")
    header = "kenmerk;opleiding;soort;gemeld_op"
    days = ("1-9-2026", "01/09/2026", "1 september 2026", "2026-09-01", "31-2-2026")
    kinds = ("vak", "reistijd", "travel", "dagen", "fase")
    rows = [f"k 1;01VU;{kind};{day}" for kind, day in zip(kinds, days, strict=True)]
    done = await worked_off(service, file_of(*rows, "k 9;01VU;vak;", header=header), kind="mismatches")
    assert nonzero(done) == {"reported": 3, "unchanged": 1, "refused": 2}
    held = (await service.http.get("/v1/mismatches")).json()["items"]
    assert {one["reported_on"] for one in held} == {"2026-09-01"}


async def test_an_institute_sees_its_own_files_and_registers_its_own_students(guarded: Guarded) -> None:
    vu, hu = guarded.token("institute/01VU"), guarded.token("institute/02HU")
    content = file_of(row("k 1"), row("k 2").replace("01VU", ""), row("k 3").replace("01VU", "02HU"))
    answer = await guarded.http.post("/v1/imports?region=NL-R07", content=content, headers={**CSV, **vu})
    worker = ImportWorker(guarded.service.parts)
    while await worker.work_off_one():
        pass
    where = answer.headers["location"]
    assert nonzero((await guarded.http.get(where, headers=vu)).json()) == {"registered": 2, "refused": 1}
    for path in ("", "/rows", "/errors"):
        problem_of(await guarded.http.get(where + path, headers=hu), 404, "onbekend-bestand")
    assert (await guarded.http.get("/v1/imports", headers=hu)).json()["items"] == []


async def test_a_long_file_of_one_institute_does_not_hold_up_a_short_one_of_another(guarded: Guarded) -> None:
    parts = guarded.service.parts
    sent = []
    for institute, rows in (("01VU", 60 * CHUNK), ("02HU", 10)):
        content = b"".join(large_file(rows, institute=institute))
        headers = {**CSV, **guarded.token(f"institute/{institute}")}
        answer = await guarded.http.post("/v1/imports", content=content, params={"region": "NL-R07"}, headers=headers)
        assert answer.status_code == 202, answer.text
        sent.append((answer.headers["location"], headers))
    worker = ImportWorker(parts)
    for _ in range(4):
        assert await worker.work_off_one()
    long, short = [(await guarded.http.get(where, headers=token)).json() for where, token in sent]
    assert (short["status"], short["done"]) == ("done", 10)
    assert long["done"] == 2 * CHUNK
