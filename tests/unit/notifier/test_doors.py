"""Every mail leads to a page where its reader can act: of the portal, of the institutes, of ours, or by a link that needs no sign-in."""

import re
from dataclasses import replace
from html import unescape

import pytest

from services.notifier.adapters.composer import JinjaComposer
from services.notifier.domain.alerts import Alert, AlertKind, AlertState, Channel, News
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.doors import SIGNS_IN, Behind
from services.notifier.domain.letters import write_letter
from services.notifier.domain.links import LinkPurpose, mark_link
from services.notifier.domain.phrases import DUTCH
from shared.contracts.placements import MoveCause
from shared.contracts.signals import AtRiskRule
from shared.contracts.vocabulary import Tier
from tests.support.notifier import INSTITUTE, PEOPLE, REGION, SITE
from tests.support.notifier_letters import (
    GUIDE,
    INSTITUTE_TRAINER,
    KNOWN,
    LEADER,
    OPERATOR,
    STUDENT,
    alert_of,
    draft_of,
    gallery,
)

OURS, PORTAL = "https://berichten.example", "https://portaal.example"
COMPOSER = JinjaComposer(OURS, PORTAL, has_institutes=True)
SCHOOL = f"{PORTAL}/vestigingen/{SITE}"
OF_INSTITUTE = f"{PORTAL}/naar/opleidingen?naar=/opleidingen/{INSTITUTE}/studenten/{STUDENT}"
LINKS = re.compile(r"https://[a-z]+\.example[^\s\"<>]*")


def links_to(reader: Contact, *alerts: Alert, channel: Channel = Channel.IMMEDIATE) -> tuple[set[str], set[str]]:
    """The addresses in the text and in the HTML of a mail."""
    text, html = COMPOSER.compose(write_letter(draft_of(reader, *alerts, channel=channel), {}, KNOWN), "berichten/een")
    return set(LINKS.findall(text)), set(LINKS.findall(unescape(html)))


@pytest.mark.parametrize(
    ("reader", "kind", "reason", "page"),
    [
        (PEOPLE.coordinator, AlertKind.UNPLACED, None, OF_INSTITUTE),
        (PEOPLE.coordinator, AlertKind.PROPOSED, None, OF_INSTITUTE),
        (PEOPLE.trainer, AlertKind.PROPOSED, None, f"{SCHOOL}/studenten"),
        (PEOPLE.trainer, AlertKind.MISMATCH, None, f"{SCHOOL}/studenten"),
        (PEOPLE.trainer, AlertKind.LOST, MoveCause.GUIDANCE_ENDED, f"{SCHOOL}/begeleiders"),
        (PEOPLE.trainer, AlertKind.LOST, MoveCause.WORKPLACE_ENDED, f"{SCHOOL}/leerwerkplekken"),
        (PEOPLE.trainer, AlertKind.AT_RISK, AtRiskRule.NO_SUCCESSOR, f"{SCHOOL}/begeleiders"),
        (PEOPLE.trainer, AlertKind.OVERLOADED, None, f"{SCHOOL}/begeleiders/{GUIDE}"),
        (PEOPLE.manager, AlertKind.SHORTAGE, Tier.WORKPLACE_SUPERVISOR, f"{PORTAL}/regios/{REGION}"),
        (PEOPLE.manager, AlertKind.GAP, Role.SCHOOL_TRAINER, f"{OURS}/organisaties/{SITE}"),
        (OPERATOR, AlertKind.PARKED, None, f"{OURS}/meldingen/parked/student.registrations/0"),
    ],
)
def test_a_mail_leads_to_the_page_where_its_reader_acts(
    reader: Contact, kind: AlertKind, reason: str | None, page: str
) -> None:
    for found in links_to(reader, alert_of(kind, reason)):
        assert page in found


def test_several_students_each_have_their_own_page_and_one_page_of_a_school_is_named_once() -> None:
    students = [alert_of(AlertKind.UNPLACED, number=each) for each in (1, 2)]
    for found in links_to(PEOPLE.coordinator, *students):
        assert {link for link in found if "/opleidingen/" in link} == {
            f"{PORTAL}/naar/opleidingen?naar=/opleidingen/{INSTITUTE}/studenten/{each.case.student}"
            for each in students
        }
    letter = write_letter(
        draft_of(PEOPLE.trainer, *(alert_of(AlertKind.PROPOSED, number=each) for each in (1, 2))), {}, KNOWN
    )
    assert COMPOSER.compose(letter, "berichten/een")[0].count(f"{SCHOOL}/studenten") == 1


@pytest.mark.parametrize("reader", [LEADER, INSTITUTE_TRAINER])
def test_who_cannot_sign_in_is_led_to_no_page_that_asks_who_they_are(reader: Contact) -> None:
    over = replace(alert_of(AlertKind.MISMATCH), state=AlertState.CLEARED, news=News.CLEARED)
    for alerts, channel in (
        ([alert_of(AlertKind.SHORTAGE)], Channel.IMMEDIATE),
        ([alert_of(AlertKind.LOST)], Channel.ESCALATION),
        ([over], Channel.DIGEST),
    ):
        letter = write_letter(draft_of(reader, *alerts, channel=channel), {}, KNOWN)
        for told in COMPOSER.compose(letter, "berichten/een"):
            assert LINKS.findall(told) == []
            assert told.count(mark_link(LinkPurpose.ANSWER)) == 1


def test_nobody_is_led_to_a_portal_of_which_the_address_was_not_told() -> None:
    composer = JinjaComposer(OURS)
    for written in gallery():
        links = LINKS.findall(composer.compose(written.letter, "berichten/een")[0])
        assert [link for link in links if not link.startswith(OURS)] == []


def test_where_institutes_have_no_pages_a_coordinator_is_led_to_the_alert() -> None:
    composer, alert = JinjaComposer(OURS, PORTAL), alert_of(AlertKind.UNPLACED)
    written = composer.compose(write_letter(draft_of(PEOPLE.coordinator, alert), {}, KNOWN), "berichten/een")
    for told in written:
        found = LINKS.findall(unescape(told))
        assert f"{OURS}/meldingen/{alert.id}" in found
        assert [link for link in found if "opleidingen" in link] == []
        assert DUTCH.framing.doors[Behind.ALERT] in told
        assert DUTCH.framing.doors[Behind.STUDENT] not in told


def test_the_roles_that_sign_in_are_those_of_the_pages() -> None:
    assert {Role.SCHOOL_LEADER, Role.INSTITUTE_TRAINER} == set(Role) - SIGNS_IN
