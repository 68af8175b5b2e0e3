"""Changes over HTTP: one transaction each, answered after the commit, and only once per Idempotency-Key."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.errors import BasedOn, DomainError, TransientError, VersionChanged
from shared.persistence.database import Database
from shared.persistence.tables import GivenAnswer
from shared.web.problems import problem

MAX_KEY = 255
KEY_USED = (
    "Deze Idempotency-Key (van een CloudEvent: source en id) is al gebruikt met een andere inhoud. Gebruik voor elk verzoek "
    "een nieuwe."
)

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a change answers: status, JSON body (None: no content) and headers."""

    status: int
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def idempotency_key(request: Request) -> str | None:
    """The key of a request, if it has one; raises DomainError for one that is none."""
    key = request.headers.get("idempotency-key")
    if key is not None and (not 0 < len(key) <= MAX_KEY or not key.isprintable()):
        raise DomainError("idempotency-key", f"Idempotency-Key heeft 1 tot {MAX_KEY} leesbare tekens.")
    return key


Operation = Callable[[AsyncSession], Awaitable[Answer]]


def created(body: Mapping[str, object], location: str, version: int | None = None) -> Answer:
    """What a change answers that made something new: where it is, and its version where it can be changed."""
    return Answer(201, body, {"Location": location, **_etag_header(version)})


def changed(body: Mapping[str, object], version: int | None = None) -> Answer:
    """What a change answers about something that was there: as it is now, and its version where it can be changed."""
    return Answer(200, body, _etag_header(version))


def with_version(body: Mapping[str, object], version: int | str) -> Response:
    """What reading one thing answers, so that a change can be based on it."""
    return JSONResponse(body, headers=_etag_header(version))


async def as_of(
    version: int | str, if_none_match: str | None, read: Callable[[], Awaitable[Mapping[str, object]]]
) -> Response:
    """What reading something costly answers: nothing but 304 to who has this version already."""
    return not_again(version, if_none_match) or with_version(await read(), version)


def not_again(version: int | str, if_none_match: str | None) -> Response | None:
    """304 to who has this version already, None to anybody else."""
    if if_none_match is not None and _etag(version) in (one.strip() for one in if_none_match.split(",")):
        return Response(status_code=304, headers=_etag_header(version))
    return None


IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", description="De ETag van wat u al hebt; is het nog zo, dan 304 zonder inhoud."),
]


class Changes(Generic[S]):
    """Carries out operations on a service's store; `store` makes one for a transaction and whom the audit names.

    `fingerprint` is what is kept of a body; one under a key where a body holds personal data that can be guessed.
    """

    def __init__(
        self,
        database: Database,
        store: Callable[[AsyncSession, str], S],
        after_commit: Callable[[], None],
        fingerprint: Callable[[bytes], str] = lambda body: hashlib.sha256(body).hexdigest(),
    ) -> None:
        self.fingerprint = fingerprint
        self._database = database
        self._store = store
        self._after_commit = after_commit

    async def once(
        self, request: Request, operation: Callable[[S], Awaitable[Answer]], actor: str, key: str | None = None
    ) -> Response:
        """Runs the operation in one transaction, and answers after the commit.

        The same key and body get the answer given before; another body a problem. Each actor has keys of its own. `key`
        takes the place of the Idempotency-Key of the request: a form carries its own.
        """

        key = key if key is not None else idempotency_key(request)
        if key is None:
            async with self._database.transaction() as tx:
                answer = await operation(self._store(tx, actor))
            self._after_commit()
            return response_of(answer)
        return await self.once_under(
            f"{request.method} {request.url.path}", key, await request.body(), operation, actor
        )

    async def once_under(
        self, scope: str, key: str, content: bytes, operation: Callable[[S], Awaitable[Answer]], actor: str
    ) -> Response:
        """The same for what is no request by itself: `key` is the actor's own within `scope`, `content` what it must be again."""

        async def carry_out(tx: AsyncSession) -> Answer:
            return await operation(self._store(tx, actor))

        scope, fingerprint = f"{actor} {scope}", self.fingerprint(content)
        for _ in range(3):
            try:
                return await self._once(scope, key, fingerprint, carry_out)
            except IntegrityError as raced:
                if not await self._was_given(scope, key):
                    raise raced from None
        raise TransientError("the same request is being handled")

    async def _once(self, scope: str, key: str, fingerprint: str, operation: Operation) -> Response:
        async with self._database.transaction() as tx:
            given = await tx.get(GivenAnswer, (scope, key))
            if given is not None:
                return replayed(given, fingerprint)
            answer = await operation(tx)
            row = GivenAnswer.model_validate(given_row(scope, key, fingerprint, answer))
            tx.add(row)
        self._after_commit()
        return _response(row.status, row.headers, row.body)

    async def _was_given(self, scope: str, key: str) -> bool:
        async with self._database.reading() as tx:
            return await tx.get(GivenAnswer, (scope, key)) is not None


def given_row(scope: str, key: str, fingerprint: str, answer: Answer) -> dict[str, object]:
    """What is kept of an answer."""
    return {
        "scope": scope,
        "key": key,
        "fingerprint": fingerprint,
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": _json(answer.body),
        "given_at": datetime.now(UTC),
    }


def forgotten(given: GivenAnswer) -> None:
    """Whom an answer was about was erased: the same request again is not carried out again, and is told nothing."""
    gone = problem(410, "gewist", "Dit gegeven is gewist.")
    given.status, given.headers, given.body = 410, {"Content-Type": gone.media_type}, bytes(gone.body).decode()


async def given_answers(
    tx: AsyncSession, wanted: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str | None], GivenAnswer]:
    """Those of the wanted (scope, key) that were answered before."""
    if not wanted:
        return {}
    found = select(GivenAnswer).where(col(GivenAnswer.key).in_({key for _, key in wanted}))
    return {(row.scope, row.key): row for row in await tx.exec(found) if (row.scope, row.key) in wanted}


def response_of(answer: Answer) -> Response:
    """An answer over HTTP."""
    return _response(answer.status, dict(answer.headers), _json(answer.body))


def replayed(given: GivenAnswer, fingerprint: str) -> Response:
    """The answer that was given before; a problem when it was given to something else."""
    if given.fingerprint != fingerprint:
        return problem(400, "idempotency-key-hergebruikt", KEY_USED)
    return _response(given.status, {**given.headers, "Idempotent-Replayed": "true"}, given.body)


def _json(body: Mapping[str, object] | None) -> str:
    return "" if body is None else json.dumps(body, ensure_ascii=False, default=str)


def _response(status: int, headers: Mapping[str, str], body: str) -> Response:
    if not body:
        return Response(status_code=status, headers=dict(headers))
    return JSONResponse(json.loads(body), status, dict(headers))


def based_on(
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", description="De ETag van de versie die u las; is er intussen een nieuwere, dan 412."),
    ] = None,
) -> BasedOn:
    """A check of the version that holds against If-Match; a request without one takes what it finds."""

    def check(sequence: int) -> None:
        if if_match is not None and if_match.strip() not in {_etag(sequence), "*"}:
            detail = "Het gegeven is intussen gewijzigd. Haal het opnieuw op en probeer het nog eens."
            raise VersionChanged("versie-gewijzigd", detail)

    return check


IfMatch = Annotated[BasedOn, Depends(based_on)]
"""A parameter of a route that changes what has a version."""


def _etag(version: int | str) -> str:
    return f'"{version}"'


def _etag_header(version: int | str | None) -> dict[str, str]:
    return {} if version is None else {"ETag": _etag(version)}
