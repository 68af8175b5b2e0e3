"""The life of an alert as pure functions: raised, told, worsened, acknowledged, escalated, snoozed, handed over, cleared.

Older sequences change nothing, and no step forgets news that nobody has heard yet.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from services.notifier.domain.alerts import (
    LEVELS,
    Alert,
    AlertKind,
    AlertState,
    Care,
    Case,
    Level,
    News,
    alert_id,
)
from shared.dutch import dutch_day
from shared.errors import DomainError

PENDING = frozenset({AlertState.RAISED, AlertState.WORSENED, AlertState.ESCALATED})
"""Somebody must still hear of it."""
RESTING = frozenset({AlertState.MAILED, AlertState.INHIBITED, AlertState.ACKNOWLEDGED})
"""Who had to hear of it, has."""
RESTLESS_TURNS = 3
RESTLESS_WITHIN = timedelta(days=7)
"""What came back three times in a week is told as restless, in the digest, until it has been quiet."""
LONGEST_SNOOZE = timedelta(days=60)
_SEVERITY = {Level.INFO: 0, Level.WARNING: 1, Level.CRITICAL: 2}


def new_alert(
    kind: AlertKind, subject: str, case: Case, sequence: int, now: datetime, level: Level | None = None
) -> Alert:
    """An alert that nobody has heard of."""
    return Alert(
        alert_id(kind, subject),
        kind,
        case,
        AlertState.RAISED,
        revision=1,
        sequence=sequence,
        opened_at=now,
        level=level or LEVELS[kind],
        news_at=now,
        look_at=now,
    )


def withdrawal_id(student: str, site: str) -> str:
    """The id of the alert that this school has a place free again since this student withdrew."""
    return alert_id(AlertKind.LOST, _withdrawal(student, site))


def new_withdrawal(case: Case, sequence: int, now: datetime) -> Alert:
    """The alert for the site of the case that its student withdrew; its sequence is that of the student's place."""
    subject = _withdrawal(case.student, case.site or "")
    return new_alert(AlertKind.LOST, subject, case, sequence, now, Level.INFO)


def open_alert(held: Alert | None, new: Alert, *, is_worse: bool = False) -> Alert:
    """The alert after it was raised or worsened; what was told already is told again only when it is worse or came back."""
    if held is None:
        return new
    if new.sequence <= held.sequence:
        return held
    if held.state is AlertState.CLOSED:
        return _come_back(held, new)
    if held.state is AlertState.CLEARED:
        is_known = held.told_at is not None and _is_same(held, new)
        return _still_there(held, new) if is_known else _come_back(held, new)
    after = replace(held, case=new.case, level=new.level, sequence=new.sequence)
    if not (is_worse or severity(new.level) > severity(held.level)):
        return after
    if held.state in {AlertState.RAISED, AlertState.WORSENED}:
        return replace(after, look_at=new.news_at)
    care = Care(handed_to=held.care.handed_to, step=held.care.step)
    return _with_news(replace(after, care=care), AlertState.WORSENED, News.WORSENED, new.news_at)


def clear_alert(held: Alert, now: datetime, sequence: int | None = None) -> Alert:
    """The alert after its cause is gone; `sequence` is None when another aggregate's event says so.

    Who was told hears in a digest that it is over; of what nobody was told, nobody hears.
    """
    if sequence is not None:
        if sequence <= held.sequence:
            return held
        held = replace(held, sequence=sequence)
    if not held.is_live:
        return held
    if held.told_at is None or held.is_fact:
        return close_alert(held, now)
    cleared = _with_news(held, AlertState.CLEARED, News.CLEARED, now)
    is_at_rest = held.state in RESTING  # what is untold or asleep now, is news when it comes back
    told_at = held.told_at if is_at_rest else None
    return replace(cleared, look_at=None, escalate_at=held.escalate_at, ended_at=now, told_at=told_at)


def close_alert(held: Alert, now: datetime) -> Alert:
    """The alert when it is over and nobody needs to hear so."""
    ended_at = held.ended_at if held.state in {AlertState.CLEARED, AlertState.CLOSED} else now
    return replace(held, state=AlertState.CLOSED, look_at=None, escalate_at=None, ended_at=ended_at)


def tell(held: Alert, now: datetime) -> Alert:
    """The alert once a mail told somebody of its newest news, while others may still have to hear."""
    return replace(held, told_at=now)


def conclude_alert(
    held: Alert, now: datetime, *, was_mailed: bool, escalate_at: datetime | None = None, is_one_of_many: bool = False
) -> Alert:
    """The alert when nobody is left to be told; unless somebody takes it on, the next role hears at `escalate_at`.

    So it is, too, where all who had to hear knew of many, of whom this is one.
    A reminder does not put that off. Who were told before hear again every week where an escalation finds nobody new.
    """
    if held.state is AlertState.CLEARED or (held.state in PENDING and held.is_fact):
        return close_alert(held, now)
    if held.state not in PENDING:
        return held
    if held.care.acknowledged_by is not None:
        return replace(held, state=AlertState.ACKNOWLEDGED, look_at=None, escalate_at=None)
    if not was_mailed and held.state is not AlertState.ESCALATED:
        later = (held.escalate_at or escalate_at) if is_one_of_many else None
        return replace(held, state=AlertState.INHIBITED, look_at=later, escalate_at=later)
    at = held.escalate_at or escalate_at
    return replace(held, state=AlertState.MAILED, look_at=at, escalate_at=at)


def tick(held: Alert, now: datetime) -> Alert:
    """The alert once its time has come: its snooze is over, or the next role must hear."""
    if held.state is AlertState.SNOOZED:
        return wake(held, now)
    if held.state in {AlertState.MAILED, AlertState.INHIBITED} and held.escalate_at is not None:
        return escalate(held, now) if held.escalate_at <= now else replace(held, look_at=held.escalate_at)
    return held if held.state in PENDING else replace(held, look_at=None)


def acknowledge(held: Alert, by: str, now: datetime, organisation: str | None = None) -> Alert:
    """Somebody took it on: it is escalated no further until it gets worse. Raises DomainError when it is over.

    Who reads of it in the morning still does.
    """
    _check_open(held)
    is_half_told = held.state in {AlertState.RAISED, AlertState.WORSENED} and held.told_at and held.look_at is None
    if held.state is AlertState.ACKNOWLEDGED or (is_half_told and held.care.acknowledged_by is not None):
        return held
    care = replace(
        held.care, acknowledged_by=by, acknowledged_for=organisation, acknowledged_at=now, snoozed_until=None
    )
    state = held.state if is_half_told else AlertState.ACKNOWLEDGED
    return replace(held, state=state, care=care, look_at=None, escalate_at=None)


def release(held: Alert, now: datetime) -> Alert:
    """Whoever took it on has left: it is told anew, and goes on to the next role unless somebody takes it on."""
    if held.care.acknowledged_by is None or not held.is_live:
        return held
    care = Care(snoozed_until=held.care.snoozed_until, handed_to=held.care.handed_to, step=held.care.step)
    free = replace(held, care=care)
    return free if held.state is AlertState.SNOOZED else _with_news(free, AlertState.RAISED, News.RELEASED, now)


def snooze(held: Alert, until: date, now: datetime, wake_at: datetime) -> Alert:
    """Nobody hears of it before `wake_at` on the day `until`, unless it gets worse. Raises DomainError without a fair end."""
    _check_open(held)
    today = dutch_day(now)
    if not today < until <= today + LONGEST_SNOOZE:
        detail = f"Kies een dag na vandaag, hooguit {LONGEST_SNOOZE.days} dagen vooruit."
        raise DomainError("uitstel-zonder-eind", detail, pointer="/until")
    care = replace(held.care, snoozed_until=until)
    return replace(held, state=AlertState.SNOOZED, care=care, look_at=wake_at, escalate_at=None)


def wake(held: Alert, now: datetime) -> Alert:
    """The snooze is over and it still goes on: told again at once."""
    if held.state is not AlertState.SNOOZED:
        return held
    care = replace(held.care, snoozed_until=None)
    return _with_news(replace(held, care=care), AlertState.RAISED, News.REMINDER, now)


def hand_over(held: Alert, to: str, now: datetime) -> Alert:
    """It was given to another contact, who alone is told of it from now on. Raises DomainError when it is over."""
    _check_open(held)
    if held.care.handed_to == to:
        return held
    care = Care(handed_to=to, step=held.care.step)
    return _with_news(replace(held, care=care), AlertState.RAISED, News.HANDED_OVER, now)


def escalate(held: Alert, now: datetime) -> Alert:
    """Nobody took it on in time, or nobody could be reached: the next role is told."""
    if held.state not in {AlertState.MAILED, AlertState.INHIBITED} or held.is_fact or held.level is Level.INFO:
        return held
    care = replace(held.care, step=held.care.step + 1)
    return _with_news(replace(held, care=care), AlertState.ESCALATED, News.ESCALATED, now)


def hasten(held: Alert, now: datetime) -> Alert:
    """Who had to hear of what cannot wait could not be told, and nobody took it on: the next role hears at once."""
    is_waiting = held.state is AlertState.MAILED or held.state in PENDING
    if not (held.is_critical and is_waiting) or held.is_fact or held.care.acknowledged_by is not None:
        return held
    return replace(held, escalate_at=now, look_at=now if held.state is AlertState.MAILED else held.look_at)


def remind(held: Alert, now: datetime) -> Alert:
    """The alert as it is told again in a digest while nothing changed; who took it on still has."""
    raised = _with_news(held, AlertState.RAISED, News.REMINDER, now)
    return replace(raised, look_at=None, escalate_at=held.escalate_at)


def free(held: Alert, now: datetime) -> Alert:
    """Nothing that goes on says any more what this one does, and nobody was mailed of its news: it is told in the digest."""
    if held.state is not AlertState.INHIBITED or not held.has_untold_news:
        return held
    news = News.RAISED if held.told_at is None else held.news
    return replace(_with_news(held, AlertState.RAISED, news, now), look_at=None)


def reopen(held: Alert, now: datetime, *, is_told: bool) -> Alert:
    """What was told did not arrive: it is to be told anew, a fact in the next digest; `is_told`: somebody else did hear of it."""
    if held.is_fact and held.state is AlertState.CLOSED and held.told_at is not None:
        told_at = held.told_at if is_told else None
        return replace(held, state=AlertState.RAISED, told_at=told_at, look_at=None, ended_at=None)
    if not held.is_live:
        return held
    state = AlertState.RAISED if held.state is AlertState.MAILED else held.state
    return replace(held, state=state, look_at=None if held.is_fact else now)


def is_restless(alert: Alert) -> bool:
    """Whether it keeps coming back."""
    return len(alert.turns) >= RESTLESS_TURNS


def severity(level: Level) -> int:
    """Levels in order: the greater, the more pressing."""
    return _SEVERITY[level]


def _come_back(held: Alert, new: Alert) -> Alert:
    turned = _turned(held, new)
    news = News.RESTLESS if is_restless(turned) and not turned.is_fact else News.RAISED
    back = replace(turned, opened_at=new.opened_at, care=Care(), told_at=None, ended_at=None)
    raised = _with_news(back, AlertState.RAISED, news, new.news_at)
    return replace(raised, look_at=None) if news is News.RESTLESS else raised


def _still_there(held: Alert, new: Alert) -> Alert:
    """Nobody had heard that it was over: for them it never was."""
    state = AlertState.MAILED if held.care.acknowledged_by is None else AlertState.ACKNOWLEDGED
    return replace(_turned(held, new), state=state, look_at=held.escalate_at, ended_at=None)


def _turned(held: Alert, new: Alert) -> Alert:
    day = dutch_day(new.opened_at)
    turns = (*(turn for turn in held.turns if turn > day - RESTLESS_WITHIN), day)
    return replace(held, case=new.case, level=new.level, sequence=new.sequence, turns=turns)


def _is_same(held: Alert, new: Alert) -> bool:
    before, after = held.case, new.case
    same_case = (before.reason, before.site, before.student) == (after.reason, after.site, after.student)
    return same_case and severity(new.level) <= severity(held.level)


def _with_news(held: Alert, state: AlertState, news: News, now: datetime | None) -> Alert:
    raised = replace(held, state=state, escalate_at=None, revision=held.revision + 1)
    return replace(raised, news=news, news_at=now, look_at=now)


def _check_open(held: Alert) -> None:
    if not held.is_live or held.is_fact:
        raise DomainError("melding-voorbij", "Deze melding is al voorbij. U hoeft er niets meer mee te doen.")


def _withdrawal(student: str, site: str) -> str:
    return f"withdrawn-{site}-{student}"
