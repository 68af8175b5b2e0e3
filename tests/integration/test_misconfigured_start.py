"""A service that was given something wrong to start with says what, in a line without a secret, and does not start."""

import base64
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.service_process import ServiceProcess, ended

NOBODY = "127.0.0.1:9"
"""No Kafka is needed to find out."""
PASSWORD = "geheim-7281"
CONTACT = {"organisation": "01VU", "role": "institute-coordinator", "email": "fatima@school.example"}
REGION = {
    "name": "Proef",
    "periods": [{"id": "2026-S1", "start": "2026-08-31", "end": "2027-01-29"}],
    "settings": {"norms": [{"route": "*", "phase": "*", "support": 1, "wpb": 6, "so": 2, "io": 1}]},
}
SITE = {"region": "NL-R07", "sector": "vo", "lat": 52.1, "lon": 5.1, "role": "none"}
SUPERVISOR = {"region": "NL-R07", "tier": "wpb", "sites": ["01AB00"], "subjects": ["wiskunde"], "name": "Fatima"}
SEALS: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "notifier": [("PUT", "/v1/contacts/0199a2b4-7c11-7def-8a12-0000000000c1", CONTACT)],
    "capacity": [
        ("PUT", "/v1/regions/NL-R07", REGION),
        ("PUT", "/v1/sites/01AB00", SITE),
        ("POST", "/v1/supervisors", SUPERVISOR),
    ],
}
MAIL = {
    "PUBLIC_URL": "http://127.0.0.1/",
    "SMTP_HOST": "127.0.0.1",
    "MAIL_FROM": "leerplek@example.org",
}


def key_file(folder: Path, byte: int) -> Path:
    path = folder / f"key-{byte}"
    path.write_bytes(base64.b64encode(bytes([byte]) * 32))
    return path


def process(service: str, folder: Path, **settings: str) -> ServiceProcess:
    own = {"DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'data.db'}", **(MAIL if service == "notifier" else {})}
    return ServiceProcess(service, NOBODY, True, own | settings, folder)


@pytest.mark.parametrize("service", SEALS)
async def test_another_master_key_than_the_one_that_sealed_is_refused_at_the_start(
    service: str, tmp_path: Path
) -> None:
    right = process(service, tmp_path, MASTER_KEY_FILE=str(key_file(tmp_path, 1)))
    wrong = process(service, tmp_path, MASTER_KEY_FILE=str(key_file(tmp_path, 2)))
    try:
        for _ in range(2):  # the second time there is something sealed, and its own key still opens it
            right.start()
            await right.until(right.is_up, "an answer", 60)
            async with httpx.AsyncClient(base_url=right.url, timeout=20) as http:
                for method, path, body in SEALS[service]:
                    assert (await http.request(method, path, json=body)).status_code in (200, 201)
            right.end()
        assert await ended(wrong.start(), 60) == 2
    finally:
        right.stop()
        wrong.stop()
    last = wrong.written().splitlines()[-1]
    assert "cannot start" in last
    assert "the master key is not the one that sealed" in last
    assert "Traceback" not in wrong.written()


@pytest.mark.parametrize(
    ("service", "settings", "told"),
    [
        (
            "notifier",
            {"MASTER_KEY_FILE": "/nowhere/key", "JWKS_URL": "https://keys.example"},
            "master key file /nowhere/key is not there",
        ),
        (
            "notifier",
            {"SMTP_PASSWORD_FILE": "/nowhere/password"},
            "SMTP_PASSWORD_FILE /nowhere/password cannot be read",
        ),
        ("intake", {"HTTP_PORT": "99999"}, "LEERPLEK_INTAKE_HTTP_PORT: "),
        ("intake", {"DATABASE_URL": f"mysql://u:{PASSWORD}@db/x"}, "LEERPLEK_INTAKE_DATABASE_URL: expected postgresql"),
        ("intake", {"DATABASE_URL": f"{PASSWORD}"}, "LEERPLEK_INTAKE_DATABASE_URL: expected postgresql"),
        ("capacity", {"JWKS_FILE": "/nowhere/keys"}, "/nowhere/keys is geen bestand met openbare sleutels"),
        ("matcher", {"HTTP_PORT": "0x"}, "LEERPLEK_MATCHER_HTTP_PORT: "),
    ],
)
async def test_what_is_wrong_is_told_in_a_line_without_a_secret(
    service: str, settings: dict[str, str], told: str, tmp_path: Path
) -> None:
    started = process(
        service, tmp_path, **({"MODE": "production"} if "MASTER_KEY_FILE" in settings else {}), **settings
    )
    try:
        assert await ended(started.start(), 60) == 2
    finally:
        started.stop()
    assert told in started.written()
    assert "Traceback" not in started.written()
    assert PASSWORD not in started.written()
