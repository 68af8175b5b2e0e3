"""Intake as a process: what it does beside answering goes on after a crash, and reaches who must hear of it."""

from pathlib import Path
from typing import Any

import httpx

from shared.contracts.catalogue import PLACEMENTS
from shared.testing.kafka import RunningBroker
from tests.integration.intake.test_process import PARTITIONS, intake_on, know_region, message, reads_its_topics, sample
from tests.support.eventually import eventually
from tests.support.import_files import large_file
from tests.support.intake import NEW_REGISTRATION
from tests.support.receiver import receiving
from tests.support.service_process import ServiceProcess
from tests.support.streams import send

ROWS = 3000


async def test_a_file_is_worked_off_to_its_end_however_often_the_process_is_killed(
    sqlite_url: str, tmp_path: Path, unique: str
) -> None:
    region = f"NL-{unique.upper()}"
    await know_region(sqlite_url, region)
    settings = {"DATABASE_URL": sqlite_url, "PARTITIONS": str(PARTITIONS)}
    intake = ServiceProcess("intake", "127.0.0.1:1", False, settings, tmp_path)
    try:
        intake.start()
        await intake.until(intake.is_up, "an answer")
        async with httpx.AsyncClient(base_url=intake.url, timeout=20) as http:
            content = b"".join(large_file(ROWS))
            answer = await http.post(
                f"/v1/imports?region={region}", content=content, headers={"Content-Type": "text/csv"}
            )
        assert answer.status_code == 202, answer.text
        where = answer.headers["location"]

        async def progress() -> dict[str, Any]:
            state = await intake.get(where)
            return {} if state is None else dict(state.json())

        seen = []
        for share in (0.1, 0.4, 0.7):

            async def has_come_so_far(least: float = share * ROWS) -> bool:
                return int((await progress()).get("done", 0)) >= least

            await intake.until(has_come_so_far, "progress")
            intake.kill()
            intake.start()
            await intake.until(intake.is_up, "an answer")
            seen.append((await progress())["done"])

        async def is_done() -> bool:
            return (await progress()).get("status") == "done"

        await intake.until(is_done, "the last row", 60)
        counts = (await progress())["counts"]
        assert (counts["registered"], counts["refused"]) == (ROWS - ROWS // 100, ROWS // 100)
        assert seen == sorted(seen)
        students, cursor = 0, None
        async with httpx.AsyncClient(base_url=intake.url, timeout=20) as http:
            while True:
                page = (
                    await http.get("/v1/registrations", params={"limit": 500, **({"cursor": cursor} if cursor else {})})
                ).json()
                students, cursor = students + len(page["items"]), page["next"]
                if cursor is None:
                    break
        assert students == counts["registered"], "each row once"
    finally:
        intake.stop()


async def test_what_the_plan_says_of_a_student_reaches_the_webhook_of_the_institute(
    kafka: RunningBroker, database_url: str, tmp_path: Path, unique: str
) -> None:
    region = f"NL-{unique.upper()}"
    await know_region(database_url, region)
    with receiving() as receiver:
        async with intake_on(kafka, database_url, tmp_path, WEBHOOK_PRIVATE_ADDRESSES="true") as http:
            await eventually(lambda: reads_its_topics(http), within_s=30, what="topics to read")
            assert (await http.post("/v1/webhooks", json={"url": receiver.url})).status_code == 201
            body = {**NEW_REGISTRATION, "region": region, "reference": "k 1"}
            student = (await http.post("/v1/registrations", json=body)).json()["id"]
            unplaced = sample("student.unplaced", region).model_copy(update={"student": student, "institute": "01VU"})
            await send(kafka.bootstrap, PLACEMENTS, [message(unplaced, region)] * 2)
            await eventually(lambda: receiver.came, within_s=20, what="the message")
            (webhook,) = (await http.get("/v1/webhooks")).json()["items"]

            async def are_all_delivered() -> bool:
                listed = (await http.get(f"/v1/webhooks/{webhook['id']}/deliveries")).json()["items"]
                return [one["status"] for one in listed] == ["delivered"]

            await eventually(are_all_delivered, within_s=20, what="one delivery, of what was told twice")
            assert b'"reference": "k 1"' in receiver.came[0][1]
