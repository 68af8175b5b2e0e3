"""The page about signals tells the numbers that hold."""

import re
from pathlib import Path

from services.matcher.domain.signals.table import RULES
from shared.contracts.signals import AtRiskRule

PAGE = Path(__file__).parents[4] / "docs" / "signalen.md"


def rows() -> dict[str, list[str]]:
    """The cells of each rule's row."""
    lines = (line for line in PAGE.read_text().splitlines() if line.startswith("| `"))
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {one[0].strip("` "): one for one in cells}


def test_the_page_has_the_numbers_of_every_rule() -> None:
    told = {name: row for name, row in rows().items() if name != "placement.lost"}
    assert told.keys() == {name.value for name in RULES}
    for name, rule in RULES.items():
        worse = str(rule.worse_by) + (f" en {rule.worse_percent} %" if rule.worse_percent else "")
        numbers = [str(rule.raised_from), str(rule.better_at), str(rule.better_days), worse]
        assert told[name][4:] == numbers, name


def test_every_rule_by_which_a_student_is_at_risk_has_its_row() -> None:
    named = {re.sub(r"-(30|14)-days$", "", one.value) for one in AtRiskRule}
    assert named <= {name.value for name in RULES}
