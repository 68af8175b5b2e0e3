"""Registers students many at a time: what arrives while one transaction is written goes into the next, all in a few statements.

A transaction of its own for each costs nine statements and a wait for the disk; a busy August day has 300 a second.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import uuid_utils
from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake import handlers
from services.intake.bootstrap import Parts
from services.intake.domain.access import Who
from services.intake.domain.registrations import NewRegistration
from services.intake.entrypoints.asking import change
from services.intake.entrypoints.bodies import kept_body
from services.intake.handlers.doubting import doubt_of, doubts_of
from services.intake.handlers.importing import student_of
from services.intake.handlers.registering import register_many
from services.intake.ports import Store
from shared.contracts.registrations import StudentRegistered
from shared.errors import Conflict, DomainError
from shared.persistence.statements import insert_rows
from shared.persistence.tables import GivenAnswer
from shared.web.changes import Answer, created, given_answers, given_row, idempotency_key, replayed, response_of

MOST = 64
SCOPE = "POST /v1/registrations"


@dataclass(eq=False, slots=True)
class _Asked:
    """A registration that waits for its answer."""

    request: Request
    who: Who
    body: NewRegistration
    key: str | None
    fingerprint: str
    student: str = field(default_factory=lambda: str(uuid_utils.uuid7()))
    answer: "asyncio.Future[Response]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def scope(self) -> str:
        """Each organisation has keys of its own."""
        return f"{self.who.name} {SCOPE}"


class Registrar:
    """One for a process; whoever asks gets their own answer, after the commit."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._waiting: list[_Asked] = []
        self._working: asyncio.Task[None] | None = None

    async def register(self, request: Request, who: Who, body: NewRegistration) -> Response:
        """The answer to one registration; raises DomainError and TransientError as if it were alone."""
        key = idempotency_key(request)
        fingerprint = "" if key is None else self._parts.changes(who).fingerprint(await request.body())
        asked = _Asked(request, who, body, key, fingerprint)
        self._waiting.append(asked)
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await asked.answer

    async def _work(self) -> None:
        while self._waiting:
            together: dict[object, _Asked] = {}
            for asked in self._waiting[:MOST]:  # the same key twice: the second waits, to get the answer of the first
                together.setdefault((asked.scope, asked.key) if asked.key is not None else asked, asked)
            taken = list(together.values())
            self._waiting = [asked for asked in self._waiting if asked not in taken]
            await self._answer(taken)

    async def _answer(self, taken: Sequence[_Asked]) -> None:
        try:
            answers = await self._together(taken)
        except (Conflict, IntegrityError):  # somebody else registered one of them, or used its key, just now
            answers = await asyncio.gather(*map(self._alone, taken), return_exceptions=True)
        except Exception as problem:  # noqa: BLE001 - whoever asked raises it
            answers = [problem] * len(taken)
        for asked, answer in zip(taken, answers, strict=True):
            if asked.answer.done():  # whoever asked went away
                continue
            if isinstance(answer, BaseException):
                asked.answer.set_exception(answer)
            else:
                asked.answer.set_result(answer)

    async def _together(self, taken: Sequence[_Asked]) -> list[Response | BaseException]:
        async with self._parts.runtime.database.transaction() as tx:
            given = await given_answers(tx, [(asked.scope, asked.key) for asked in taken if asked.key is not None])
            fresh = [asked for asked in taken if (asked.scope, asked.key) not in given]
            made = await self._registered(tx, fresh)
            rows = [
                given_row(asked.scope, asked.key, asked.fingerprint, answer)
                for asked, answer in made.items()
                if asked.key is not None and isinstance(answer, Answer)
            ]
            await insert_rows(tx, GivenAnswer, rows)
        self._parts.runtime.relay.wake()
        found: list[Response | BaseException] = []
        for asked in taken:
            answer = made.get(asked)
            if answer is None:
                found.append(replayed(given[asked.scope, str(asked.key)], asked.fingerprint))
            else:
                found.append(response_of(answer) if isinstance(answer, Answer) else answer)
        return found

    async def _registered(self, tx: AsyncSession, fresh: Sequence[_Asked]) -> dict[_Asked, Answer | DomainError]:
        asked_by = [(asked.who.institute, asked.body, student_of(asked.student, asked.body)) for asked in fresh]
        everybody = self._parts.store(tx, Who(self._parts.runtime.name))
        made: dict[_Asked, Answer | DomainError] = {}
        told: dict[Who, list[StudentRegistered]] = {}
        registered = await register_many(everybody, asked_by)
        doubts = await doubts_of(everybody, [found[0] for found in registered if not isinstance(found, DomainError)])
        for asked, found in zip(fresh, registered, strict=True):
            if isinstance(found, DomainError):
                made[asked] = found
                continue
            held, event = found
            told.setdefault(asked.who, []).append(event)
            made[asked] = created(
                kept_body(held, doubts.get(asked.student, "")), f"/v1/registrations/{asked.student}", held.sequence
            )
        for who, events in told.items():
            await self._parts.store(tx, who).publish(*events)
        return made

    async def _alone(self, asked: _Asked) -> Response:
        async def operation(store: Store) -> Answer:
            student = student_of(asked.student, asked.body)
            held = await handlers.register_student(store, asked.body.region, student, asked.body.reference)
            return created(
                kept_body(held, await doubt_of(store, held)), f"/v1/registrations/{asked.student}", held.sequence
            )

        return await change(self._parts, asked.request, asked.who, operation)
