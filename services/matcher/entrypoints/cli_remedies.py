"""Tells in Dutch what would place a student: by which lever, where, at what price, and who else it concerns."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from services.matcher.domain.ids import StudentId
from services.matcher.entrypoints.cli_output import say
from services.matcher.entrypoints.cli_words import LEVERS, number_text

if TYPE_CHECKING:
    from services.matcher.adapters.solver.remedies import Remedy

OTHERS = {"nothing": "zonder hefboom anders verdelen", "longer-journey": "een half uur langer reizen"}
MOST_NAMED = 6


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
    at = one.placement
    if at is not None:
        yield f"op {at.workplace} in {', '.join(at.periods)} bij {', '.join(share.supervisor for share in at.wpb)}"
    yield f"het plan wordt {number_text(abs(one.points))} punten {'duurder' if one.points > 0 else 'goedkoper'}"
    for words, names in (("ook geplaatst", one.placed), ("plek kwijt", one.lost), ("verhuist", one.moved)):
        if names:
            yield f"{words}: {_some(names)}"


def _some(names: Sequence[StudentId]) -> str:
    more = f" en nog {len(names) - MOST_NAMED}" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
