"""Who is asking, for routes that need to know: a dependency that reads the bearer token of a request."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.errors import NotSignedIn
from shared.security.callers import Caller, Role
from shared.security.tokens import Verifier

BEARER = HTTPBearer(
    bearerFormat="JWT",
    scheme_name="token",
    description="Een token (JWT) van uw organisatie, met `org` en scopes. `leerplek token` geeft het uit, of uw identity provider.",
    auto_error=False,
)
Given = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
SignedIn = Callable[[Given], Awaitable[Caller]]


def signed_in(verifier: Verifier | None, scopes: frozenset[str]) -> SignedIn:
    """A dependency that gives whoever asks; raises NotSignedIn. Without a verifier everybody may do all that is in `scopes`."""

    async def caller(given: Given) -> Caller:
        if verifier is None:
            return Caller(Role.OPERATOR, "", scopes)
        if given is None:
            detail = "Meld u aan: stuur een token mee in de header Authorization, als Bearer."
            raise NotSignedIn("aanmelden-nodig", detail)
        return await verifier.caller(given.credentials)

    return caller
