"""Whatever comes, in whatever order, however often and whenever: what must always hold of mails, checked over the database."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from sqlmodel import select

from services.notifier.adapters.rows import alert_of
from services.notifier.adapters.tables import AlertRow, NoticeRow
from services.notifier.domain.alerts import Alert, Channel, News
from services.notifier.domain.calendar import end_of_quiet
from services.notifier.domain.contacts import Contact, Preferences, QuietHours, Role, Wish
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.life import PENDING
from shared.contracts.envelope import new_event
from shared.contracts.signals import AtRiskRule
from shared.contracts.vocabulary import Contract, SignalLevel
from shared.dutch import dutch_day
from shared.messaging.inbox import Tombstone
from tests.integration.notifier.conftest import TellStory
from tests.support.notifier import INSTITUTE, PEOPLE, SITE, region_changed, site_changed
from tests.support.notifier_events import (
    CLEARED,
    RAISED,
    WORSENED,
    agreed,
    at_risk,
    detected,
    has_no_place,
    loses,
    moved,
    overloaded,
    proposed,
    reported,
    shortage,
    stops,
    unfair,
    withdrawn_report,
)
from tests.support.notifier_story import LEADER, OPERATOR, VISITOR, Story

STRANGERS = (
    Contact("x1", "99ZZ00", Role.SCHOOL_TRAINER, "vreemd@school.example"),
    Contact("x2", "97XX", Role.INSTITUTE_COORDINATOR, "vreemd@opleiding.example"),
    Contact("x3", "NL-R09", Role.PROGRAMME_MANAGER, "vreemd@regio.example"),
)
OTHER_INSTITUTE = "98YY"
SHARED = Contact("p8", OTHER_INSTITUTE, Role.INSTITUTE_COORDINATOR, PEOPLE.coordinator.email.upper())
"""The coordinator of one institute, at another, where every second student is."""
STUDENTS = [f"stu-{number}" for number in range(8)]
ERASED = STUDENTS[0]
Heard = Contract | Tombstone


def log_of(wild: random.Random) -> list[Heard]:
    """What could be told of these students, each aggregate with its sequence."""
    places: list[Callable[[str, int], Contract]] = [
        has_no_place,
        lambda student, sequence: has_no_place(student, sequence, lost_site=SITE),
        proposed,
        lambda student, sequence: moved(student, sequence, site=SITE, previous="02CD00"),
        agreed,
    ]
    log: list[Heard] = [region_changed(), site_changed()]
    for number, student in enumerate(STUDENTS):
        for sequence in range(1, 5):
            status = wild.choice([RAISED, WORSENED, CLEARED])
            rule, level = wild.choice(list(AtRiskRule)), wild.choice(list(SignalLevel))
            log.append(wild.choice(places)(student, sequence))
            log.append(loses(student, sequence, status))
            log.append(at_risk(student, rule, sequence, status, level=level))
        if number % 2:
            log = [_at_other_institute(each, student) for each in log]
        log += [detected(student), reported(student, wild.choice(["school", "institute"]), f"m-{number}")]
        log += [withdrawn_report(student, number=f"m-{number}")] if wild.random() < 0.3 else []
        log += [stops(student, 9)] if wild.random() < 0.2 else []
    return [*log, shortage(), shortage(site=SITE), shortage(2, CLEARED), overloaded(), unfair()]


def _at_other_institute(event: Heard, student: str) -> Heard:
    told = event.placement.student if hasattr(event, "placement") else getattr(event, "student", None)
    if isinstance(event, Tombstone) or told != student:
        return event
    return event.model_copy(update={"institute": OTHER_INSTITUTE})


async def _hear(story: Story, each: Heard) -> None:
    await story.hear(each if isinstance(each, Tombstone) else new_event("urn:nld:test", each, story.clock()))


async def _two_weeks(story: Story, wild: random.Random) -> set[str]:
    """The log comes shuffled and in part twice, while the mail server stumbles; the mails from before the erasure are given."""
    await story.people(*PEOPLE.all(), LEADER, VISITOR, OPERATOR, SHARED, *STRANGERS)
    wish, quiet = wild.choice([Wish.IMMEDIATE, Wish.DIGEST]), QuietHours(time(wild.randrange(10, 24)), time(9, 30))
    await story.change(PEOPLE.trainer, preferences=Preferences(wish, quiet_hours=quiet))
    log = log_of(wild)
    log += wild.choices(log, k=len(log) // 2)
    wild.shuffle(log)
    half = len(log) // 2
    log.insert(half, Tombstone(f"student/{ERASED}"))
    before: set[str] = set()
    for first in range(0, len(log), 12):
        story.server.answers = wild.choices(["250 2.0.0 ok", "451 4.3.0 later"], k=3)
        for each in log[first : first + 12]:
            await _hear(story, each)
        if first <= half < first + 12:
            before = {mail.id for mail in await story.mails()}
        await story.step()
        await story.until(story.clock.now + timedelta(minutes=wild.choice([0, 1, 7, 60, 600, 1440])))
    story.server.answers = []
    await story.until(story.clock.now + timedelta(days=8))
    return before


async def _alerts(story: Story) -> list[Alert]:
    async with story.parts.runtime.database.reading() as tx:
        return [alert_of(row) for row in await tx.exec(select(AlertRow))]


async def _notices(story: Story) -> list[NoticeRow]:
    async with story.parts.runtime.database.reading() as tx:
        return list(await tx.exec(select(NoticeRow)))


def _check_number_of_mails(per_day: int, written: Sequence[Mail]) -> None:
    """Nobody is overasked: over the day's number goes only what cannot wait, together, an hour after the mail before it."""
    days: dict[tuple[str, date], list[Mail]] = {}
    for mail in sorted(written, key=lambda each: each.created_at):
        days.setdefault((mail.email.casefold(), dutch_day(mail.created_at)), []).append(mail)
    for mails in days.values():
        for before, extra in pairwise(mails[per_day - 1 :]):
            assert extra.channel is Channel.OVERFLOW
            assert extra.created_at - before.created_at >= timedelta(hours=1)


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_comes_everybody_hears_what_is_theirs_once(tell_story: TellStory, seed: int) -> None:
    story = tell_story()
    before = await _two_weeks(story, random.Random(seed))
    mails, notices, alerts = await story.mails(), await _notices(story), await _alerts(story)
    told = Counter((each.alert, each.revision, each.contact) for each in notices if each.mail)
    assert max(told.values()) == 1, "one piece of news is one mail a person"
    identifiers = [mail.identifier for mail in story.seen]
    assert len(set(identifiers)) == len(identifiers), "no mail arrives twice"
    assert not {mail.email for mail in mails} & {each.email for each in STRANGERS}, "none outside its organisation"
    later = [mail for mail in mails if mail.id not in before]
    assert not [mail for mail in later if ERASED in mail.full_text + mail.full_html], "none about who was erased"
    written = [mail for mail in mails if mail.state is not MailState.CANCELLED]
    _check_number_of_mails(story.parts.rules.mails_per_day, written)
    assert any(mail.channel is Channel.WEEKLY for mail in written), "a Monday with a week is among the days"
    async with story.parts.reading() as store:
        contacts = {each.id: each for each in await store.contacts()}
    quiet = contacts[PEOPLE.trainer.id].preferences.quiet_hours
    assert quiet is not None
    at_once = [mail for mail in written if mail.contact == PEOPLE.trainer.id and mail.attempts == 1 and mail.sent_at]
    woken = [mail for mail in at_once if end_of_quiet(mail.sent_at or mail.created_at, quiet.start, quiet.until)]
    assert not woken, "nobody is woken"
    institutes = {alert.id: alert.case.institute for alert in alerts}
    for notice in notices:
        own = contacts[notice.contact].organisation
        if notice.mail and own in {INSTITUTE, OTHER_INSTITUTE}:
            assert institutes[notice.alert] == own, "no line to another institute"
    by_id = {mail.id: mail for mail in mails}
    for alert in alerts:
        if not (alert.is_live and alert.is_critical):
            continue
        assert alert.state not in PENDING, f"nobody heard of {alert}"
        heard = [each for each in notices if each.alert == alert.id and each.at >= alert.opened_at]
        heard = [each for each in heard if each.revision == alert.revision or alert.news is News.ESCALATED]
        states = {by_id[each.mail].state for each in heard if each.mail}
        assert heard, f"silence about {alert}"
        assert states <= {MailState.SENT, MailState.FAILED}, f"{alert} is still under way"


async def test_two_thousand_students_who_lose_their_place_at_once_are_at_most_five_mails_a_person(
    tell_story: TellStory,
) -> None:
    story = tell_story()
    await story.people(*PEOPLE.all(), LEADER, VISITOR)
    for each in range(2000):
        await _hear(story, loses(f"s-{each}"))
        if each % 250 == 249:
            story.clock.forward(15)
            await story.step()
    day = dutch_day(story.clock.now)
    await story.until(story.clock.now + timedelta(hours=14))
    sent = Counter(mail.to for mail in story.seen)
    assert set(sent) == {PEOPLE.coordinator.email, PEOPLE.trainer.email}
    assert max(sent.values()) <= 5
    assert dutch_day(story.clock.now) == day
    told = {each.alert for each in await _notices(story) if each.mail}
    assert len(told) == 2000
