"""Tells in Dutch what it would cost to grant a student a wish, who feels it, or which rule forbids it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from services.matcher.domain.documents import plain
from services.matcher.domain.effects import Effect
from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.entrypoints.cli_facts import facts_text
from services.matcher.entrypoints.cli_output import print_table, say
from services.matcher.entrypoints.cli_words import PARTS, REASONS_AT, number_text, signed_text

if TYPE_CHECKING:
    from services.matcher.adapters.solver.wishes import Grant

MOST_NAMED = 6
"""So many ids are named at most in a line; --json names all."""


def grants_document(grants: "Sequence[Grant]") -> list[dict[str, object]]:
    """Each wish as JSON: a rule under `never`, or a placement and its effect."""
    return [
        {
            **plain(one.wanted),
            "never": None if one.never is None else plain(one.never),
            "placement": None if one.placement is None else plain(one.placement),
            **({} if one.effect is None else {**plain(one.effect), "spare": one.spare, "price": one.price}),
            "proven": one.is_proven,
        }
        for one in grants
    ]


def print_grants(student: StudentId, grants: "Sequence[Grant]") -> None:
    """A table of what each wish costs, and what the figures are worth."""
    if not grants:
        say(f"    {student} heeft geen andere wensen dan waar hij of zij is.")
        return
    rows = [(_name(one), one.wanted.site, _answer(one), _points(one), "; ".join(_felt(one))) for one in grants]
    columns = ("wat", "school", "kan het?", "wat het kost (punten)", "wie merkt het")
    print_table(f"{student}: wat een andere plek kost", columns, rows, right=(3,))
    spare = min(one.spare for one in grants)
    if spare:
        say(f"Ook zonder wens kan dit plan hier {number_text(-spare)} punten goedkoper; dat is van de prijs af.")
    open_ones = [one for one in grants if one.placement is not None and not one.is_proven]
    if open_ones:
        say("Elk plan hierachter mag, dus zo kan het; een goedkopere manier is misschien mogelijk.")
    elif any(one.placement is not None for one in grants):
        say("Bewezen: goedkoper kan het niet.")


def _name(one: "Grant") -> str:
    if one.wanted.workplace is not None:
        return f"plek {one.wanted.workplace}"
    return "gevraagd" if one.wanted.rank is None else f"wens {one.wanted.rank + 1}"


def _answer(one: "Grant") -> str:
    at = one.placement
    if one.never is not None:
        return f"nooit: {never_text(one.never)}"
    if at is None:
        return (
            "nee: geen enkel plan met deze plek mag"
            if one.is_proven
            else "niet gevonden, ook niet als 120 studenten verhuizen"
        )
    guides = ", ".join(share.supervisor for share in at.wpb)
    return f"ja, op {at.workplace} in {', '.join(at.periods)} bij {guides}"


def never_text(never: Unplaced) -> str:
    """The rule in words for one school, with the figures behind it."""
    if never.facts.get("excluded-workplaces") and "nearest-min" not in never.facts:
        return "de school is voor deze student uitgesloten"
    told = JOURNEY if never.reason is Reason.NO_WORKPLACE_IN_REACH else HOURS
    facts = facts_text(never.reason, {name: number for name, number in never.facts.items() if name in told})
    return REASONS_AT[never.reason] + (f" ({facts})" if facts else "")


JOURNEY, HOURS = ("limit-min", "nearest-min"), ("short-qh",)


def _points(one: "Grant") -> str:
    if one.effect is None:
        return ""
    parts = [f"{PARTS[name]} {signed_text(points)}" for name, points in one.effect.parts.items()]
    return signed_text(one.price) + (f" ({', '.join(parts)})" if len(parts) > 1 and not one.spare else "")


def _felt(one: "Grant") -> Iterator[str]:
    if one.effect is not None and one.placement is not None:
        yield from effect_words(one.effect, one.placement.student)


def effect_words(found: Effect, apart_from: StudentId) -> Iterator[str]:
    """Who else gets a place, loses one, moves or gets another guide; not the student it is about."""
    for words, names in (
        ("plek kwijt", found.lost),
        ("verhuist", found.moved),
        ("andere begeleider", found.reguided),
        ("ook geplaatst", found.placed),
    ):
        others = [name for name in names if name != apart_from]
        if others:
            more = f" en nog {len(others) - MOST_NAMED}" if len(others) > MOST_NAMED else ""
            yield f"{words}: {', '.join(others[:MOST_NAMED])}{more}"
