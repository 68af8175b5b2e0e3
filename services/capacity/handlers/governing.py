"""Which board governs a school: whoever is there already is told, and the region alone never lets itself in."""

from collections.abc import Sequence
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


async def put_board(
    store: Store,
    people: People | None,
    caller: Caller,
    wanted: tuple[str, str | None],
    based_on: BasedOn,
    now: datetime,
) -> SchoolSite:
    """Says which board governs a site (`wanted`: both), and mails (where there are `people`) who governs it and works there.

    Raises NotFound for a site of others, and Forbidden when a region takes a board away: without one it lets people in there itself.
    """
    site, board = wanted
    await owning.check_may_put_board(store, caller, site)
    before = (await store.sites([site]))[site]
    if caller.role is Role.REGION and before.board is not None and board is None:
        raise Forbidden("bestuur-blijft", NOT_AWAY, pointer="/board")
    after = await handlers.put_board(store, site, board, based_on)
    if people is not None and after.board != before.board:
        text = f"{after.name or 'vestiging'} ({site}): van {_called(before.board)} naar {_called(after.board)}"
        for person in await people.people_at(_there(site, (before.board, after.board)), MOST_TOLD):
            identifier = str(uuid_utils.uuid7())
            if person.email:
                await people.add_mail(AccessMail(identifier, MailKind.BOARD, person.email, person.name, text, now))
    return after


def _there(site: str, boards: Sequence[str | None]) -> list[Position]:
    """Who works at a site, and who governs it before and after."""
    trainers = [Position(PersonRole.SCHOOL_TRAINER, org) for org in (site, site[:4])]
    return [*trainers, *(Position(PersonRole.BOARD, each) for each in boards if each is not None)]


def _called(board: str | None) -> str:
    return f"bestuur {board}" if board else "geen bestuur"
