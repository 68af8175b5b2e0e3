"""`leerplek check`: whether a plan is allowed, and whether what it says about itself is true."""

from pathlib import Path

from services.matcher.domain.checker import Violation, check, check_reasons, cost_parts
from services.matcher.domain.checker_certificate import check_certificate
from services.matcher.entrypoints import cli_files
from services.matcher.entrypoints.cli_output import print_json, print_table, say
from services.matcher.entrypoints.cli_rules import NUMBERS, RULES
from services.matcher.entrypoints.cli_words import PARTS, number_text


def check_files(region_path: Path, plan_path: Path, *, as_json: bool) -> bool:
    """Print every violation and the recomputed cost; tell whether there was none. Raises FileProblem."""
    region = cli_files.read_region(region_path)
    plan = cli_files.read_plan(plan_path, region)
    parts = cost_parts(region, plan)
    found = [*check(region, plan), *check_reasons(region, plan), *check_certificate(region, plan, parts)]
    left = len(region.students.keys() - plan.by_student().keys())
    if as_json:
        shown: dict[str, object] = {"allowed": not found, "violations": [_plain(one) for one in found]}
        print_json({**shown, "value": sum(parts.values()), "parts": parts, "unplaced": left})
        return not found
    if found:
        rows = [
            (one.rule, RULES.get(one.rule, one.message), ", ".join(one.ids), one.period or "", _numbers(one))
            for one in found
        ]
        print_table(f"{len(found)} overtredingen", ("regel", "wat hoort", "wie", "periode", "getallen"), rows)
    costs = [(PARTS[name], number_text(points)) for name, points in parts.items()]
    print_table(
        "Kosten, opnieuw berekend", ("onderdeel", "punten"), [*costs, ("samen", number_text(sum(parts.values())))], (1,)
    )
    if plan.certificate is None:
        say("Het plan heeft geen certificaat; er is geen grens om te vergelijken.")
    say(f"{len(found)} overtredingen." if found else "Het plan mag, en wat het over zichzelf zegt klopt.")
    return not found


def _plain(one: Violation) -> dict[str, object]:
    numbers = dict(one.numbers)
    return {"rule": one.rule, "message": one.message, "ids": list(one.ids), "period": one.period, "numbers": numbers}


def _numbers(one: Violation) -> str:
    return ", ".join(f"{NUMBERS.get(name, name)} {number_text(value)}" for name, value in one.numbers.items())
