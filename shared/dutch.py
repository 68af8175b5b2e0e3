"""Days, times, hours, numbers of things and regions as the Dutch write them; knows no framework."""

import re
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
MONTHS: Final = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
_HOURS = re.compile(r"(\d{1,3})(?:[.,](\d{1,2}))?")
_QUARTERS = {"": 0, "0": 0, "00": 0, "25": 1, "5": 2, "50": 2, "75": 3}


def dutch_day(moment: datetime) -> date:
    """The day it is in the Netherlands."""
    return moment.astimezone(AMSTERDAM).date()


def dutch_date(day: date) -> str:
    """24 november 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_dutch_date(day: date) -> str:
    """24-11-2026, as people type it."""
    return f"{day.day}-{day.month}-{day.year}"


def dutch_time(moment: datetime) -> str:
    """10:42, on the clock of Amsterdam."""
    return f"{moment.astimezone(AMSTERDAM):%H:%M}"


def dutch_moment(moment: datetime) -> str:
    """24 november 2026 om 10:42, on the clock of Amsterdam."""
    return f"{dutch_date(dutch_day(moment))} om {dutch_time(moment)}"


def dutch_hours(quarter_hours: int) -> str:
    """Quarter hours as hours and minutes: 45 minuten, 1 uur, 1 uur 30."""
    hours, minutes = divmod(quarter_hours * 15, 60)
    if not hours:
        return f"{minutes} minuten" if minutes else "0 uur"
    return f"{hours} uur {minutes}" if minutes else f"{hours} uur"


def read_hours(text: str) -> int | None:
    """Quarter hours of what people write as hours: 1,5 is 6, empty is 0; None when it is not in quarters."""
    if not text:
        return 0
    found = _HOURS.fullmatch(text)
    quarters = _QUARTERS.get(found[2] or "") if found else None
    return None if found is None or quarters is None else int(found[1]) * 4 + quarters


def written_hours(quarter_hours: int) -> str:
    """Quarter hours as people type them: 6 is 1,5; 0 is empty."""
    if not quarter_hours:
        return ""
    hours, quarters = divmod(quarter_hours, 4)
    return f"{hours}{('', ',25', ',5', ',75')[quarters]}"


def counted(count: int, one: str, several: str) -> str:
    """A number with the word that goes with it: 1 student, 2 studenten, 0 studenten."""
    return f"{count} {one if count == 1 else several}"


def called_region(name: str) -> str:
    """A region within a sentence: regio Rijn en Vecht, and not twice the word in Regio Middenveld or Onderwijsregio Zuid."""
    first = name.split(maxsplit=1)[0].casefold() if name.strip() else ""
    return name if first.endswith("regio") else f"regio {name}"
