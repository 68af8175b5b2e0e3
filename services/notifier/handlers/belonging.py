"""Whose something is: of an organisation itself, of a site of a school, of a site of a board."""

from collections.abc import Collection

from services.notifier.domain.contacts import is_board, is_part_of
from services.notifier.ports.knowledge import KnowledgeStore


async def is_of(store: KnowledgeStore, codes: Collection[str], organisation: str | None) -> bool:
    """Whether one of these codes is of the organisation; to whoever runs Leerplek (None) everything is."""
    if organisation is None:
        return True
    if is_board(organisation):
        return any(each.board == organisation for each in (await store.sites(codes)).values())
    return any(is_part_of(each, organisation) for each in codes)
