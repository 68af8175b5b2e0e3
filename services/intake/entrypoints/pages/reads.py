"""Who saw what of an institute's students: noted before it is shown, and read back here."""

import secrets

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from services.intake.bootstrap import Parts
from services.intake.domain.access import Who
from services.intake.entrypoints.pages.access import INSTITUTE, READS
from services.intake.entrypoints.pages.desk import Desk, show, where_of
from services.intake.ports.overview import Read
from shared.contracts.vocabulary import InstituteId
from shared.errors import DomainError
from shared.security.roles import position_of
from shared.short_code import short_code
from shared.web.viewing import LogRead, Seen, Viewing

SHOWN = 100


def log_into(parts: Parts) -> LogRead:
    """What notes that somebody saw a page."""

    async def log_read(seen: Seen) -> None:
        viewer, rule, where = seen.viewer, seen.rule, seen.where
        subject = parts.fingerprint(b"read\0" + str(where[rule.subject]).encode()) if rule.subject else ""
        position = viewer.position.name if viewer.position else ""
        institute, trace = str(where.get("institute", "")), secrets.token_hex(16)
        read = Read(parts.clock(), rule.reads, viewer.person, position, institute, subject, trace)
        async with parts.runtime.database.transaction() as tx:
            await parts.overview(tx, Who(viewer.actor)).log_read(read)

    return log_read


def add_reads(site: FastAPI, desk: Desk) -> None:
    """Adds the page."""

    @site.get(INSTITUTE + "/inzage")
    async def listed(request: Request, institute: InstituteId, viewer: Viewing) -> HTMLResponse:
        where = where_of(viewer, institute)
        async with desk.parts.looking(where.who) as overview:
            found = await overview.reads(SHOWN)
        lines = [(each.at, READS.get(each.activity, each.activity), _by(each, viewer.person)) for each in found]
        return show(desk, request, "office_reads.html", where, lines=lines)


def _by(read: Read, viewer: str) -> str:
    if not read.person:
        return "uw systeem"
    try:
        role = position_of(read.position).words
    except DomainError:
        role = read.position
    return "u" if read.person == viewer else f"{role}, medewerker {short_code(read.person)}"
