"""Giving people access to what is of an organisation, and taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import uuid_utils

from services.capacity.domain.people import GIVERS, Person, check_may_give, check_not_own_address, reach
from services.capacity.domain.sites import SchoolSite
from services.capacity.handlers.owning import MOST_SITES, sites_of
from services.capacity.ports import SiteFilter, Store
from services.capacity.ports.people import AccessMail, MailKind, People
from shared.errors import Conflict, Forbidden, NotFound
from shared.security.roles import PersonRole, Position

INVITED, WITHDRAWN, ERASED = (
    "nl.leerplek.access.given",
    "nl.leerplek.access.withdrawn",
    "nl.leerplek.access.erased",
)
"""What the audit calls them."""
FROM_PROVIDER = "Deze rol komt van de eigen organisatie van deze persoon. Laat haar daar intrekken."


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives access, with the sites and institutes that are theirs."""

    position: Position
    sites: Sequence[SchoolSite] = ()
    institutes: Sequence[str] = ()

    @property
    def reach(self) -> frozenset[Position] | None:
        """What they may give; None: anything."""
        return None if self.position.role is PersonRole.OPERATOR else reach(self.position, self.sites, self.institutes)

    @property
    def roles(self) -> Sequence[PersonRole]:
        """The roles that they may give."""
        return GIVERS.get(self.position.role, ())


async def giver(store: Store, position: Position) -> Giver:
    """Who gives; raises Forbidden for a role that gives nobody access."""
    if position.role not in GIVERS:
        raise Forbidden("niet-voor-deze-rol", "Uw rol geeft niemand toegang.")
    if position.role in (PersonRole.OPERATOR, PersonRole.INSTITUTE_COORDINATOR):
        return Giver(position)
    sites = await store.sites_where(sites_of(position.caller), None, MOST_SITES)
    region = await store.region(position.org) if position.role is PersonRole.PROGRAMME_MANAGER else None
    return Giver(position, sites, region.terms.institutes if region else ())


async def check_given(store: Store, who: Giver, wanted: Position) -> None:
    """Raises Forbidden when what the position is about is not all the giver's own."""
    theirs: Sequence[SchoolSite] = ()
    if wanted.role is PersonRole.SCHOOL_TRAINER:
        theirs = await store.sites_where(SiteFilter(school=wanted.org), None, MOST_SITES)
    check_may_give(who.position, wanted, (who.sites, who.institutes), theirs)


async def check_not_oneself(people: People, giver: str, email: str) -> None:
    """Raises Forbidden when this is the giver's own address."""
    own = await people.person(giver)
    check_not_own_address(own.email if own is not None else "", email)


async def invite(people: People, email: str, name: str, position: Position, now: datetime) -> None:
    """Gives somebody at this address a position, and mails them; who has it already is only mailed again."""
    await mail_invitation(people, await give(people, email, name, position), position, now)


async def give(people: People, email: str, name: str, position: Position) -> Person:
    """Gives somebody at this address a position, which they may have already."""
    known = await people.with_address(email)
    person = known or Person(str(uuid_utils.uuid7()), name, email, ())
    if known is None:
        await people.add(person)
    if position not in person.positions:
        await people.give(person.id, position)
        await people.note(INVITED, person.id, position)
    return person


async def mail_invitation(people: People, person: Person, position: Position, now: datetime) -> None:
    """Has somebody told by mail what they are now, with a link to sign in."""
    identifier = str(uuid_utils.uuid7())
    await people.add_mail(AccessMail(identifier, MailKind.INVITATION, person.email, person.name, position.words, now))


async def withdraw(people: People, person: str, position: Position, now: datetime) -> None:
    """Takes a position back and says so by mail; who has none left is erased. Raises NotFound, and Conflict for a provider's."""
    held = await people.person(person)
    if held is None or position not in held.positions:
        raise NotFound("onbekende-persoon", "Deze persoon of rol kennen we niet.")
    if held.is_from_provider:
        raise Conflict("van-eigen-organisatie", FROM_PROVIDER)
    await people.add_mail(
        AccessMail(str(uuid_utils.uuid7()), MailKind.WITHDRAWN, held.email, held.name, position.words, now)
    )
    await people.note(WITHDRAWN, person, position)
    await people.take(person, position)
    if held.positions == (position,):
        await erase(people, person)


async def invite_again(people: People, person: str, position: Position, now: datetime) -> None:
    """Mails somebody once more what they are, with a new link; raises NotFound for who is not that."""
    held = await people.person(person)
    if held is None or position not in held.positions:
        raise NotFound("onbekende-persoon", "Deze persoon of rol kennen we niet.")
    if held.is_from_provider:
        raise Conflict("van-eigen-organisatie", "Deze persoon meldt zich aan bij de eigen organisatie.")
    await mail_invitation(people, held, position, now)


async def erase(people: People, person: str) -> None:
    """Deletes somebody, whatever they are; raises NotFound."""
    if await people.person(person) is None:
        raise NotFound("onbekende-persoon", "Deze persoon kennen we niet.")
    await people.erase(person)
    await people.note(ERASED, person)
