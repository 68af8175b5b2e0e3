"""The talk of three that is proposed where student and place do not fit, and taken back when that is over."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.notifier.domain.alerts import AlertKind, Channel, News
from services.notifier.domain.calendar import SchoolCalendar
from services.notifier.domain.letters.calling import Names
from services.notifier.domain.notices import Draft, Notice
from shared.dutch import AMSTERDAM
from shared.short_code import short_code

SCHOOL_DAYS_AHEAD = 3
"""Soon, with time to ask the others."""
AFTER_LESSONS, LASTS = time(15, 30), timedelta(minutes=30)


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
    """What to put in a calendar, or to take from it; one mail does only one of the two."""
    if draft.channel is Channel.DIGEST:
        over = (each for each in draft.notices if each.news is News.CLEARED and each.was_invited)
        return tuple(_meeting(each, names, calendar, is_cancelled=True) for each in over if _site(each, names))
    if draft.channel in {Channel.IMMEDIATE, Channel.ESCALATION} and draft.kind is AlertKind.MISMATCH:
        return tuple(_meeting(each, names, calendar) for each in draft.notices if _site(each, names))
    return ()


def _meeting(notice: Notice, names: Names, calendar: SchoolCalendar, *, is_cancelled: bool = False) -> Meeting:
    alert, words = notice.alert, names.phrases.framing
    code = short_code(alert.case.student)
    return Meeting(
        id=alert.id,
        sequence=alert.revision,
        starts=_soon(names.knowledge.day_in(alert.case.region), alert.case.region, calendar),
        title=words.meeting_title.format(code=code),
        about=words.meeting_about.format(code=code, number=alert.case.student),
        place=names.site(_site(notice, names) or ""),
        is_cancelled=is_cancelled,
    )


def _soon(today: date, region: str, calendar: SchoolCalendar) -> datetime:
    now = datetime.combine(today, time(12), AMSTERDAM)
    day = calendar.after_school_days(region, now, SCHOOL_DAYS_AHEAD).date()
    return datetime.combine(day, AFTER_LESSONS, AMSTERDAM)


def _site(notice: Notice, names: Names) -> str | None:
    case = notice.alert.case
    return names.knowledge.site_now(case.student) or case.site
