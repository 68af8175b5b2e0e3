"""Whose something is: of an organisation itself, of a site of a school, of a site of a board."""

from collections.abc import Collection

from services.notifier.domain.contacts import Role, is_board, is_part_of
from services.notifier.domain.subscriptions import roles_in
from services.notifier.ports.knowledge import KnowledgeStore
from services.notifier.ports.looking import LookingStore

MOST_SITES = 1_000
"""No board has so many."""


async def is_of(store: KnowledgeStore, codes: Collection[str], organisation: str | None) -> bool:
    """Whether one of these codes is of the organisation; to whoever runs Leerplek (None) everything is."""
    if organisation is None:
        return True
    if organisation in codes:
        return True
    if is_board(organisation):
        return any(each.board == organisation for each in (await store.sites(codes)).values())
    return any(is_part_of(each, organisation) for each in codes)


async def sites_of(store: LookingStore, organisation: str) -> list[str]:
    """The sites of a school or a board that are known, in order; none of what is neither."""
    is_head = is_board(organisation) or is_part_of(f"{organisation}00", organisation)
    return (
        [each for each in await store.organisations("", MOST_SITES, organisation) if each != organisation]
        if is_head
        else []
    )


async def roles_of(store: LookingStore, organisation: str) -> list[Role]:
    """The roles that somebody may have in this organisation: none in a school as a whole, whose people belong to its sites."""
    return [] if await sites_of(store, organisation) else roles_in(organisation)
