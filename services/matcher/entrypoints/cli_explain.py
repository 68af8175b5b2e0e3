"""`leerplek explain`: why somebody has no place, who holds what they need, and why others are where they are."""

from pathlib import Path

import typer

from services.matcher.domain import insight
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.documents import plain
from services.matcher.domain.ids import StudentId
from services.matcher.domain.insight import Placed, Share, Waiting
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.plan import Plan
from services.matcher.domain.reading import Problem
from services.matcher.domain.region import Region
from services.matcher.entrypoints import cli_files
from services.matcher.entrypoints.cli_facts import fact_text
from services.matcher.entrypoints.cli_output import print_json, print_table, say
from services.matcher.entrypoints.cli_words import GROUPS, REASONS, number_text, percent_text

MOST_SHOWN = 12
"""So many holders are named at most in a table; --json names all."""


def explain_files(region_path: Path, plan_path: Path, students: list[str], *, as_json: bool) -> None:
    """Explain these students, or everybody without a place; raises FileProblem, also for an unknown student."""
    region = cli_files.read_region(region_path)
    plan = cli_files.read_plan(plan_path, region)
    unknown = [Problem("STUDENT", one, "the id of a student") for one in students if one not in region.students]
    if unknown:
        raise cli_files.FileProblem(region_path, unknown)
    ledger = Ledger(Atlas(region), plan.by_student().values())
    asked = [StudentId(one) for one in students] or sorted(region.students.keys() - ledger.placed.keys())
    waiting = [insight.waiting(ledger, one) for one in asked if one not in ledger.placed]
    placed = [insight.placed(ledger, one) for one in asked if one in ledger.placed]
    shares = insight.shares(region, plan)
    if as_json:
        print_json(
            {
                "unplaced": [{**plain(one.told), "holders": list(one.holders)} for one in waiting],
                "placed": [_placed_document(one) for one in placed],
                "fairness": [{**plain(one), "too_much": one.is_too_much} for one in shares],
            }
        )
        return
    _print_waiting(waiting)
    for one in placed:
        _print_placed(region, one)
    _print_shares(region, plan, shares)


def _placed_document(one: Placed) -> dict[str, object]:
    missed = [{"site": wish.site, "rank": wish.rank, **plain(wish.told)} for wish in one.missed]
    where = {"site": one.site, "minutes": one.minutes, "wish": one.wish}
    return {"student": one.placement.student, "placement": plain(one.placement), **where, "missed": missed}


def _print_waiting(waiting: list[Waiting]) -> None:
    for one in waiting:
        told = one.told
        say(f"{told.student}: geen plek. {REASONS[told.reason]} [{told.reason}]")
        for name, value in told.facts.items():
            say(f"    {fact_text(name)}: {number_text(value)}")
        if told.workplaces:
            say(f"    leerwerkplekken: {_some(told.workplaces)}")
        if told.supervisors:
            say(f"    begeleiders: {_some(told.supervisors)}")
        if one.holders:
            say(f"    dit hebben nu: {_some(one.holders)}")


def _some(names: tuple[str, ...]) -> str:
    more = f" en nog {len(names) - MOST_SHOWN}" if len(names) > MOST_SHOWN else ""
    return ", ".join(names[:MOST_SHOWN]) + more


def _print_placed(region: Region, one: Placed) -> None:
    at = one.placement
    people = ", ".join(f"{share.supervisor} ({share.qh} kwartier)" for share in at.wpb)
    workplace = region.workplaces[at.workplace]
    say(f"{at.student}: op {one.site}, plek {at.workplace} ({workplace.subject}), {', '.join(at.periods)}.")
    say(f"    begeleiding: {people}; schoolopleider {at.so or 'geen'}; instituutsopleider {at.io or 'geen'}")
    wished = "geen wensen" if not region.students[at.student].wishes else "niet gewenst"
    say(f"    reistijd {one.minutes} minuten; {wished if one.wish is None else f'wens {one.wish + 1}'}")
    for wish in one.missed:
        fits = wish.told.facts.get("places-free", 0) > 0
        why = "Het zou er passen, maar het hele plan wordt dan duurder." if fits else REASONS[wish.told.reason]
        say(f"    niet op wens {wish.rank + 1}, {wish.site}: {why}")


def _print_shares(region: Region, plan: Plan, shares: list[Share]) -> None:
    left = len(region.students) - len(plan.by_student())
    overall = left / max(1, len(region.students))
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
        title = f"Niet geplaatst per groep; over alle studenten {percent_text(overall)}"
        print_table(title, ("kenmerk", "groep", "studenten", "zonder plek", "aandeel", ""), rows, right=(2, 3, 4))
    if any(one.is_too_much for one in shares):
        typer.echo("Let op: een groep met 'let op' heeft ruim 5 procentpunt meer niet-geplaatsten dan gemiddeld.")
    if not left:
        say("Iedereen heeft een plek.")
