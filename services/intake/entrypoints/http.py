"""Intake over HTTP: registrations, mismatch reports, and places with what the institute decides about them."""

from collections.abc import Callable

from fastapi import FastAPI

from services.intake.bootstrap import Parts
from services.intake.entrypoints.http_events import add_events
from services.intake.entrypoints.http_imports import add_imports
from services.intake.entrypoints.http_mismatches import add_mismatches
from services.intake.entrypoints.http_placements import add_placements
from services.intake.entrypoints.http_registrations import add_registrations
from services.intake.entrypoints.http_webhooks import add_webhooks_of_institutes
from shared.web.api import build_api
from shared.web.read_log import ApiRead, ReadLog, Reads, log_reads

LARGE = {"/v1/imports": 64 * 1_048_576}
"""Files may be larger than messages: they are taken in while they arrive."""
DESCRIPTION = (
    "Opleidingen schrijven hier studenten in, wijzigen inschrijvingen, trekken ze in, melden een mismatch en besluiten over "
    "plaatsen. Een opleiding ziet en wijzigt alleen haar eigen studenten; een student van een ander is er voor haar niet (404)."
)

READS: Reads = {
    "/registrations": ApiRead("inschrijvingen"),
    "/registrations/{student}": ApiRead("inschrijving", "student"),
    "/registrations/{student}/export": ApiRead("inzageverzoek", "student"),
    "/mismatches": ApiRead("mismatches"),
    "/mismatches/{mismatch}": ApiRead("mismatch", "mismatch"),
    "/placements": ApiRead("plaatsingen"),
    "/placements/{student}": ApiRead("plaatsing", "student"),
    "/imports/{file}/rows": ApiRead("bestand", "file"),
    "/imports/{file}/errors": ApiRead("bestand", "file"),
}
"""What is logged as read of people."""


def build_intake_api(parts: Parts, file_arrived: Callable[[], None] = lambda: None) -> FastAPI:
    """The routes of intake; `file_arrived` is called when there is a file to work off."""
    api = build_api("Leerplek intake", DESCRIPTION)
    add_registrations(api, parts)
    add_mismatches(api, parts)
    add_placements(api, parts)
    add_events(api, parts)
    add_imports(api, parts, file_arrived)
    add_webhooks_of_institutes(api, parts)
    log_reads(api, READS, lambda: _read_log(parts))
    return api


def _read_log(parts: Parts) -> ReadLog | None:
    """Where nobody signs in there is nobody to name."""
    return ReadLog(parts.runtime.database, parts.fingerprint, parts.clock) if parts.settings.checks_tokens else None
