"""What `leerplek access` does on the database of capacity; each command is one transaction, and tells one line."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import typer

from services.capacity.bootstrap import MIGRATIONS, Parts, build
from services.capacity.config import Settings
from services.capacity.domain.people import Person
from services.capacity.domain.sessions import address_of
from services.capacity.handlers import giving_access
from services.capacity.handlers.signing_in import link_for
from services.capacity.ports.people import AccessMail, MailKind, People
from shared.errors import DomainError, Misconfigured, TransientError
from shared.persistence.migrations import upgrade
from shared.security.issuing import prepare_keys, public_file
from shared.security.roles import PersonRole, Position
from shared.starting import misconfiguration_told

ACTOR = "operator"
"""Whom the audit names."""
MOST = 100_000


def invite(email: str, role: PersonRole, org: str, name: str, *, show_link: bool) -> None:
    """Gives a role and mails the invitation, or shows its link here."""

    async def work(parts: Parts, people: People) -> str:
        now = parts.clock()
        person = await giving_access.give(people, address_of(email), name, Position(role, org))
        if not show_link:
            await giving_access.mail_invitation(people, person, Position(role, org), now)
            return f"{email} is uitgenodigd."
        link = await link_for(people, AccessMail("", MailKind.INVITATION, person.email, "", "", now), now)
        return f"{parts.settings.public_url}/aanmelden/link?t={link}"

    _run(work)


def keys(path: Path) -> None:
    """Makes the keys of passes."""
    try:
        prepare_keys(path)
    except (Misconfigured, OSError) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{path} en {public_file(path)}")


def listed() -> None:
    """Tells who has access, and as what."""

    async def work(_parts: Parts, people: People) -> str:
        found = sorted(await people.people_at(None, MOST), key=lambda each: each.called.casefold())
        return "\n".join(_line(each) for each in found) or "Er heeft nog niemand toegang."

    _run(work)


def withdraw(email: str, role: PersonRole, org: str) -> None:
    """Takes a role back; who has none left is erased."""

    async def work(parts: Parts, people: People) -> str:
        await giving_access.withdraw(people, (await _person(people, email)).id, Position(role, org), parts.clock())
        return f"{email} is geen {Position(role, org).words} meer."

    _run(work)


def erase(who: str) -> None:
    """Erases somebody, by address or number."""

    async def work(_parts: Parts, people: People) -> str:
        person = await people.person(who) or await _person(people, who)
        await giving_access.erase(people, person.id)
        return f"{who} is gewist."

    _run(work)


async def _person(people: People, email: str) -> Person:
    found = await people.with_address(email)
    if found is None:
        raise DomainError("onbekende-persoon", f"{email} heeft geen toegang.")
    return found


def _line(person: Person) -> str:
    roles = ", ".join(each.name for each in person.positions) or "geen rol"
    seen = f"laatst gezien {person.seen_at:%Y-%m-%d}" if person.seen_at else "nog niet aangemeld"
    return f"{person.called} <{person.email}>  {roles}  ({seen}; {person.id})"


def _run(work: Callable[[Parts, People], Awaitable[str]]) -> None:
    """One transaction; what goes wrong is told in one line with code 1."""
    with misconfiguration_told("capacity"):
        parts = build(Settings())

    async def run() -> str:
        database = parts.runtime.database
        try:
            await upgrade(database, MIGRATIONS)
            async with database.transaction() as tx:
                return await work(parts, parts.access.people(tx, ACTOR))
        finally:
            await database.close()

    try:
        typer.echo(asyncio.run(run()))
    except (DomainError, TransientError) as wrong:
        typer.echo(wrong.detail if isinstance(wrong, DomainError) else str(wrong), err=True)
        raise typer.Exit(1) from None
