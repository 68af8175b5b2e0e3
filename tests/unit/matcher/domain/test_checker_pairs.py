"""For every rule and every cost part of the region file's page: one plan that keeps it, one that breaks or pays it."""

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from services.matcher.adapters.solver.valuation import PARTS
from services.matcher.domain import checker
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.checker_certificate import check_certificate
from services.matcher.domain.ids import StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Certificate, Placement, Plan, Unplaced, WpbShare
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState, Relief
from services.matcher.entrypoints.cli_rules import RULES
from services.matcher.entrypoints.cli_words import PARTS as DUTCH_PARTS
from tests.support.regions import placement, plan, region, settings, site, student, supervisor, workplace


@dataclass(frozen=True)
class Case:
    """A region and a plan for it."""

    region: Region
    plan: Plan

    def broken(self) -> set[str]:
        """The rules that are found broken."""
        found = [*check(self.region, self.plan), *check_certificate(self.region, self.plan)]
        return {one.rule for one in (*found, *check_reasons(self.region, self.plan))}


def case(*changed: Any, on: str = "", to: dict[str, Any] | None = None, **given: Any) -> Case:
    """One school, two teachers, trainers, and the students that the placements name, unless things are given otherwise."""
    placements = given.pop("plan", (placement(),))
    base = [
        site(),
        workplace(seats={"2026-S1": 4}),
        *(supervisor(name) for name in ("v1", "v2", "t1", "i1")),
        student(),
    ]
    merged = {one.id: one for one in (*base, *changed) if not isinstance(one, Placement)}
    held = [one for one in changed if isinstance(one, Placement)]
    levers = {name: {"on": True, **(to or {})} for name in on.split()}
    facts = region([*merged.values(), *held], settings(levers=levers, **given))
    gone = facts.students.keys() - {one.student for one in placements}
    left = tuple(Unplaced(one, Reason.OUTWEIGHED) for one in sorted(gone))
    return Case(facts, replace(plan(facts, *placements), unplaced=left))


def shared(*given: tuple[str, int], **more: Any) -> Placement:
    return replace(placement(**more), wpb=tuple(WpbShare(SupervisorId(name), qh) for name, qh in given))


def claiming(made: Case, **wrong: Any) -> Case:
    """The plan with a certificate that is true but for what is given."""
    true = Certificate.of(cost_parts(made.region, made.plan), 0.0, 0)
    return replace(made, plan=replace(made.plan, certificate=replace(true, **wrong)))


def duo(*qh: int) -> tuple[Placement, ...]:
    return tuple(
        replace(placement(one, qh=hours), duo_with=StudentId(f"s{3 - one}"))
        for one, hours in zip((1, 2), qh, strict=True)
    )


def relieved(relief: Relief, qh: int, *numbers: int) -> tuple[Placement, ...]:
    return tuple(replace(placement(one, qh=qh), relief=relief) for one in numbers)


AGREED = (student(1, duo=True), student(2, duo=True))
TWO_SITES = (site(2), workplace(2, 2), *(supervisor(one, sites=["*"]) for one in ("v2", "t1", "i1")))
APART = (placement(1), placement(2, at=2, by="v2"))
SENIOR = (student(1, phase="lio"), *(student(one) for one in (2, 3, 4)))
SETTLED = replace(placement(), state=PlacementState.SETTLED)
LENT = supervisor("v1", at=2, lendable=True)
HEAVY = student(support=2, needs={"wpb": 6, "so": 2, "io": 1})
ENGLISH = {"student": "engels", "place": "wiskunde", "cost": 40}
LEFT = Unplaced(StudentId("s1"), Reason.SEATS_TAKEN)

Pair = tuple[Case, Case]
RULE_PAIRS: dict[str, Callable[[], Pair]] = {
    "one-placement": lambda: (case(), case(plan=(placement(), placement(by="v2")))),
    "one-reason": lambda: (case(), replace(case(), plan=replace(case().plan, unplaced=(LEFT,)))),
    "known": lambda: (case(), case(plan=(replace(placement(), workplace=WorkplaceId("w9")),))),
    "state": lambda: (case(SETTLED, plan=(SETTLED,)), case(SETTLED)),
    "period-set": lambda: (
        case(student(period_sets=[["2026-S2"], ["2026-S1"]]), on="shifted"),
        case(student(period_sets=[["2026-S2"], ["2026-S1"]])),
    ),
    "sector": lambda: (case(), case(student(sector="po"))),
    "subject": lambda: (
        case(student(subject="engels"), on="related", related=[ENGLISH]),
        case(student(subject="engels"), related=[ENGLISH]),
    ),
    "phase": lambda: (case(workplace(phases=["wpl1"])), case(workplace(phases=["lio"]))),
    "support": lambda: (case(HEAVY, site(max_support=2)), case(HEAVY, site(max_support=1))),
    "site-excluded": lambda: (case(student(not_sites=["01AA02"])), case(student(not_sites=["01AA01"]))),
    "travel": lambda: (case(student(lat=53.1, max_travel_min=200)), case(student(lat=53.1))),
    "seats": lambda: (case(workplace(seats={"2026-S1": 1})), case(workplace(seats={"2026-S1": 0}))),
    "site-minimum": lambda: (case(site(min_students=1)), case(site(min_students=2))),
    "hours": lambda: (case(supervisor("v1", qh={"2026-S1": 6})), case(supervisor("v1", qh={"2026-S1": 5}))),
    "head-count": lambda: (case(supervisor("v1", max_students=1)), case(supervisor("v1", max_students=0))),
    "together": lambda: (
        case(*TWO_SITES, student(1, together=["s2"]), student(2), plan=(placement(1), placement(2))),
        case(*TWO_SITES, student(1, together=["s2"]), student(2), plan=APART),
    ),
    "apart": lambda: (
        case(*TWO_SITES, student(1, apart=["s2"]), student(2), plan=APART),
        case(*TWO_SITES, student(1, apart=["s2"]), student(2), plan=(placement(1), placement(2))),
    ),
    "wpb-members": lambda: (
        case(on="team", plan=(shared(("v1", 3), ("v2", 3)),)),
        case(plan=(shared(("v1", 3), ("v2", 3)),)),
    ),
    "team-share": lambda: (
        case(on="team", plan=(shared(("v1", 4), ("v2", 2)),)),
        case(on="team", plan=(shared(("v1", 5), ("v2", 1)),)),
    ),
    "team-site": lambda: (
        case(site(2), supervisor("v1", sites=["01AA01", "01AA02"]), on="team", plan=(shared(("v1", 3), ("v2", 3)),)),
        case(site(2), LENT, on="team lending", plan=(shared(("v1", 3), ("v2", 3)),)),
    ),
    "wpb-tier": lambda: (case(), case(supervisor("v1", tier="so"))),
    "wpb-site": lambda: (case(site(2), LENT, on="lending"), case(site(2), LENT)),
    "wpb-subject": lambda: (
        case(supervisor("v1", subjects=["wiskunde"])),
        case(supervisor("v1", subjects=["engels"])),
    ),
    "wpb-support": lambda: (case(HEAVY, supervisor("v1", max_support=2)), case(HEAVY, supervisor("v1", max_support=1))),
    "wpb-starter": lambda: (
        case(supervisor("v1", starter=True), on="starters"),
        case(supervisor("v1", starter=True)),
    ),
    "wpb-kind": lambda: (
        case(supervisor("v1", kind="retired"), on="extra"),
        case(supervisor("v1", kind="retired")),
    ),
    "wpb-days": lambda: (
        case(student(days=["mon"]), supervisor("v1", days=["mon"])),
        case(student(days=["mon"]), supervisor("v1", days=["tue"])),
    ),
    "wpb-share": lambda: (case(), case(plan=(placement(qh=5),))),
    "so": lambda: (case(), case(plan=(replace(placement(), so=None),))),
    "io": lambda: (case(), case(plan=(replace(placement(), io=None),))),
    "io-institute": lambda: (
        case(supervisor("i1", institutes=["30GB"]), on="shared_io"),
        case(supervisor("i1", institutes=["30GB"])),
    ),
    "relief": lambda: (
        case(on="peer", to={"min_group": 1}, plan=relieved(Relief.PEER, 4, 1)),
        case(
            student(needs={"wpb": 0, "so": 2, "io": 1}),
            on="peer",
            to={"min_group": 1},
            plan=relieved(Relief.PEER, 0, 1),
        ),
    ),
    "duo": lambda: (
        case(*AGREED, on="duo", plan=duo(5, 4)),
        case(AGREED[0], student(2), on="duo", plan=duo(5, 4)),
    ),
    "peer-group": lambda: (
        case(*AGREED, on="peer", to={"min_group": 2}, plan=relieved(Relief.PEER, 4, 1, 2)),
        case(*AGREED, on="peer", to={"min_group": 2}, plan=(*relieved(Relief.PEER, 4, 1), placement(2))),
    ),
    "senior-group": lambda: (
        case(*SENIOR, on="senior", plan=(placement(1), *relieved(Relief.SENIOR, 5, 2, 3))),
        case(*SENIOR, on="senior", plan=(placement(1), *relieved(Relief.SENIOR, 5, 2, 3, 4))),
    ),
    "certificate-value": lambda: (claiming(case()), claiming(case(), value=1, gap=1.0)),
    "certificate-part": lambda: (claiming(case()), claiming(case(), parts={"unplaced": 3})),
    "certificate-bound": lambda: (claiming(case()), claiming(case(), bound=1.0, gap=-1.0)),
    "certificate-gap": lambda: (claiming(case()), claiming(case(), gap=0.5)),
    "certificate-unplaced": lambda: (claiming(case()), claiming(case(), unplaced_bound=1)),
}


def names_in_the_code() -> set[str]:
    """The first argument of every Violation that the checker's modules make."""
    found = set()
    for path in Path(checker.__file__).parent.glob("checker*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Violation":
                first = node.args[0]
                found.add(first.value if isinstance(first, ast.Constant) else ast.unparse(first))
    return {str(one) for one in found}


def test_every_rule_of_the_checker_has_a_pair_and_words() -> None:
    rules = names_in_the_code() - {"tier"} | {"so", "io"}  # one function names both trainers by their tier
    assert rules == RULE_PAIRS.keys() == RULES.keys()


@pytest.mark.parametrize("rule", RULE_PAIRS)
def test_a_rule_is_kept_by_the_one_plan_and_broken_by_the_other(rule: str) -> None:
    kept, broken = RULE_PAIRS[rule]()
    assert kept.broken() == set()
    assert broken.broken() == {rule}


CROWD = tuple(student(one) for one in range(1, 11))
COST_PAIRS: dict[str, Callable[[], tuple[Case, Case, int]]] = {
    "unplaced": lambda: (case(), case(plan=()), 100_000),
    "fairness": lambda: (
        case(*CROWD[:9], fairness={"groups": ["route"], "steps": [[1.0, 7]]}, plan=()),
        case(*CROWD, fairness={"groups": ["route"], "steps": [[1.0, 7]]}, plan=()),
        70,
    ),
    "promises": lambda: (case(SETTLED, plan=(SETTLED,)), case(SETTLED, plan=()), 300_000),
    "moves": lambda: (case(placement()), case(placement(by="v2")), 60),
    "travel": lambda: (case(student(lat=52.0)), case(student(lat=51.9)), 16),
    "wishes": lambda: (case(student(wishes=["01AA01"])), case(site(2), student(wishes=["01AA02"])), 20),
    "later_set": lambda: (
        case(student(period_sets=[["2026-S1"], ["2026-S2"]]), on="shifted"),
        case(student(period_sets=[["2026-S2"], ["2026-S1"]]), on="shifted"),
        50,
    ),
    "related": lambda: (
        case(on="related", related=[ENGLISH]),
        case(student(subject="engels"), on="related", related=[ENGLISH]),
        40,
    ),
    "team": lambda: (case(on="team"), case(on="team", plan=(shared(("v1", 3), ("v2", 3)),)), 30),
    "lending": lambda: (case(on="lending"), case(site(2), LENT, on="lending"), 40),
    "starter": lambda: (case(on="starters"), case(supervisor("v1", starter=True), on="starters"), 30),
    "load": lambda: (case(*AGREED, plan=(placement(1), placement(2, by="v2"))), case(*AGREED, plan=duo(6, 6)), 5),
}


def test_every_part_of_the_cost_has_a_pair_and_words() -> None:
    assert set(PARTS) == COST_PAIRS.keys() == DUTCH_PARTS.keys() == cost_parts(case().region, case().plan).keys()


@pytest.mark.parametrize("part", COST_PAIRS)
def test_a_part_of_the_cost_is_nothing_for_the_one_plan_and_its_price_for_the_other(part: str) -> None:
    free, priced, points = COST_PAIRS[part]()
    assert cost_parts(free.region, free.plan)[part] == 0
    assert cost_parts(priced.region, priced.plan)[part] == points


def calls_of(number: int) -> int:
    """How many calls the checker makes to judge a plan of so many students at one site, all of whom have a placement."""
    crowd = [student(one) for one in range(1, number + 1)]
    helped = relieved(Relief.PEER, 4, *range(1, number + 1))
    made = case(*crowd, *helped, workplace(seats={"2026-S1": 999}), on="peer senior", plan=helped)
    calls = 0

    def count(_frame: Any, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        check(made.region, made.plan)
        cost_parts(made.region, made.plan)
    finally:
        sys.setprofile(None)
    return calls


def test_four_times_as_many_students_are_judged_with_about_four_times_as_many_calls() -> None:
    calls_of(2)
    assert calls_of(200) < 5 * calls_of(50)
