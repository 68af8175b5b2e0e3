"""The school calendar: public holidays computed, school holidays from a file that every installation can replace."""

import tomllib
from datetime import date
from pathlib import Path

import holidays

from services.notifier.domain.calendar import SchoolCalendar, Vacation
from shared.errors import Misconfigured

PACKAGED = Path(__file__).with_name("school_holidays.toml")


def read_calendar(path: Path | None) -> SchoolCalendar:
    """The calendar in this file, or the one that comes with Leerplek; raises Misconfigured when it cannot be read."""
    file = path or PACKAGED
    try:
        content = tomllib.loads(file.read_text())
        vacations = {part: [_vacation(each) for each in listed] for part, listed in content["vacations"].items()}
        part_of, default = dict(content.get("regions", {})), str(content["default"])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as problem:
        raise Misconfigured(f"{file} holds no school holidays: {problem}") from problem
    unknown = {default, *part_of.values()} - set(vacations)
    if unknown:
        raise Misconfigured(f"{file} has no school holidays of {', '.join(sorted(unknown))}")
    national = holidays.country_holidays("NL")
    return SchoolCalendar(lambda day: day in national, vacations, part_of, default)


def _vacation(days: list[date]) -> Vacation:
    start, until = days
    if until < start:
        raise ValueError(f"{until} is before {start}")
    return Vacation(start, until)
