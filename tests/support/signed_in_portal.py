"""The portal where people sign in, for tests that look at its pages: a link for whoever is invited, and every page by name."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.capacity.handlers import giving_access
from services.capacity.handlers.signing_in import link_for
from services.capacity.ports.people import AccessMail, MailKind
from shared.security.roles import Position
from tests.support.portal_world import Portal, serving

SIGNED_IN_PAGES = {
    "toegang": "/toegang",
    "mensen": "/mensen",
    "mensen gedaan": "/mensen?klaar=uitgenodigd",
    "inzage": "/inzage",
}
SIGN_IN_PAGES = {"aanmelden": "/aanmelden", "afgemeld": "/afgemeld", "link te oud": "/aanmelden/link?t=x"}
BY_MAIL = {
    "public_url": "http://127.0.0.1:8102",
    "smtp_host": "127.0.0.1",
    "smtp_port": 9,
    "mail_from": "leerplek@school.example",
    "sign_in_tries_per_minute": 1000,
}


@contextmanager
def serving_signed_in(folder: Path, people: dict[str, str], **changes: Any) -> Iterator[Portal]:
    """The school of the other tests, whose people sign in with links."""
    with serving(folder, people, **{**BY_MAIL, **changes}) as portal:
        yield portal


def link(portal: Portal, email: str, name: str, *positions: Position) -> str:
    """Where somebody signs in who is invited now."""

    async def make() -> str | None:
        parts = portal.parts
        async with parts.runtime.database.transaction() as tx:
            access, now = parts.access.people(tx, "operator"), parts.clock()
            for each in positions:
                person = await giving_access.give(access, email, name, each)
            return await link_for(access, AccessMail("", MailKind.INVITATION, person.email, "", "", now), now)

    return f"{portal.url}/aanmelden/link?t={asyncio.run_coroutine_threadsafe(make(), portal.loop).result(10)}"
