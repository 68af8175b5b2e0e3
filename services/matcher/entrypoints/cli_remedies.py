"""Tells in Dutch what would place a student: by which lever, where, at what price, and who else it concerns."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from services.matcher.domain.documents import plain
from services.matcher.entrypoints.cli_output import say
from services.matcher.entrypoints.cli_wishes import effect_words
from services.matcher.entrypoints.cli_words import LEVERS, number_text

if TYPE_CHECKING:
    from services.matcher.adapters.solver.remedies import Remedy

OTHERS = {
    "nothing": "zonder hefboom anders verdelen",
    "longer-journey": "alleen deze student langer laten reizen",
    "other-period": "alleen deze student in een andere periode",
    "related-subject": "alleen deze student bij een verwant vak",
}


def remedy_document(one: "Remedy") -> dict[str, object]:
    """What was tried, as JSON: the placement that it gives or null, and its effect."""
    placement = None if one.placement is None else plain(one.placement)
    return {"name": one.name, "placement": placement, "minutes": one.minutes, **plain(one.effect)}


def print_remedies(tried: "Sequence[Remedy]") -> None:
    """A line for each that helps, cheapest first, and one for all that do not."""
    for one in tried:
        if one.placement is not None:
            say(f"    zou een plek geven: {_name(one)}: {'; '.join(_effects(one))}")
    useless = [_name(one) for one in tried if one.placement is None]
    if useless:
        say(f"    zou nu geen plek geven: {', '.join(useless)}")


def _name(one: "Remedy") -> str:
    return LEVERS.get(one.name) or OTHERS[one.name]


def _effects(one: "Remedy") -> Iterator[str]:
    at, points = one.placement, one.effect.points
    if at is None:
        return
    guides = ", ".join(share.supervisor for share in at.wpb)
    yield f"op {at.workplace} in {', '.join(at.periods)} bij {guides}, {one.minutes} minuten reizen"
    yield f"het plan wordt {number_text(abs(points))} punten {'duurder' if points > 0 else 'goedkoper'}"
    yield from effect_words(one.effect, at.student)
