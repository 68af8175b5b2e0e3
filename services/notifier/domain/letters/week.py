"""A region's week: counts, two charts with their tables, the shortages and what has been open longest."""

from collections import Counter
from datetime import date, timedelta

from services.notifier.domain.alerts import Alert, AlertKind, Case
from services.notifier.domain.letters.at_once import because
from services.notifier.domain.letters.calling import Names
from services.notifier.domain.letters.items import Writer
from services.notifier.domain.letters.shape import Chart, Letter, Listing, Table
from services.notifier.domain.notices import Draft, Week
from services.notifier.domain.phrases import Phrases
from services.notifier.domain.phrases.shape import Weekly
from shared.dutch import dutch_day

MOST_DAYS = 14
MOST_LINES = 8


def write_week(draft: Draft, names: Names) -> Letter:
    """The letter for a week; only numbers and what the alerts are about, so there is nobody to call."""
    assert draft.week is not None
    phrases, week = names.phrases, draft.week
    writer = Writer(names, {}, week.region)
    words = phrases.weekly
    opening = words.opening.format(
        region=names.region(week.region), start=phrases.date(week.start), until=phrases.date(week.until)
    )
    notes = (words.unacknowledged.of(week.unacknowledged),) if week.unacknowledged else ()
    return Letter(
        language=phrases.language,
        subject=words.subject,
        preheader=" ".join((opening, *notes)),
        opening=opening,
        notes=(*notes, *((words.gaps.of(week.gaps),) if week.gaps else ()), words.mails.of(week.mails)),
        by_when="",
        call="",
        sections=(),
        closing="",
        finding="",
        because=because(draft, names),
        mentions=(),
        is_digest=True,
        table=_counts(week, phrases),
        charts=tuple(each for each in (_reasons(week, words), _days(week, words)) if each is not None),
        listings=tuple(_listings(week, writer, phrases)),
    )


def _counts(week: Week, phrases: Phrases) -> Table:
    words = phrases.weekly
    known = [
        kind for kind in AlertKind if week.raised.get(kind, 0) or week.cleared.get(kind, 0) or week.live.get(kind, 0)
    ]
    rows = tuple(
        (phrases.subjects[kind], *(str(counts.get(kind, 0)) for counts in (week.raised, week.cleared, week.live)))
        for kind in known
    )
    return Table(words.counts, words.count_columns, rows, "" if rows else words.no_counts)


def _reasons(week: Week, words: Weekly) -> Chart | None:
    counted = sorted(week.unplaced_by_reason.items(), key=lambda each: (-each[1], each[0]))
    if not counted:
        return None
    rows = tuple((words.short_reasons.get(reason, reason), count) for reason, count in counted)
    told = words.reasons_told.format(count=rows[0][1], total=sum(count for _, count in rows), reason=rows[0][0])
    return Chart(words.reasons, told, words.reasons_columns, rows)


def _days(week: Week, words: Weekly) -> Chart | None:
    if len(week.by_day) > MOST_DAYS:
        return _weeks(week, words)
    rows = tuple(
        (f"{words.weekdays[day.weekday()]} {day.day}-{day.month}", count) for day, count in sorted(week.by_day.items())
    )
    most = max(rows, key=lambda row: row[1], default=("", 0))
    if not most[1]:
        return None
    told = words.days_told.format(day=most[0], count=most[1])
    return Chart(words.days, told, words.days_columns, rows, is_series=True)


def _weeks(week: Week, words: Weekly) -> Chart | None:
    """After a holiday there are too many days to tell apart."""
    counts = Counter[date]()
    for day, count in week.by_day.items():
        counts[day - timedelta(days=day.weekday())] += count
    rows = tuple((f"{monday.day}-{monday.month}", count) for monday, count in sorted(counts.items()))
    most = max(rows, key=lambda row: row[1])
    if not most[1]:
        return None
    told = words.weeks_told.format(day=most[0], count=most[1])
    return Chart(words.weeks, told, words.weeks_columns, rows, is_series=True)


def _listings(week: Week, writer: Writer, phrases: Phrases) -> list[Listing]:
    words = phrases.weekly
    found = [] if week.unplaced_by_reason else [Listing(words.reasons, (words.nobody_waits,))]
    shortages = tuple(_shortage(case, writer, phrases) for case in week.shortages[:MOST_LINES])
    found.append(Listing(words.shortages, shortages or (words.no_shortages,)))
    if week.oldest:
        found.append(Listing(words.oldest, tuple(_old(alert, writer, phrases) for alert in week.oldest[:MOST_LINES])))
    return found


def _shortage(case: Case, writer: Writer, phrases: Phrases) -> str:
    said = phrases.said[AlertKind.SHORTAGE][case.tier or "seats"]
    measured = phrases.measured(said.measured, case.figures)
    return f"{writer.what(case, AlertKind.SHORTAGE)}. {measured}".strip()


def _old(alert: Alert, writer: Writer, phrases: Phrases) -> str:
    since = phrases.weekly.since.format(date=phrases.date(dutch_day(alert.opened_at)))
    return f"{phrases.subjects[alert.kind]}: {writer.what(alert.case, alert.kind)}, {since}."
