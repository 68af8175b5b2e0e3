"""Which board governs a school: whoever is there already is told, and the region alone never lets itself in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import uuid_utils

from services.capacity import handlers
from services.capacity.domain.sites import SchoolSite
from services.capacity.handlers import owning
from services.capacity.ports import Store
from services.capacity.ports.people import AccessMail, MailKind, People
from shared.errors import BasedOn, Forbidden
from shared.security.callers import Caller, Role
from shared.security.roles import PersonRole, Position

MOST_TOLD = 500
NOT_AWAY = "Alleen de beheerder haalt een bestuur weg bij een school. Vul het bestuur in dat ervoor in de plaats komt, of vraag de beheerder."


@dataclass(frozen=True, slots=True)
class Told:
    """Who can be mailed that a school has another board, and when that is; without `people` there is no mail here."""

    people: People | None
    now: datetime


async def put_site(
    store: Store, told: Told, caller: Caller, wanted: SchoolSite, based_on: BasedOn
) -> tuple[SchoolSite, bool]:
    """Makes or changes a site as they may; True when it is new. A board that is left out stays, and of another one is told."""
    wanted = await owning.as_they_may_put_it(store, caller, wanted)
    after, before = await handlers.put_site(store, wanted, based_on)
    await _tell(told, before.board if before else None, after)
    return after, before is None


async def put_board(
    store: Store, told: Told, caller: Caller, wanted: tuple[str, str | None], based_on: BasedOn
) -> SchoolSite:
    """Says which board governs a site (`wanted`: both), and tells of it.

    Raises NotFound for a site of others, and Forbidden when a region takes a board away: without one it lets people in there itself.
    """
    site, board = wanted
    await owning.check_may_put_board(store, caller, site)
    after, before = await handlers.put_board(store, site, board, based_on)
    if caller.role is Role.REGION and before.board is not None and board is None:
        raise Forbidden("bestuur-blijft", NOT_AWAY, pointer="/board")
    await _tell(told, before.board, after)
    return after


async def _tell(told: Told, before: str | None, site: SchoolSite) -> None:
    """Mails who governs a site, governed it and works there that its board is another."""
    if told.people is None or site.board == before:
        return
    text = f"{site.name or 'vestiging'} ({site.site.id}): van {_called(before)} naar {_called(site.board)}"
    for person in await told.people.people_at(_there(site.site.id, (before, site.board)), MOST_TOLD):
        identifier = str(uuid_utils.uuid7())
        if person.email:
            await told.people.add_mail(
                AccessMail(identifier, MailKind.BOARD, person.email, person.name, text, told.now)
            )


def _there(site: str, boards: Sequence[str | None]) -> list[Position]:
    """Who works at a site, and who governs it before and after."""
    trainers = [Position(PersonRole.SCHOOL_TRAINER, org) for org in (site, site[:4])]
    return [*trainers, *(Position(PersonRole.BOARD, each) for each in boards if each is not None)]


def _called(board: str | None) -> str:
    return f"bestuur {board}" if board else "geen bestuur"
