"""The checker: for every rule a plan that keeps it and one that breaks it."""

from dataclasses import replace
from typing import Any

import pytest

from services.matcher.domain.checker import check, check_reasons
from services.matcher.domain.ids import StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Placement, Plan, Unplaced, WpbShare
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState, Relief
from tests.support.regions import placement, plan, region, settings, site, student, supervisor, workplace

Things = list[Any]


def world(*changed: Any, count: int = 1, **given: Any) -> Region:
    """One school with a workplace, two teachers, trainers and students; what is given replaces what has its id."""
    base: Things = [site(), workplace(), *(supervisor(name) for name in ("v1", "v2", "t1", "i1"))]
    base += [student(number) for number in range(1, count + 1)]
    new = {getattr(one, "id", None): one for one in changed}
    kept = [new.pop(one.id, one) for one in base]
    return region([*kept, *new.values()], settings(**given))


def rules(facts: Region, *placements: Placement) -> set[str]:
    return {violation.rule for violation in check(facts, plan(facts, *placements))}


def lever(name: str, **given: Any) -> dict[str, Any]:
    return {"levers": {name: {"on": True, **given}}}


def shares(*given: tuple[str, int]) -> tuple[WpbShare, ...]:
    return tuple(WpbShare(SupervisorId(name), qh) for name, qh in given)


def named(number: int) -> StudentId:
    return StudentId(f"s{number}")


def test_the_base_plan_breaks_nothing() -> None:
    assert rules(world(), placement()) == set()


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("sector", student(sector="po")),
        ("subject", student(subject="engels")),
        ("phase", workplace(phases=["lio"])),
        ("support", site(max_support=1)),
        ("site-excluded", student(not_sites=["01AA01"])),
        ("site-excluded", student(only_sites=["02AA01"])),
        ("travel", student(lat=53.1)),
        ("travel", student(lat=52.2, max_travel_min=10)),
        ("period-set", student(period_sets=[["2026-S2"], ["2026-S1"]])),
        ("seats", workplace(seats={"2026-S1": 0})),
        ("seats", workplace(seats={})),
        ("site-minimum", site(min_students=2)),
        ("wpb-tier", supervisor("v1", tier="so")),
        ("wpb-site", supervisor("v1", at=2)),
        ("wpb-subject", supervisor("v1", subjects=["engels"])),
        ("wpb-starter", supervisor("v1", starter=True)),
        ("wpb-kind", supervisor("v1", kind="retired")),
        ("so", supervisor("t1", at=2)),
        ("so", supervisor("t1", tier="io")),
        ("so", student(needs={"wpb": 6, "so": 0, "io": 1})),
        ("io", supervisor("i1", at=2)),
        ("io-institute", supervisor("i1", institutes=["30GB"])),
        ("io-institute", supervisor("i1", institutes=[])),
        ("hours", supervisor("v1", qh={"2026-S1": 5})),
        ("hours", supervisor("t1", qh={"2026-S1": 3})),
        ("hours", supervisor("i1", qh={"2026-S1": 1})),
        ("hours", supervisor("v1", departs="2026-10-01")),
        ("head-count", supervisor("v1", max_students=0)),
        ("head-count", supervisor("t1", max_students=0)),
        ("wpb-share", student(needs={"wpb": 7, "so": 2, "io": 1})),
    ],
)
def test_each_rule_on_a_place_or_person_is_found_broken(rule: str, changed: Any) -> None:
    facts = world(changed)
    if rule == "support":
        facts = world(changed, student(support=2, needs={"wpb": 6, "so": 2, "io": 1}))
    assert rules(facts, placement()) == {rule}


@pytest.mark.parametrize(
    ("changed", "given"),
    [
        (student(subject="engels"), {**lever("related"), "related": [{"student": "engels", "place": "wiskunde"}]}),
        (student(lat=53.1, max_travel_min=200), {}),
        (student(period_sets=[["2026-S2"], ["2026-S1"]]), lever("shifted")),
        (supervisor("v1", sites=["*"]), {}),
        (supervisor("v1", starter=True), lever("starters")),
        (supervisor("v1", kind="retired"), lever("extra")),
        (supervisor("i1", institutes=["30GB"]), lever("shared_io")),
        (supervisor("v1", qh={"2026-S1": 6}, max_students=1), {}),
        (supervisor("t1", qh={"2026-S1": 4}), {}),
        (supervisor("i1", qh={"2026-S1": 2}), {}),
        (supervisor("t1", subjects=["engels"], days=["sun"], max_support=1, starter=True, kind="coach"), {}),
        (student(only_sites=["01AA01"]), {}),
        (site(min_students=1), {}),
    ],
)
def test_each_rule_on_a_place_or_person_is_found_kept(changed: Any, given: dict[str, Any]) -> None:
    assert rules(world(changed, **given), placement()) == set()


def test_a_supervisor_guides_up_to_their_support_class() -> None:
    facts = world(student(support=2, needs={"wpb": 6, "so": 2, "io": 1}), supervisor("v1", max_support=1))
    assert rules(facts, placement()) == {"wpb-support"}
    assert rules(facts, placement(by="v2")) == set()


def test_days_count_only_when_both_name_them() -> None:
    pupil = student(days=["mon", "tue"])
    assert rules(world(pupil, supervisor("v1", days=["wed"])), placement()) == {"wpb-days"}
    assert rules(world(pupil, supervisor("v1", days=["tue"])), placement()) == set()
    assert rules(world(pupil), placement()) == set()


def test_seats_and_head_counts_hold_for_all_together() -> None:
    three = [placement(number) for number in (1, 2, 3)]
    assert rules(world(count=3), *three) == {"seats"}
    facts = world(supervisor("v1", max_students=1), count=2)
    assert rules(facts, *three[:2]) == {"head-count"}
    assert rules(facts, placement(1), placement(2, by="v2")) == set()


def test_a_trainer_pays_for_each_site_once() -> None:
    both = ["01AA01", "01AA02"]
    far = [site(2), workplace(2, 2), supervisor("t1", sites=both, qh={"2026-S1": 8}), supervisor("i1", sites=both)]
    facts = world(*far, supervisor("v2", 2), count=2)
    apart = (placement(1), placement(2, at=2, by="v2"))
    assert rules(facts, *apart) == set()
    tight = world(*far[:2], supervisor("t1", sites=both, qh={"2026-S1": 7}), far[3], supervisor("v2", 2), count=2)
    assert rules(tight, *apart) == {"hours"}
    assert rules(tight, placement(1), placement(2)) == set()


def test_nobody_has_two_placements() -> None:
    assert rules(world(), placement(), placement(by="v2")) == {"one-placement"}


def test_what_is_not_in_the_region_is_found() -> None:
    assert rules(world(), placement(9)) == {"known"}
    assert rules(world(), placement(by="v9")) == {"known"}
    assert rules(world(), replace(placement(), workplace=WorkplaceId("w9"))) == {"known"}


def test_a_state_is_kept_with_the_place() -> None:
    settled = replace(placement(), state=PlacementState.SETTLED)
    assert rules(world(settled), settled) == set()
    assert rules(world(settled), replace(settled, wpb=shares(("v2", 6)))) == set()
    assert rules(world(settled), placement()) == {"state"}
    assert rules(world(), settled) == {"state"}


def test_exactly_one_supervisor_without_team() -> None:
    assert rules(world(), replace(placement(), wpb=())) == {"wpb-members", "wpb-share"}
    assert rules(world(), replace(placement(), wpb=shares(("v1", 3), ("v2", 3)))) == {"wpb-members"}


def test_a_team_shares_the_need_at_a_common_site() -> None:
    facts = world(supervisor("v3"), supervisor("v4"), **lever("team"))
    assert rules(facts, replace(placement(), wpb=shares(("v1", 4), ("v2", 2)))) == set()
    assert rules(facts, replace(placement(), wpb=shares(("v1", 5), ("v2", 1)))) == {"team-share"}
    assert rules(facts, replace(placement(), wpb=shares(("v1", 3), ("v1", 3)))) == {"wpb-members"}
    four = shares(("v1", 2), ("v2", 2), ("v3", 2), ("v4", 0))
    assert rules(facts, replace(placement(), wpb=four)) == {"wpb-members", "team-share"}


def test_team_members_need_a_site_in_common() -> None:
    given: Any = {"levers": {"team": {"on": True}, "lending": {"on": True}}}
    lent = supervisor("v2", at=2, lendable=True, qh={"2026-S1": 4})
    facts = world(site(2), lent, **given)
    assert rules(facts, replace(placement(), wpb=shares(("v1", 3), ("v2", 3)))) == {"team-site"}


def test_lent_hours_cost_overhead_and_reach_so_far() -> None:
    lent = supervisor("v1", at=2, lendable=True, qh={"2026-S1": 7})
    assert rules(world(site(2), lent, **lever("lending")), placement()) == set()
    assert rules(world(site(2), lent, **lever("lending", overhead_qh=2)), placement()) == {"hours"}
    assert rules(world(site(2, lat=52.3), lent, **lever("lending")), placement()) == {"wpb-site"}
    assert rules(world(site(2), lent), placement()) == {"wpb-site"}
    kept = supervisor("v1", at=2, qh={"2026-S1": 7})
    assert rules(world(site(2), kept, **lever("lending")), placement()) == {"wpb-site"}


def test_people_of_the_core_guide_every_subject_at_the_shell() -> None:
    shell, core = site(role="shell", core="01AA02"), site(2)
    guide = supervisor("v1", at=2, subjects=["engels"])
    assert rules(world(shell, core, guide, **lever("core_shell")), placement()) == set()
    assert rules(world(shell, core, guide), placement()) == {"wpb-site", "wpb-subject"}


def duo(first: int = 5, second: int = 4) -> list[Placement]:
    return [
        replace(placement(1, qh=first), duo_with=named(2)),
        replace(placement(2, qh=second), duo_with=named(1)),
    ]


def test_a_duo_gets_three_quarters_together() -> None:
    pair = (student(1, duo=True), student(2, duo=True))
    facts = world(*pair, **lever("duo"))
    assert rules(facts, *duo()) == set()
    assert rules(facts, *duo(9, 0)) == set()
    assert rules(facts, *duo(5, 3)) == {"wpb-share"}
    assert rules(world(*pair), *duo()) == {"duo"}
    assert rules(world(student(1, duo=True), count=2, **lever("duo")), *duo()) == {"duo"}
    assert rules(facts, duo()[0], placement(2)) == {"duo"}
    assert rules(facts, duo()[0], replace(duo()[1], wpb=shares(("v2", 4)))) == {"duo"}
    assert rules(facts, duo()[0], replace(duo()[1], relief=Relief.PEER)) == {"relief", "peer-group"}


def test_peer_relief_needs_a_group_in_every_period() -> None:
    facts = world(count=2, **lever("peer", min_group=2))
    helped = [replace(placement(number, qh=4), relief=Relief.PEER) for number in (1, 2)]
    assert rules(facts, *helped) == set()
    assert rules(facts, helped[0], placement(2)) == {"peer-group"}
    assert rules(facts, replace(helped[0], wpb=shares(("v1", 6))), helped[1]) == {"wpb-share"}
    assert "relief" in rules(world(count=2), *helped)


def test_a_need_of_one_stays_one_and_of_none_gets_no_relief() -> None:
    one = student(1, needs={"wpb": 1, "so": 2, "io": 1})
    facts = world(one, **lever("peer", min_group=1))
    assert rules(facts, replace(placement(qh=1), relief=Relief.PEER)) == set()
    none = student(1, needs={"wpb": 0, "so": 2, "io": 1})
    facts = world(none, **lever("peer", min_group=1))
    assert rules(facts, placement(qh=0)) == set()
    assert rules(facts, replace(placement(qh=0), relief=Relief.PEER)) == {"relief"}


def test_seniors_help_so_many_juniors() -> None:
    senior = student(1, phase="lio")
    facts = world(senior, workplace(seats={"2026-S1": 4}), count=4, **lever("senior", per_senior=2))
    helped = [replace(placement(number, qh=5), relief=Relief.SENIOR) for number in (2, 3, 4)]
    assert rules(facts, placement(1), *helped[:2]) == set()
    assert rules(facts, placement(1), *helped) == {"senior-group"}
    assert rules(facts, *helped[:1]) == {"senior-group"}
    assert rules(facts, replace(placement(1, qh=5), relief=Relief.SENIOR)) == {"relief"}


def test_who_belongs_together_is_at_one_site() -> None:
    elsewhere = [site(2), workplace(2, 2), *(supervisor(one, sites=["*"]) for one in ("v2", "t1", "i1"))]
    one, other = placement(1), placement(2, at=2, by="v2")
    assert rules(world(*elsewhere, student(1, together=["s2"]), count=2), one, other) == {"together"}
    assert rules(world(*elsewhere, student(1, together=["s2"]), count=2), one, placement(2)) == set()
    assert rules(world(*elsewhere, student(1, together=["s2"]), count=2), one) == set()


def test_who_is_kept_apart_is_not_at_one_site() -> None:
    elsewhere = [site(2), workplace(2, 2), *(supervisor(one, sites=["*"]) for one in ("v2", "t1", "i1"))]
    facts = world(*elsewhere, student(2, apart=["s1"]), count=2)
    assert rules(facts, placement(1), placement(2)) == {"apart"}
    assert rules(facts, placement(1), placement(2, at=2, by="v2")) == set()


def test_a_violation_tells_who_when_and_how_much() -> None:
    facts = world(supervisor("v1", qh={"2026-S1": 5}))
    (found,) = check(facts, plan(facts, placement()))
    assert (found.ids, found.period, found.numbers) == (("v1",), "2026-S1", {"used": 6, "limit": 5})
    assert str(found) == "hours: v1 guides 6 qh in 2026-S1 and has 5"


def test_every_unplaced_student_has_one_reason() -> None:
    facts = world(count=2)
    open_reason = Unplaced(named(2), Reason.SEATS_TAKEN)
    good = Plan(facts.id, facts.today, (placement(1),), (open_reason,))
    assert check_reasons(facts, good) == []
    for wrong in ((), (open_reason, open_reason), (open_reason, Unplaced(named(1), Reason.SEATS_TAKEN))):
        assert [one.rule for one in check_reasons(facts, replace(good, unplaced=wrong))] == ["one-reason"]
