"""The pages of the notifier: what was sent and why, and what reaches nobody."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Role, mask_address
from services.notifier.domain.delivery import MailState
from services.notifier.domain.words import ROLE_NAMES
from services.notifier.entrypoints.http import Doors
from services.notifier.handlers import reading
from services.notifier.ports import MailFilter
from shared.errors import NotFound
from shared.web.pages import build_pages, mount_static

PAGE = 50
STATES = {
    MailState.WAITING: ("wacht", "info"),
    MailState.SENDING: ("wordt verstuurd", "info"),
    MailState.SENT: ("verstuurd", "ok"),
    MailState.FAILED: ("mislukt", "danger"),
}
KINDS = {
    AlertKind.LOST: "Plaatsing vervallen",
    AlertKind.UNPLACED: "Student zonder plek",
    AlertKind.MISMATCH: "Student en plek passen niet",
}


def add_pages(app: FastAPI, doors: Doors) -> None:
    """Adds the page of all messages and the page of one."""
    pages = build_pages([Path(__file__).parent])
    mount_static(app)
    words: dict[str, Any] = {"states": STATES, "kinds": KINDS, "roles": ROLE_NAMES, "mask": mask_address, "Role": Role}

    @app.get("/", include_in_schema=False)
    async def messages(
        request: Request,
        toestand: MailState | None = None,
        voor: Annotated[str | None, Query(max_length=64)] = None,
    ) -> Response:
        async with doors.reading() as store:
            found = await store.mails(MailFilter(state=toestand, before=voor, limit=PAGE + 1))
            gaps = await reading.find_gaps(store, doors.clock())
        older = found[PAGE - 1].id if len(found) > PAGE else None
        return pages.render(
            request, "messages.html", mails=found[:PAGE], gaps=gaps, state=toestand, older=older, **words
        )

    @app.get("/berichten/{mail}", include_in_schema=False)
    async def message(request: Request, mail: str) -> Response:
        async with doors.reading() as store:
            try:
                held = await reading.find_mail(store, mail)
            except NotFound as missing:
                return pages.render(request, "problem.html", status=404, title="Niet gevonden", detail=missing.detail)
        return pages.render(request, "message.html", mail=held, **words)
