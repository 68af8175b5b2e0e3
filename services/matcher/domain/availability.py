"""Hours that a supervisor really has in a period."""

from collections.abc import Iterator
from datetime import date, timedelta

from services.matcher.domain.region import Period, Region, Supervisor


def available_qh(region: Region, supervisor: Supervisor, period: Period) -> int:
    """The promised hours, or 0 when somebody is away longer than the grace in what is left of the period."""
    promised = supervisor.qh.get(period.id, 0)
    if not promised or (not supervisor.absences and supervisor.departs is None):
        return promised
    return (
        0
        if days_away(supervisor, max(region.today, period.start), period.end) > region.settings.grace_days
        else promised
    )


def days_away(supervisor: Supervisor, first: date, last: date) -> int:
    """Calendar days from first to last, both included, on which somebody is absent or has departed; no day twice."""
    away, counted_to = 0, first - timedelta(days=1)
    for start, end in sorted(_stretches(supervisor, last)):
        begin = max(start, counted_to + timedelta(days=1))
        stop = min(end, last)
        if begin <= stop:
            away += (stop - begin).days + 1
            counted_to = stop
    return away


def _stretches(supervisor: Supervisor, last: date) -> Iterator[tuple[date, date]]:
    for absence in supervisor.absences:
        yield absence.start, last if absence.end is None else absence.end
    if supervisor.departs is not None:
        yield supervisor.departs, last
