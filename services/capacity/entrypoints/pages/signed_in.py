"""Who looks at a page: the session behind the cookie, as a viewer; and what they saw, in the log of reads."""

import secrets
from collections.abc import Mapping, Sequence

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from services.capacity.bootstrap import Parts
from services.capacity.handlers import signing_in
from services.capacity.handlers.signing_in import Begun
from services.capacity.ports.people import Read
from shared.errors import NotSignedIn
from shared.web.cookies import keep, own_cookie
from shared.web.places import Place, ways_of
from shared.web.viewing import Seen, Viewer

SESSION = "leerplek"
"""The cookie of a session, as __Host-leerplek."""
PERSON = "person/"


class SignedIn:
    """Finds who looks, and logs what they saw."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._access = parts.access

    async def find_viewer(self, request: Request) -> Viewer:
        """Who looks; raises NotSignedIn."""
        secret, now = own_cookie(request, SESSION), self._parts.clock()
        if not secret:
            raise NotSignedIn("niet-aangemeld", "Meld u eerst aan. Er is niets opgeslagen.")
        async with self._access.reading() as people:
            session, person = await signing_in.find_session(people, secret, self._parts.settings.lifetime, now)
            org = session.position.org
            called = (await people.called([org])).get(org, "")
        if signing_in.must_be_noted(session, now):
            async with self._parts.runtime.database.transaction() as tx:
                await self._access.people(tx, self._parts.runtime.name).seen(session, now)
        position = session.position
        ways = ways_of(position, self._parts.settings.places, Place.PORTAL, "")
        name = f"{person.called}, {position.words_at(called)}"
        return Viewer(position.caller, name, person.id, "/toegang", position, ways, called)

    async def log_read(self, seen: Seen) -> None:
        """Notes who saw what of whom."""
        viewer, rule, where = seen.viewer, seen.rule, seen.where
        position = viewer.position.name if viewer.position else ""
        activity = f"{rule.reads}:{where['name']}" if "name" in where else rule.reads
        async with self._parts.runtime.database.transaction() as tx:
            people = self._access.people(tx, viewer.actor)
            subject = people.fingerprint(str(where[rule.subject])) if rule.subject else ""
            site, trace = str(where.get("code", "")), secrets.token_hex(16)
            await people.log_read(Read(self._parts.clock(), activity, viewer.person, position, site, subject, trace))


def into_session(begun: Begun, goto: str) -> Response:
    """Sends the browser on, signed in."""
    answer = RedirectResponse(goto, 303)
    keep(answer, SESSION, begun.secret)
    return answer


async def names_of(parts: Parts, actors: Sequence[str]) -> Mapping[str, str]:
    """What people who changed something are called, by how the audit names them; who was erased is not there."""
    ids = {each.removeprefix(PERSON) for each in actors if each.startswith(PERSON)}
    if not ids:
        return {}
    async with parts.access.reading() as people:
        return {PERSON + each: name for each, name in (await people.names(ids)).items()}
