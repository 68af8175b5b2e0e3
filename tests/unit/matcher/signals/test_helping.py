"""A lever that is named would really help: nobody else has to move for it, and a plan with it places the student."""

import random
from dataclasses import replace
from typing import Any

import pytest

from services.matcher.adapters.planning import Desk
from services.matcher.domain.changes import Change
from services.matcher.domain.ids import StudentId
from services.matcher.domain.region import Region, Student
from services.matcher.domain.signals.findings import Finding, Lack
from services.matcher.domain.signals.helping import LEADERSHIP, Helping
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.signals.table import RULES, RuleName
from services.matcher.domain.signals.telling import body_of
from services.matcher.ports import Held, Step
from tests.support.planning import planned_anew
from tests.support.regions import LEVERS, placement, region, settings, site, student, supervisor, workplace
from tests.support.signals import Watch, unplaced

S2 = StudentId("s2")
SCHOOL: list[Any] = [
    site(),
    workplace(seats={"2026-S1": 4, "2026-S2": 4}),
    supervisor("v1", subjects=["wiskunde"], qh={"2026-S1": 8}),
    supervisor("t1", qh={"2026-S1": 40, "2026-S2": 40}),
    supervisor("i1", qh={"2026-S1": 40, "2026-S2": 40}),
    student(1),
    student(2),
]


def helping(*things: Any, **given: Any) -> tuple[str, ...]:
    """The levers for the second student at a school where the first takes the hours of the only teacher."""
    named = {one.id: one for one in (*SCHOOL, *things)}
    watch = Watch(region(named.values(), settings(**given)), placement(1), unplaced(2))
    return Helping(Scene(watch.facts, watch.places)).levers(Lack((S2,)))


def test_where_nothing_but_hours_is_missing_a_school_leader_can_free_them() -> None:
    assert helping() == (LEADERSHIP,)


@pytest.mark.parametrize(
    ("lever", "things"),
    [
        ("extra", [supervisor("v2", kind="retired")]),
        ("starters", [supervisor("v2", starter=True)]),
        ("team", [supervisor("v2", qh={"2026-S1": 4})]),
        ("lending", [site(2), supervisor("v2", 2, lendable=True)]),
        (
            "duo",
            [student(1, duo=True), student(2, duo=True), supervisor("v1", subjects=["wiskunde"], qh={"2026-S1": 9})],
        ),
        ("senior", [student(1, phase="lio"), supervisor("v1", subjects=["wiskunde"], qh={"2026-S1": 11})]),
        (
            "peer",
            [student(3), student(4), supervisor("v2", qh={"2026-S1": 12}), supervisor("v1", qh={"2026-S1": 10})],
        ),
    ],
)
def test_a_lever_by_which_somebody_has_the_hours_helps(lever: str, things: list[Any]) -> None:
    named = {one.id: one for one in (*SCHOOL, *things)}
    others = [placement(int(one.id[1:]), by="v2") for one in named.values() if one.id in ("s3", "s4")]
    watch = Watch(region(named.values()), placement(1), *others, unplaced(2))
    assert lever in Helping(Scene(watch.facts, watch.places)).levers(Lack((S2,)))
    assert lever not in helping()


def test_of_several_students_it_is_counted_whom_a_lever_helps() -> None:
    named = {one.id: one for one in (*SCHOOL, student(3))}
    watch = Watch(region(named.values()), placement(1), unplaced(2))
    helper = Helping(Scene(watch.facts, watch.places))
    assert helper.helped(Lack((S2, StudentId("s3"), StudentId("nobody")))) == {LEADERSHIP: 2}
    finding = Finding(
        RuleName.SHORTAGE, ("a",), 2, RULES[RuleName.SHORTAGE].level, {}, lack=Lack((S2, StudentId("s3")))
    )
    assert body_of(finding, {"duo": 1})["figures"] == {"helped-duo": 1, "helped-of": 2}
    assert body_of(replace(finding, lack=Lack((S2,))), {"duo": 1})["figures"] == {}


def test_a_shell_is_helped_by_the_people_of_its_core() -> None:
    shell = [site(role="shell", core="01AA02"), site(2), supervisor("v2", 2)]
    assert "core-shell" in helping(*shell)


def test_other_subjects_other_periods_and_other_institutes_help_where_these_have_what_is_missing() -> None:
    related = [workplace(2, subject="natuurkunde"), supervisor("v2", subjects=["natuurkunde"])]
    pair = [{"student": "wiskunde", "place": "natuurkunde", "cost": 40}]
    assert "related" in helping(*related, related=pair)
    assert "related" not in helping(*related)
    later = student(2, period_sets=[["2026-S1"], ["2026-S2"]])
    assert "shifted" in helping(later, supervisor("v1", subjects=["wiskunde"], qh={"2026-S1": 8, "2026-S2": 8}))
    theirs = [supervisor("v1", qh={"2026-S1": 40}), supervisor("i1", institutes=["30GB"])]
    assert helping(*theirs) == ("shared-io",)


def test_a_lever_that_is_on_is_not_named_again() -> None:
    assert helping(supervisor("v2", kind="retired"), levers={"starters": {"on": True}}) == ("extra", LEADERSHIP)


def test_where_a_seat_is_missing_too_no_lever_for_people_helps() -> None:
    full = workplace(seats={"2026-S1": 1})
    assert helping(full, supervisor("v2", kind="retired")) == ()


def test_who_is_bound_to_others_is_left_to_a_solve() -> None:
    assert helping(student(2, together=["s1"]), supervisor("v2", kind="retired")) == ()


def _tight(seed: int) -> Region:
    """A school or three with few hours, and people and pairs that only levers make use of."""
    draw = random.Random(seed)
    things: list[Any] = []
    for at in (1, 2, 3):
        core = {"role": "shell", "core": "01AA01"} if at == 2 else {}
        things += [
            site(at, lat=52.1 + at / 100, **core),
            workplace(at, at, subject=draw.choice(["wiskunde", "engels"])),
        ]
        for number in range(draw.randint(1, 3)):
            given = {"kind": draw.choice(["teacher", "retired"]), "starter": draw.random() < 0.2}
            hours = {one: draw.choice([0, 3, 6, 9]) for one in ("2026-S1", "2026-S2")}
            subjects = draw.choice([[], ["wiskunde"], ["engels"]])
            name = f"v{at}{number}"
            things.append(supervisor(name, at, qh=hours, lendable=draw.random() < 0.5, subjects=subjects, **given))
        things.append(supervisor(f"t{at}", at, qh={"2026-S1": draw.choice([4, 8])}))
        things.append(supervisor(f"i{at}", at, institutes=[draw.choice(["01VU", "30GB"])], qh={"2026-S1": 8}))
    for number in range(1, 7):
        sets = draw.choice([[["2026-S1"]], [["2026-S1"], ["2026-S2"]]])
        phase = draw.choice(["wpl1", "lio"])
        subject = draw.choice(["wiskunde", "wiskunde", "engels"])
        things.append(student(number, duo=draw.random() < 0.5, period_sets=sets, phase=phase, subject=subject))
    related = [{"student": "wiskunde", "place": "engels", "cost": 40}]
    return region(things, settings(related=related, fairness={"groups": []}, levers={"peer": {"min_group": 2}}))


def _with(lever: str, of: Region) -> Region:
    levers = of.settings.levers
    on = replace(getattr(levers, lever), on=True)
    return replace(of, settings=replace(of.settings, levers=replace(levers, **{lever: on})))


@pytest.mark.parametrize("seed", range(12))
def test_with_a_lever_that_is_named_a_plan_places_the_student_beside_all_others(seed: int) -> None:
    of = _tight(seed)
    found = planned_anew(of).outcome
    watch = Watch(of, *found.placed.values(), *found.unplaced.values(), on=of.today)
    helper = Helping(Scene(watch.facts, watch.places))
    for name in found.unplaced:
        levers = [one.replace("-", "_") for one in helper.levers(Lack((name,)))]
        for lever in (one for one in levers if one in LEVERS):
            _assert_placed(_with(lever, of), {*found.placed, name}, name, lever)


def _assert_placed(of: Region, students: set[StudentId], name: StudentId, lever: str) -> None:
    """A plan of just these students leaves nobody out."""
    kept: dict[StudentId, Student] = {key: one for key, one in of.students.items() if key in students}
    only = replace(of, students=kept)
    desk = Desk()
    desk.begin(only.id, 0, Held(only))
    planned = desk.take(Step(only.id, 0, 1, Change(whole=only)))
    stamp = 1
    while planned.without_place and stamp < 60:
        suggestion = desk.suggest(only.id, 2 * stamp)
        if suggestion is None:
            break
        stamp += 1
        planned = desk.take(Step(only.id, stamp - 1, stamp, suggestion))
    assert not planned.without_place, (name, lever)
