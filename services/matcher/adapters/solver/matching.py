"""Finds the option that a placement stands for."""

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.options import Option, place_at
from services.matcher.domain.plan import Placement


def option_for(atlas: Atlas, placement: Placement) -> Option | None:
    """The option with this workplace, these periods and these people; None when it is none of the student's options."""
    student = atlas.region.students.get(placement.student)
    if student is None or placement.duo_with is not None or placement.relief is not None or len(placement.wpb) != 1:
        return None
    place, share = place_at(atlas, student, placement.workplace, placement.periods), placement.wpb[0]
    if place is None or placement.so not in place.sos or placement.io not in place.ios:
        return None
    guide = next((one for one in place.guides if one.supervisor == share.supervisor), None)
    if guide is None or guide.qh != share.qh:
        return None
    return Option(place, guide, placement.so, placement.io)
