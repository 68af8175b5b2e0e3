"""`leerplek access`: who may sign in to the portal, for whoever runs capacity. Settings come from LEERPLEK_CAPACITY_…"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

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

access = typer.Typer(
    help="Wie zich bij het portaal mag aanmelden: uitnodigen, tonen, intrekken en wissen.", no_args_is_help=True
)
ACTOR = "operator"
"""Whom the audit names."""
MOST = 100_000

Email = Annotated[str, typer.Argument(metavar="E-MAIL", help="Het e-mailadres.", show_default=False)]
Role = Annotated[PersonRole, typer.Argument(metavar="ROL", help=", ".join(PersonRole), show_default=False)]
Org = Annotated[
    str,
    typer.Argument(
        metavar="ORGANISATIE", help="BRIN, vestiging, bestuur (vijf cijfers) of regio; voor operator niets."
    ),
]


@access.command("invite")
def invite(
    email: Email,
    role: Role,
    org: Org = "",
    name: Annotated[str, typer.Option(help="Hoe deze persoon heet.")] = "",
    show_link: Annotated[
        bool, typer.Option("--show-link", help="Toon de link hier, in plaats van hem te mailen.")
    ] = False,
) -> None:
    """Geeft iemand een rol bij een organisatie, en mailt een uitnodiging zodra de dienst draait."""

    async def work(parts: Parts, people: People) -> str:
        now = parts.clock()
        person = await giving_access.give(people, address_of(email), name, Position(role, org))
        if not show_link:
            await giving_access.mail_invitation(people, person, Position(role, org), now)
            return f"{email} is uitgenodigd."
        link = await link_for(people, AccessMail("", MailKind.INVITATION, person.email, "", "", now), now)
        return f"{parts.settings.public_url}/aanmelden/link?t={link}"

    _run(work)


@access.command("keys")
def keys(path: Annotated[Path, typer.Argument(metavar="BESTAND", show_default=False)]) -> None:
    """Maakt de sleutels van de passen voor notifier (PASS_KEYS_FILE); het openbare deel komt ernaast (SIGN_IN_JWKS_FILE)."""
    try:
        prepare_keys(path)
    except (Misconfigured, OSError) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{path} en {public_file(path)}")


@access.command("list")
def listed() -> None:
    """Toont wie toegang heeft, en als wat."""

    async def work(_parts: Parts, people: People) -> str:
        found = sorted(await people.people_at(None, MOST), key=lambda each: each.called.casefold())
        return "\n".join(_line(each) for each in found) or "Er heeft nog niemand toegang."

    _run(work)


@access.command("withdraw")
def withdraw(email: Email, role: Role, org: Org = "") -> None:
    """Trekt een rol in. Wie geen rol meer heeft, wordt gewist."""

    async def work(parts: Parts, people: People) -> str:
        await giving_access.withdraw(people, (await _person(people, email)).id, Position(role, org), parts.clock())
        return f"{email} is geen {Position(role, org).words} meer."

    _run(work)


@access.command("erase")
def erase(who: Annotated[str, typer.Argument(metavar="E-MAIL|NUMMER", show_default=False)]) -> None:
    """Wist iemand: naam, adres, rollen en sessies. Wat die persoon wijzigde blijft staan, zonder naam."""

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


if __name__ == "__main__":
    access()
