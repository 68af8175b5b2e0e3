"""Identifiers as OOAPI writes them are taken, and the example that reads an OOAPI source tells its students, once."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.child_process import free_port
from shared.testing.kafka import RunningBroker
from tests.integration.intake.conftest import Service, problem_of
from tests.integration.intake.test_process import intake_on, know_region
from tests.support.service_process import ROOT

SCRIPT = ROOT / "docs" / "examples" / "ooapi_to_leerplek.py"
DOCUMENT = ROOT / "docs" / "ooapi.md"


def code(kind: str, value: str) -> dict[str, str]:
    return {"codeType": kind, "code": value}


async def test_an_identifier_of_ooapi_is_taken_and_ours_is_answered(service: Service) -> None:
    wishes = [code("brin", "01AB00"), "01AC00"]
    made = await service.register(
        institute=code("brin", "01VU"), reference=code("studentNumber", "s 42"), wishes=wishes
    )
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["reference"], body["student"]["institute"]) == ("s 42", "01VU")
    assert body["student"]["wishes"] == ["01AB00", "01AC00"]
    needs = {**body["student"], "institute": code("brin", "01VU"), "subject": "muziek"}
    del needs["id"]
    assert (await service.http.put(made.headers["location"], json=needs)).json()["student"]["subject"] == "muziek"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reference", code("nationalIdentityNumber", "x")),
        ("reference", code("emailAdress", "x")),
        ("institute", code("studentNumber", "01VU")),
        ("institute", code("brin", "VU")),
        ("institute", {"codeType": "brin"}),
    ],
)
async def test_another_kind_of_identifier_is_refused(service: Service, field: str, value: dict[str, str]) -> None:
    body = problem_of(await service.register(None, **{field: value}), 400, "ongeldige-invoer")
    assert body["errors"][0]["pointer"].startswith(f"/{field}")


@contextmanager
def ooapi(students: list[dict[str, Any]]) -> Iterator[str]:
    """A small OOAPI v5 source with one offering, two associations on a page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            number = int(asked["pageNumber"][0])
            items = students[2 * number - 2 : 2 * number]
            page = {"pageSize": 2, "pageNumber": number, "hasNextPage": 2 * number < len(students), "items": items}
            content = json.dumps(page).encode()
            self.send_response(200 if self.headers["authorization"] == "Bearer geheim" else 401)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def association(number: int, state: str = "associated") -> dict[str, Any]:
    home = {"geolocation": {"latitude": 52.12345, "longitude": 5.12345}}
    person = {"givenName": "Anna", "primaryCode": code("studentNumber", f"s{number}"), "address": [home]}
    return {"associationId": f"a{number}", "state": state, "person": person}


async def test_the_example_tells_an_ooapi_sources_students_each_once(sqlite_url: str, tmp_path: Path) -> None:
    await know_region(sqlite_url, "NL-R07")
    told = DOCUMENT.read_text(encoding="utf-8").partition("```json\n")[2].partition("```")[0]
    students = [association(1), association(2), association(3)]
    nowhere = RunningBroker("configured", f"127.0.0.1:{free_port()}", "no broker", False)
    async with intake_on(nowhere, sqlite_url, tmp_path) as http:
        with ooapi(students) as source:
            mapping = {**json.loads(told), "ooapi": source, "leerplek": str(http.base_url).rstrip("/")}
            (tmp_path / "mapping.json").write_text(json.dumps(mapping))

            def run() -> str:
                command = [sys.executable, str(SCRIPT), str(tmp_path / "mapping.json")]
                done = subprocess.run(
                    command, capture_output=True, text=True, env={"OOAPI_TOKEN": "geheim"}, timeout=60
                )
                assert done.returncode == 0, done.stderr
                return done.stdout

            assert run() == run() == "3 studenten doorgegeven, 0 geweigerd\n"
            for state in ("canceled", "canceled", "associated", "canceled", "associated"):
                students[1] = association(2, state)
                assert run() == "3 studenten doorgegeven, 0 geweigerd\n"
            students[2] = association(3, "canceled")
            run()
        listed = (await http.get("/v1/registrations")).json()["items"]
    assert [(one["reference"], one["status"]) for one in listed] == [
        ("s1", "registered"),
        ("s2", "withdrawn"),
        ("s3", "withdrawn"),
        ("s2", "withdrawn"),
        ("s2", "registered"),
    ]
    assert (listed[0]["student"]["lat"], listed[0]["sequence"]) == (52.12, 1)
    database = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    assert b"Anna" not in database.read_bytes()  # noqa: ASYNC240 - small
