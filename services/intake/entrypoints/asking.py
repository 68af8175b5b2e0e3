"""Who asks, for every route: signed in, allowed to, and not too often."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import Response

from services.intake.bootstrap import Parts
from services.intake.domain.access import Who, who_asks
from services.intake.ports import Store
from shared.web.changes import Answer
from shared.web.signing_in import Given


def asks(parts: Parts, scope: str) -> Callable[[Request, Given], Awaitable[Who]]:
    """A dependency that gives whoever asks, when their token is good for this."""

    async def who(request: Request, given: Given) -> Who:
        caller = await parts.caller(given)
        parts.limit.count(request, caller.name)
        request.state.asker = caller
        return who_asks(caller, scope)

    return who


async def change(parts: Parts, request: Request, who: Who, operation: Callable[[Store], Awaitable[Answer]]) -> Response:
    """Carries out a change on what they may change, once for each of their Idempotency-Keys."""
    return await parts.changes(who).once(request, operation, who.name)
