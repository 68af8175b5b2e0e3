"""Route, group, inhibit, deduplicate: who is told what, once, and why not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from services.notifier.domain.alerts import Alert, AlertKind, Level
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.knowledge import Knowledge, StudentPlace
from services.notifier.domain.life import conclude_alert, escalate
from services.notifier.domain.notices import Told
from services.notifier.domain.stages import Plan, Situation, plan_mails
from shared.contracts.placements import MoveCause
from shared.contracts.signals import AtRiskRule
from tests.support.notifier import INSTITUTE, NOW, PEOPLE, REGION, SITE, an_alert, knowledge

LATER = NOW + timedelta(seconds=20)
LOST, UNPLACED, MISMATCH = (an_alert(kind) for kind in (AlertKind.LOST, AlertKind.UNPLACED, AlertKind.MISMATCH))
UNPLACED_SINCE = an_alert(AlertKind.UNPLACED, site=SITE)


def _plan(
    alerts: Sequence[Alert],
    known: Knowledge | None = None,
    *,
    told: Sequence[Told] = (),
    related: Sequence[Alert] = (),
    at_s: float = 20,
) -> Plan:
    now = NOW + timedelta(seconds=at_s)
    situation = Situation(now, timedelta(seconds=20), alerts, [*alerts, *related], told)
    return plan_mails(situation, known or knowledge())


def _told_by(plan: Plan) -> list[tuple[str, Role, tuple[str, ...]]]:
    return sorted((d.contact.id, d.role, tuple(n.alert.id for n in d.notices)) for d in plan.drafts)


def test_a_lost_place_is_told_to_the_institute_and_to_the_school() -> None:
    assert _told_by(_plan([LOST])) == [
        ("c1", Role.INSTITUTE_COORDINATOR, (LOST.id,)),
        ("c2", Role.SCHOOL_TRAINER, (LOST.id,)),
    ]


def test_a_student_without_a_place_is_told_to_the_institute() -> None:
    assert _told_by(_plan([UNPLACED])) == [("c1", Role.INSTITUTE_COORDINATOR, (UNPLACED.id,))]


@pytest.mark.parametrize(
    ("reported_by", "is_placed", "told"),
    [("school", True, "c1"), ("institute", True, "c2"), ("institute", False, "c3")],
)
def test_a_mismatch_is_told_to_the_other_party(reported_by: str, is_placed: bool, told: str) -> None:
    places = [StudentPlace("s-1", SITE)] if is_placed else []
    plan = _plan([an_alert(AlertKind.MISMATCH, reported_by=reported_by)], knowledge(places=places))
    assert [draft.contact.id for draft in plan.drafts] == [told]


def test_nothing_is_written_before_the_group_has_waited() -> None:
    plan = _plan([UNPLACED], at_s=19.9)
    assert not plan.drafts
    assert ("held", "waits for its group") in {(each.verdict, each.reason) for each in plan.decisions}


def test_alerts_of_one_institute_and_kind_go_in_one_mail() -> None:
    alerts = [an_alert(AlertKind.UNPLACED, f"s-{number}") for number in range(30)]
    young = an_alert(AlertKind.UNPLACED, "s-young", opened_at=LATER)
    plan = _plan([*alerts, young])
    assert len(plan.drafts) == 1
    assert len(plan.drafts[0].notices) == 31


def test_different_kinds_go_in_different_mails() -> None:
    assert len(_plan([UNPLACED, MISMATCH]).drafts) == 2


def test_regions_do_not_share_a_mail() -> None:
    elsewhere = an_alert(AlertKind.UNPLACED, "s-2", region="NL-R09")
    assert len(_plan([UNPLACED, elsewhere]).drafts) == 2


def test_an_unplaced_student_who_lost_a_place_yields_to_the_loss() -> None:
    plan = _plan([LOST, UNPLACED_SINCE])
    assert {draft.kind for draft in plan.drafts} == {AlertKind.LOST}
    assert not plan.dropped


def test_an_alert_that_is_held_back_makes_no_group_due() -> None:
    young = an_alert(AlertKind.UNPLACED, "s-2", opened_at=LATER)
    plan = _plan([LOST, UNPLACED_SINCE, young])
    assert {draft.kind for draft in plan.drafts} == {AlertKind.LOST}


def test_once_the_loss_was_mailed_the_unplaced_student_is_not_mailed() -> None:
    told = [Told(LOST.id, 1, Role.INSTITUTE_COORDINATOR, "c1", "m1"), Told(LOST.id, 1, Role.SCHOOL_TRAINER, "c2", "m1")]
    plan = _plan([UNPLACED_SINCE], told=told, related=[conclude_alert(LOST, NOW, was_mailed=True)])
    assert not plan.drafts
    assert [each.reason for each in plan.dropped] == ["told by lost"]


def test_once_the_unplaced_student_was_mailed_the_loss_goes_to_the_school_only() -> None:
    told = [Told(UNPLACED_SINCE.id, 1, Role.INSTITUTE_COORDINATOR, "c1", "m1")]
    plan = _plan([LOST], told=told, related=[conclude_alert(UNPLACED_SINCE, NOW, was_mailed=True)])
    assert _told_by(plan) == [("c2", Role.SCHOOL_TRAINER, (LOST.id,))]
    assert [each.reason for each in plan.dropped] == ["told by unplaced"]


def test_another_loss_does_not_hide_an_unplaced_student() -> None:
    elsewhere = an_alert(AlertKind.UNPLACED, site="02CD00")
    assert {draft.kind for draft in _plan([LOST, elsewhere]).drafts} == {AlertKind.LOST, AlertKind.UNPLACED}


def test_a_role_that_was_told_is_not_told_again() -> None:
    told = [Told(LOST.id, 1, Role.INSTITUTE_COORDINATOR, "c1", "m1")]
    assert _told_by(_plan([LOST], told=told)) == [("c2", Role.SCHOOL_TRAINER, (LOST.id,))]


def test_a_new_revision_is_told_again() -> None:
    again = replace(UNPLACED, revision=2)
    told = [Told(UNPLACED.id, 1, Role.INSTITUTE_COORDINATOR, "c1", "m1")]
    assert len(_plan([again], told=told).drafts) == 1


def test_where_nobody_has_the_role_the_programme_manager_is_told_and_hears_why() -> None:
    plan = _plan([UNPLACED], knowledge([PEOPLE.manager]))
    (draft,) = plan.drafts
    assert draft.contact.id == "c3"
    (missing,) = draft.notices[0].stands_in_for
    assert (missing.role, missing.organisation) == (Role.INSTITUTE_COORDINATOR, INSTITUTE)


def test_one_manager_who_stands_in_for_two_roles_gets_one_mail_that_names_both() -> None:
    plan = _plan([LOST], knowledge([PEOPLE.manager]))
    (draft,) = plan.drafts
    assert [each.role for each in draft.notices[0].stands_in_for] == [Role.INSTITUTE_COORDINATOR, Role.SCHOOL_TRAINER]
    assert [each.reason for each in plan.dropped] == ["told at the same address"]


def test_an_alert_that_reaches_nobody_is_named() -> None:
    plan = _plan([UNPLACED], knowledge([]))
    assert not plan.drafts
    ((alert, addressee),) = plan.unreachable
    assert alert == UNPLACED
    assert addressee.organisation == INSTITUTE


def test_two_colleagues_both_hear_and_one_address_hears_once() -> None:
    colleague = replace(PEOPLE.coordinator, id="c4", email="ander@vu.example")
    double = Contact("c5", INSTITUTE, Role.INSTITUTE_COORDINATOR, PEOPLE.coordinator.email.upper())
    plan = _plan([UNPLACED], knowledge([PEOPLE.coordinator, colleague, double]))
    assert [draft.contact.id for draft in plan.drafts] == ["c1", "c4"]


def test_a_contact_of_another_region_hears_nothing() -> None:
    plan = _plan([UNPLACED], knowledge([replace(PEOPLE.manager, organisation="NL-R09")]))
    assert not plan.drafts
    assert plan.unreachable[0][0].case.region == REGION


def test_every_decision_has_a_reason() -> None:
    plan = _plan([LOST, UNPLACED_SINCE, MISMATCH], knowledge([PEOPLE.manager]))
    assert plan.decisions
    assert all(each.reason and each.verdict and each.stage for each in plan.decisions)


def test_a_withdrawal_holds_back_no_mail_about_the_same_student_who_came_back() -> None:
    withdrawal = an_alert(AlertKind.LOST, reason=MoveCause.STUDENT_WITHDRAWN)
    unplaced = an_alert(AlertKind.UNPLACED, site=SITE)
    plan = _plan([withdrawal, unplaced])
    assert _told_by(plan) == [("c1", Role.INSTITUTE_COORDINATOR, (unplaced.id,))]
    assert plan.waiting == {withdrawal.id: None}, "it asks nothing of the school, which reads it in the morning"


def test_that_nobody_takes_an_overloaded_trainer_s_student_on_is_told_to_who_heard_of_the_overload() -> None:
    overload = an_alert(AlertKind.OVERLOADED, "", site=SITE)
    risk = an_alert(AlertKind.AT_RISK, reason=AtRiskRule.TRAINER_OVERLOADED, site=SITE)
    at_rest = conclude_alert(risk, NOW, was_mailed=True, escalate_at=NOW)
    told = [Told(overload.id, 1, Role.SCHOOL_TRAINER, contact.id, "mail-1", NOW) for contact in PEOPLE.all()]
    up = escalate(replace(at_rest, level=Level.CRITICAL), NOW)
    assert _told_by(_plan([up], told=told, related=[overload])) == [("c3", Role.PROGRAMME_MANAGER, (risk.id,))]
