"""The talk of three that is proposed where student and place do not fit, and taken back when that is over."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.notifier.domain.alerts import Alert, AlertKind, Channel, News
from services.notifier.domain.calendar import SchoolCalendar
from services.notifier.domain.letters.calling import Names
from services.notifier.domain.notices import Draft, Notice
from shared.dutch import AMSTERDAM, dutch_day
from shared.short_code import short_code

SCHOOL_DAYS_AHEAD = 3
"""Soon, with time to ask the others."""
AFTER_LESSONS, LASTS = time(15, 30), timedelta(minutes=30)
TOLD_BEFORE = frozenset({News.CLEARED, News.REMINDER, News.RESTLESS})
"""News that proposes no talk: it is over, or one was proposed before."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One talk as a calendar keeps it: `id` is the same however often it is proposed, `sequence` grows each time."""

    id: str
    sequence: int
    starts: datetime
    title: str
    about: str
    place: str
    is_cancelled: bool = False

    @property
    def ends(self) -> datetime:
        """When it is over."""
        return self.starts + LASTS


def meetings_of(draft: Draft, names: Names, calendar: SchoolCalendar) -> tuple[Meeting, ...]:
    """What to put in a calendar, and what to take from it: the same for everybody who is told of it, whenever that is."""
    about = [each for each in draft.notices if each.alert.kind is AlertKind.MISMATCH and _site(each, names)]
    over = [each for each in about if each.news is News.CLEARED and each.was_invited]
    proposed = [each for each in about if each.news not in TOLD_BEFORE and draft.channel is not Channel.OVERFLOW]
    return (
        *(_meeting(each, names, calendar, is_cancelled=True) for each in over),
        *(_meeting(each, names, calendar) for each in proposed),
    )


def _meeting(notice: Notice, names: Names, calendar: SchoolCalendar, *, is_cancelled: bool = False) -> Meeting:
    alert, words = notice.alert, names.phrases.framing
    code = short_code(alert.case.student)
    return Meeting(
        id=alert.id,
        sequence=alert.revision,
        starts=_starts(alert, names, calendar),
        title=words.meeting_title.format(code=code),
        about=words.meeting_about.format(code=code, number=alert.case.student),
        place=names.site(_site(notice, names) or ""),
        is_cancelled=is_cancelled,
    )


def _starts(alert: Alert, names: Names, calendar: SchoolCalendar) -> datetime:
    """Some school days after it was reported, whoever is told when; after today where that day has come."""
    region = alert.case.region
    today = names.knowledge.day_in(region)
    reported = today - (names.knowledge.today - dutch_day(alert.opened_at))
    first = _soon(reported, region, calendar)
    return first if first.date() > today else _soon(today, region, calendar)


def _soon(day: date, region: str, calendar: SchoolCalendar) -> datetime:
    now = datetime.combine(day, time(12), AMSTERDAM)
    found = calendar.after_school_days(region, now, SCHOOL_DAYS_AHEAD).date()
    return datetime.combine(found, AFTER_LESSONS, AMSTERDAM)


def _site(notice: Notice, names: Names) -> str | None:
    case = notice.alert.case
    return names.knowledge.site_now(case.student) or case.site
