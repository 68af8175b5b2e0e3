"""What systems read of people over an API, in the log of who read what: noted before it is answered, as for pages."""

import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from shared.persistence.database import Database
from shared.persistence.tables import ReadRow
from shared.security.callers import Caller


@dataclass(frozen=True, slots=True)
class ApiRead:
    """What reading a path of the API is called, and which part of the address says about whom."""

    activity: str
    subject: str = ""


Reads = Mapping[str, ApiRead]
"""By path; what is read at other paths is about nobody."""


@dataclass(frozen=True, slots=True)
class ReadLog:
    """Writes lines; `fingerprint` is what stands for somebody there."""

    database: Database
    fingerprint: Callable[[bytes], str]
    clock: Callable[[], datetime]

    async def note(self, request: Request, read: ApiRead, asker: Caller) -> None:
        """Who read what of whom, where; what cannot be written down is not answered."""
        given = request.path_params
        row = ReadRow(
            at=self.clock(),
            activity=read.activity,
            person="",
            position=asker.name,
            site=str(given.get("site") or request.query_params.get("site", ""))[:32],
            subject=self.fingerprint(b"read\0" + str(given[read.subject]).encode()) if read.subject else "",
            trace=secrets.token_hex(16),
        )
        async with self.database.transaction() as tx:
            tx.add(row)


class LoggedRoute(APIRoute):
    """A route that logs what was read of people, where the API has a log and somebody signed in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler as it was, with the log after it."""
        answer_to = super().get_route_handler()

        async def logged(request: Request) -> Response:
            answer = await answer_to(request)
            read = getattr(request.app.state, "reads", {}).get(self.path)
            asker: Caller | None = getattr(request.state, "asker", None)
            if (
                read is not None
                and asker is not None
                and request.method == "GET"
                and answer.status_code == HTTPStatus.OK
            ):
                log: ReadLog | None = request.app.state.find_read_log()
                if log is not None:
                    await log.note(request, read, asker)
            return answer

        return logged


def log_reads(api: FastAPI, reads: Reads, find: Callable[[], ReadLog | None]) -> None:
    """From now on these are logged where `find` gives a log: where nobody signs in there is nobody to name. Raises LookupError
    for a path that is not there.
    """
    paths = {each.path for each in api.routes if isinstance(each, APIRoute) and "GET" in (each.methods or ())}
    if not reads.keys() <= paths:
        raise LookupError(f"reads of paths that are not there: {sorted(reads.keys() - paths)}")
    api.state.reads, api.state.find_read_log = reads, find
