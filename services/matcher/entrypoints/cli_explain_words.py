"""Tells explanations in plain Dutch: reasons, who holds what, and what one more of something scarce is worth."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from services.matcher.domain.competing import Waiting
from services.matcher.domain.ids import StudentId
from services.matcher.domain.insight import Placed, Share
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.scarcity import Limit, Thing
from services.matcher.entrypoints.cli_facts import HELD_UP, facts_text
from services.matcher.entrypoints.cli_output import print_table, say
from services.matcher.entrypoints.cli_remedies import print_remedies
from services.matcher.entrypoints.cli_wishes import never_text
from services.matcher.entrypoints.cli_words import GROUPS, REASONS, number_text, percent_text

if TYPE_CHECKING:
    from services.matcher.adapters.solver.remedies import Remedy

MOST_NAMED = 6
"""So many ids are named at most in a line; --json names all."""
MOST_CHEAPER = 3
"""So many cheaper places of one student are told at most."""
WOULD_FIT = "het zou er passen, maar het hele plan wordt dan duurder"
MOST_TOLD = 25
"""So many students are told one by one when nobody asked for them by name."""


def print_waiting(
    waiting: Sequence[Waiting],
    scarce: Mapping[StudentId, Sequence[Limit]],
    helping: Mapping[StudentId, "Sequence[Remedy]"],
    *,
    is_asked: bool,
) -> None:
    """Every student with the reason and what is behind it; of many first how many there are of each reason."""
    if len(waiting) > 1:
        counts = Counter(one.told.reason for one in waiting)
        rows = [(number, REASONS[reason], reason.value) for reason, number in counts.most_common()]
        title = f"{number_text(len(waiting))} studenten zonder plek, per reden"
        print_table(title, ("studenten", "waarom", "code"), rows, right=(0,))
    shown = waiting if is_asked else waiting[:MOST_TOLD]
    for one in shown:
        _print_one(one, scarce.get(one.told.student, ()))
        print_remedies(helping.get(one.told.student, ()))
    if len(shown) < len(waiting):
        say(f"… en nog {number_text(len(waiting) - len(shown))}; noem ze bij hun id, of gebruik --json voor allemaal.")


def _print_one(one: Waiting, scarce: Sequence[Limit]) -> None:
    told = one.told
    say(f"{told.student}: geen plek. {REASONS[told.reason]} [{told.reason}]")
    for line in (
        facts_text(told.reason, told.facts),
        _named(("leerwerkplek", "leerwerkplekken"), told.workplaces),
        _named(("begeleider", "begeleiders"), told.supervisors),
        _named(("dit heeft nu", "dit hebben nu"), one.holders),
        _named(("kan alleen in plaats van", "kan in plaats van een van"), one.instead_of),
        _named(("wacht hier ook op", "wachten hier ook op"), one.rivals),
    ):
        if line:
            say(f"    {line}")
    if scarce:
        say(f"    schaars: {'; '.join(_scarce(scarce))}")


def _named(words: tuple[str, str], names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" en nog {number_text(len(names) - MOST_NAMED)}" if len(names) > MOST_NAMED else ""
    return f"{words[len(names) > 1]}: {', '.join(names[:MOST_NAMED])}{more}"


def _scarce(limits: Sequence[Limit]) -> Iterator[str]:
    """Limits with one price in one sentence."""
    for (thing, period, points), found in groupby(limits, lambda one: (one.thing, one.period, one.points)):
        names = [one.id for one in found]
        some = ", ".join(names[:-1]) + f" of {names[-1]}" if len(names) > 1 else names[0]
        unit = "kwartier bij" if thing is Thing.HOURS else "plaats op"
        yield f"een {unit} {some} in {period} is hoogstens {_points(points)} waard"


def print_limits(region: Region, dearest: Sequence[Limit], skipped: float | None) -> None:
    """The dearest limits of the region, or why there are none."""
    if skipped is not None:
        seconds = number_text(max(1.0, skipped))
        say(
            f"Wat schaars is en wat het kost is niet uitgerekend: dat duurt ongeveer {seconds} seconden. Met --prices wel."
        )
        return
    if not dearest:
        say("Van geen enkele begeleider of leerwerkplek is bewezen dat een kwartier of plaats erbij iets waard is.")
        return
    rows = [(_what(region, one), one.period, number_text(one.points)) for one in dearest]
    print_table("Wat het meest knelt", ("erbij", "periode", "hoogstens waard (punten)"), rows, right=(2,))
    price = number_text(region.settings.costs.unplaced)
    say(f"Een student zonder plek kost {price} punten, en meer als die bij een groep hoort die al veel mist.")
    say("Zo veel daalt hoogstens de bewezen grens met één erbij. Wat het echt scheelt, rekent leerplek scenario uit.")


def _what(region: Region, limit: Limit) -> str:
    if limit.thing is Thing.SEATS:
        workplace = next(one for one in region.workplaces.values() if one.id == limit.id)
        return f"een plaats op {limit.id} ({workplace.subject}, {workplace.site})"
    person = next(one for one in region.supervisors.values() if one.id == limit.id)
    sites = ", ".join(person.sites[:2]) + (f" en nog {len(person.sites) - 2}" if len(person.sites) > 2 else "")
    subjects = f"{', '.join(person.subjects[:2])}; " if person.subjects else ""
    return f"een kwartier per week bij {person.tier} {limit.id} ({subjects}{sites})"


def print_placed(region: Region, one: Placed) -> None:
    """Where a student is, with whom, and why not at an earlier wish."""
    at = one.placement
    people = ", ".join(f"{share.supervisor} ({_quarters(share.qh)})" for share in at.wpb)
    workplace = region.workplaces[at.workplace]
    say(f"{at.student}: op {one.site}, plek {at.workplace} ({workplace.subject}), {', '.join(at.periods)}.")
    say(f"    begeleiding: {people}; schoolopleider {at.so or 'geen'}; instituutsopleider {at.io or 'geen'}")
    wished = "geen wensen" if not region.students[at.student].wishes else "niet gewenst"
    minutes = f"{one.minutes} {'minuut' if one.minutes == 1 else 'minuten'}"
    say(f"    reistijd {minutes}; {wished if one.wish is None else f'wens {one.wish + 1}'}")
    for wish in one.missed:
        fits = wish.told.facts.get("places-free", 0) > 0
        why = WOULD_FIT if fits else never_text(wish.told)
        say(f"    niet op wens {wish.rank + 1}, {wish.site}: {why}")
    _print_cheaper(one)


def _print_cheaper(one: Placed) -> None:
    """Why here: no place costs less for this student, or what keeps them from those that do."""
    if not one.cheaper:
        say("    waarom hier: geen enkele plek kost voor deze student minder punten")
    for each in one.cheaper[:MOST_CHEAPER]:
        name, less = f"{each.workplace} ({each.site}, {', '.join(each.periods)})", _points(each.points)
        why = f"daar {' en '.join(HELD_UP[reason] for reason in each.reasons)}" if each.reasons else WOULD_FIT
        say(f"    niet op {name}, {less} goedkoper: {why}")
    if len(one.cheaper) > MOST_CHEAPER:
        say(f"    … en nog {number_text(len(one.cheaper) - MOST_CHEAPER)} goedkopere plekken; --json noemt ze allemaal")


def _points(number: int) -> str:
    return f"{number_text(number)} {'punt' if number == 1 else 'punten'}"


def _quarters(number: int) -> str:
    return f"{number} {'kwartier' if number == 1 else 'kwartieren'}"


def print_shares(region: Region, plan: Plan, shares: Sequence[Share]) -> None:
    """The groups with somebody without a place, and who carries too much."""
    left = len(region.students) - len(plan.by_student())
    rows = [
        (
            GROUPS.get(one.attribute, one.attribute),
            one.group,
            one.size,
            one.unplaced,
            percent_text(one.unplaced / one.size),
            "let op" if one.is_too_much else "",
        )
        for one in shares
        if one.unplaced
    ]
    if rows:
        title = f"Niet geplaatst per groep; over alle studenten {percent_text(left / max(1, len(region.students)))}"
        print_table(title, ("kenmerk", "groep", "studenten", "zonder plek", "aandeel", ""), rows, right=(2, 3, 4))
    if any(one.is_too_much for one in shares):
        say("Let op: een groep met 'let op' heeft ruim 5 procentpunt meer niet-geplaatsten dan gemiddeld.")
