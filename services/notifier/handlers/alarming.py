"""Tells the operator of mails that were given up: found again at every look until each road has told it.

A process that dies on the way tells it twice by one road, and never not at all.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

import structlog

from services.notifier.domain.dead_letters import DeadLetter
from services.notifier.ports import Store
from services.notifier.ports.alarming import Road
from shared.errors import TransientError

log = structlog.get_logger(__name__)

AT_A_TIME = 500
"""So many in one telling: when a mail server refuses everything for a day the operator gets few mails, not thousands."""


@dataclass(frozen=True, slots=True)
class Alarmed:
    """What one look did: of how many mails it was told by every road, and of how many not yet."""

    told: int
    waiting: int


async def sound_alarm(transaction: Callable[[], AbstractAsyncContextManager[Store]], roads: Sequence[Road]) -> Alarmed:
    """One look; a road that is closed keeps none of the others, and is tried at the next look. One process at a time."""
    async with transaction() as store:
        letters = await store.dead_letters(AT_A_TIME)
    held = {letter.mail: letter for letter in letters}
    for road in roads:
        untold = [letter for letter in held.values() if road.name not in letter.gone]
        if untold and await _tells(road, untold):
            after = [replace(letter, gone=letter.gone | {road.name}) for letter in untold]
            held |= {letter.mail: letter for letter in after}
            async with transaction() as store:
                await store.save_gone(after)
    names = {road.name for road in roads}
    done = [letter.mail for letter in held.values() if names <= letter.gone]
    if done:
        async with transaction() as store:
            await store.drop_dead_letters(done)
    return Alarmed(len(done), len(held) - len(done))


async def _tells(road: Road, letters: Sequence[DeadLetter]) -> bool:
    try:
        await road.tell(letters)
    except TransientError as problem:
        log.error("alarm did not go", road=road.name, mails=len(letters), problem=str(problem)[:200])
        return False
    return True
