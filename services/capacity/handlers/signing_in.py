"""Signing in and out: links by mail, a provider, sessions and the position somebody looks as."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import uuid_utils

from services.capacity.domain.claims import Identity
from services.capacity.domain.people import Person
from services.capacity.domain.sessions import (
    INVITATION_LASTS,
    LINK_LASTS,
    LINKS_AN_HOUR,
    SEEN_EVERY,
    Lifetime,
    Session,
    device_of,
)
from services.capacity.ports.people import AccessMail, MailKind, People
from shared.errors import Forbidden, NotSignedIn
from shared.security.roles import Position

LINK_GONE = "Deze link werkt niet meer: hij is gebruikt of te oud. Vraag een nieuwe aan."
NO_ACCESS_LEFT = "Uw toegang is ingetrokken. Vraag wie Leerplek bij u beheert om een nieuwe uitnodiging."
SIGNED_IN, SIGNED_OUT, SIGNED_OUT_EVERYWHERE, NO_POSITION_LEFT = (
    "nl.leerplek.access.signed-in",
    "nl.leerplek.access.signed-out",
    "nl.leerplek.access.signed-out-everywhere",
    "nl.leerplek.access.no-position-left",
)
"""What the audit calls them."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that was begun, and the secret that only the browser keeps."""

    session: Session
    secret: str


def hash_of(secret: str) -> str:
    """What is stored of a secret of 256 random bits: from it nobody gets the secret back."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def ask_for_link(people: People, email: str, now: datetime) -> None:
    """Keeps the wish, the same for whoever is known here and whoever is not: which of the two is seen by who sends the mail."""
    await people.add_mail(AccessMail(str(uuid_utils.uuid7()), MailKind.LINK, email, "", "", now))


async def link_for(people: People, mail: AccessMail, now: datetime) -> str | None:
    """A new link for whom this mail is to; None when nobody here has that address, or got too many. Raises nothing."""
    person = await people.with_address(mail.email)
    if person is None or not person.positions:
        return None
    if mail.kind is MailKind.LINK and await people.links_since(person.id, now - timedelta(hours=1)) >= LINKS_AN_HOUR:
        return None
    secret = secrets.token_urlsafe(32)
    lasts = INVITATION_LASTS if mail.kind is MailKind.INVITATION else LINK_LASTS
    await people.add_link(hash_of(secret), person.id, now + lasts)
    return f"{secret}.{people.mark(secret)}"


async def link_of(people: People, token: str, now: datetime) -> Person:
    """Whose link this is, without using it; raises NotSignedIn."""
    person = await people.link(hash_of(_secret_in(people, token)), now)
    if person is None:
        raise NotSignedIn("link-verlopen", LINK_GONE)
    return person


def _secret_in(people: People, token: str) -> str:
    """The secret in a link of ours; raises NotSignedIn for what we did not sign."""
    secret, _, mark = token.partition(".")
    if not token.isascii() or not hmac.compare_digest(mark, people.mark(secret)):
        raise NotSignedIn("link-verlopen", LINK_GONE)
    return secret


async def sign_in_by_link(people: People, token: str, now: datetime, user_agent: str, held: str = "") -> Begun:
    """Begins a session with a link that works once; raises NotSignedIn. A session that the browser `held` ends."""
    person = await people.use_link(hash_of(_secret_in(people, token)), now)
    if person is None:
        raise NotSignedIn("link-verlopen", LINK_GONE)
    return await _begin(people, person, now, user_agent, held)


async def sign_in_by_provider(
    people: People, identity: Identity, id_token: str, now: datetime, user_agent: str, held: str = ""
) -> Begun:
    """Begins a session for whom a provider vouches; what they are is what the provider says now, no more."""
    known = await people.with_identity(identity.issuer, identity.subject)
    person = Person(
        known.id if known else str(uuid_utils.uuid7()), identity.name, identity.email, identity.positions, True
    )
    if known is None:
        await people.add(person, (identity.issuer, identity.subject))
    elif (known.name, known.email) != (person.name, person.email):
        await people.rename(person)
    await people.set_positions(person.id, identity.positions)
    return await _begin(people, person, now, user_agent, held, id_token)


async def forget_at_provider(people: People, issuer: str, subject: str) -> None:
    """Erases whom a provider gives no position any more, if they were ever here."""
    known = await people.with_identity(issuer, subject)
    if known is not None:
        await people.erase(known.id)
        await people.note(NO_POSITION_LEFT, known.id)


async def _begin(
    people: People, person: Person, now: datetime, user_agent: str, held: str, id_token: str = ""
) -> Begun:
    if not person.positions:
        raise Forbidden("geen-toegang", NO_ACCESS_LEFT)
    if held:
        await people.end_session(hash_of(held))
    secret = secrets.token_urlsafe(32)
    session = Session(hash_of(secret), person.id, person.positions[0], now, now, device_of(user_agent), id_token)
    await people.add_session(session)
    await people.note(SIGNED_IN, person.id)
    return Begun(session, secret)


async def find_session(people: People, secret: str, lifetime: Lifetime, now: datetime) -> tuple[Session, Person]:
    """Whose session this is; raises NotSignedIn when it is none, over, or nothing is left of what they were."""
    session = await people.session(hash_of(secret))
    if session is None or lifetime.is_over(session, now):
        raise NotSignedIn("niet-aangemeld", "U bent niet aangemeld, of al een tijd niet actief geweest.")
    person = await people.person(session.person)
    if person is None or not person.positions:
        raise NotSignedIn("niet-aangemeld", NO_ACCESS_LEFT)
    if session.position not in person.positions:
        session = replace(session, position=person.positions[0])
    return session, person


def must_be_noted(session: Session, now: datetime) -> bool:
    """Whether it is time to write that somebody is still there."""
    return now - session.seen_at > SEEN_EVERY


async def switch(people: People, secret: str, wanted: Position, lifetime: Lifetime, now: datetime) -> Begun:
    """Goes on as something else that somebody is, in a session with a new secret; raises Forbidden for what they are not."""
    session, person = await find_session(people, secret, lifetime, now)
    if wanted not in person.positions:
        raise Forbidden("niet-uw-rol", "Deze rol hebt u niet.")
    fresh = secrets.token_urlsafe(32)
    changed = replace(session, id=hash_of(fresh), position=wanted, seen_at=now)
    await people.end_session(session.id)
    await people.add_session(changed)
    return Begun(changed, fresh)


async def sign_out(people: People, secret: str) -> str:
    """Ends a session; gives the provider's id token where it came from one."""
    session = await people.session(hash_of(secret))
    if session is None:
        return ""
    await people.end_session(session.id)
    await people.note(SIGNED_OUT, session.person)
    return session.id_token


async def sign_out_everywhere(people: People, person: str) -> None:
    """Ends every session of somebody."""
    await people.end_sessions(person)
    await people.note(SIGNED_OUT_EVERYWHERE, person)
