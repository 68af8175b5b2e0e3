"""Who asks, for every route of the API: signed in, allowed to, and not too often; and what is theirs."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.access import organisation_of
from services.notifier.domain.contacts import Contact
from services.notifier.handlers import contacts
from services.notifier.handlers.belonging import is_of
from services.notifier.ports import Store
from shared.errors import Forbidden
from shared.security.callers import Caller
from shared.web.changes import Answer
from shared.web.signing_in import Given


def asks(parts: Parts, scope: str) -> Callable[[Request, Given], Awaitable[Caller]]:
    """A dependency that gives whoever asks, when their token is good for this."""

    async def caller(request: Request, given: Given) -> Caller:
        found = await parts.caller(given)
        parts.limit.count(request, found.name)
        request.state.asker = found
        found.must_have(scope)
        return found

    return caller


async def change(
    parts: Parts, request: Request, caller: Caller, operation: Callable[[Store], Awaitable[Answer]]
) -> Response:
    """Carries out a change in the name of their organisation, once for each of its Idempotency-Keys."""
    return await parts.changes.once(request, operation, caller.name)


async def check_organisation(store: Store, caller: Caller, organisation: str) -> None:
    """Another's organisation is as one that is not there; raises NotFound."""
    if not await is_of(store, [organisation], organisation_of(caller)):
        raise contacts.unknown_organisation()


async def find_own_contact(store: Store, caller: Caller, contact: str) -> Contact:
    """A contact of theirs; raises NotFound."""
    held = await contacts.find_contact(store, contact)
    if not await is_of(store, [held.organisation], organisation_of(caller)):
        raise contacts.unknown_contact()
    return held


async def check_may_put(store: Store, caller: Caller, contact: Contact) -> None:
    """Raises NotFound for a contact of another organisation, and Forbidden where theirs would become another's."""
    if await store.contact(contact.id) is not None:
        await find_own_contact(store, caller, contact.id)
    if not await is_of(store, [contact.organisation], organisation_of(caller)):
        detail = f"Uw token is van {caller.org}. Daarmee geeft u alleen contacten van de eigen organisatie door."
        raise Forbidden("andere-organisatie", detail, pointer="/organisation")
