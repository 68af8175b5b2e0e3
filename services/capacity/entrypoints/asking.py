"""Who asks, for every route of the API: signed in, allowed to, and not too often."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import Response

from services.capacity.bootstrap import Parts
from services.capacity.domain.access import check_scope
from services.capacity.ports import Store
from shared.security.callers import Caller
from shared.web.changes import Answer
from shared.web.signing_in import Given


def asks(parts: Parts, *scopes: str) -> Callable[[Request, Given], Awaitable[Caller]]:
    """A dependency that gives whoever asks, when their token is good for this; of several scopes one is enough."""

    async def caller(request: Request, given: Given) -> Caller:
        found = await parts.caller(given)
        parts.limit.count(request, found.name)
        request.state.asker = found
        check_scope(found, next((each for each in scopes if each in found.scopes), scopes[0]))
        return found

    return caller


async def change(
    parts: Parts, request: Request, caller: Caller, operation: Callable[[Store], Awaitable[Answer]]
) -> Response:
    """Carries out a change in the name of their organisation, once for each of its Idempotency-Keys."""
    return await parts.changes.once(request, operation, caller.name)
