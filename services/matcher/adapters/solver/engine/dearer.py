"""Moves at more than the region's price: a search that finds them cheap moves many students for little."""

from copy import copy
from dataclasses import replace
from typing import TypeVar

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.region import Region

SEEKING, SETTLING = 0.05, 0.3
"""What a move costs more while a better plan is sought, and while it is settled who has to move for it: parts of the price of an
unplaced student."""
LookUps = TypeVar("LookUps", bound=Atlas)


def region_with_dearer_moves(region: Region, part: float) -> Region:
    """Another workplace and another guide cost that part of the price of an unplaced student more."""
    costs = region.settings.costs
    more = round(part * costs.unplaced)
    dearer = replace(costs, move_workplace=costs.move_workplace + more, move_supervisor=costs.move_supervisor + more)
    return replace(region, settings=replace(region.settings, costs=dearer))


def with_dearer_moves(atlas: LookUps, part: float) -> LookUps:
    """The same look-ups at these prices: what is remembered in them is told apart from what is held, so it is shared."""
    found = copy(atlas)
    found.region = region_with_dearer_moves(atlas.region, part)
    return found
