"""Regions: their periods and settings, and the day on which they are."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from shared.contracts.region import LONGEST_LEAP, DayStarted, Period, RegionChanged, RegionSettings
from shared.errors import Conflict, DomainError
from shared.security.free_text import check_free_text


@dataclass(frozen=True, slots=True)
class RegionTerms:
    """What a region may change: its name, institutes (empty: any), periods and settings."""

    name: str
    institutes: tuple[str, ...]
    periods: tuple[Period, ...]
    settings: RegionSettings


@dataclass(frozen=True, slots=True)
class Region:
    """A region and the version of its terms; `day` is the day it is on, None before the first tick."""

    id: str
    terms: RegionTerms
    sequence: int
    day: date | None = None
    day_sequence: int = 0

    @property
    def periods(self) -> frozenset[str]:
        """The ids of its periods."""
        return frozenset(period.id for period in self.terms.periods)


def settle_region(
    held: Region | None, identifier: str, terms: RegionTerms, periods_in_use: Collection[str]
) -> tuple[Region, RegionChanged | None]:
    """The region with these terms; None as event when nothing changed. A period that somebody uses stays."""
    _check_words(terms)
    names = [period.id for period in terms.periods]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise DomainError(
                "dubbele-periode", f"De periode {name} staat er tweemaal in.", pointer=f"/periods/{index}"
            )
    lost = sorted(set(periods_in_use) - set(names))
    if lost:
        detail = f"De periode {lost[0]} is nog in gebruik bij een leerwerkplek of begeleider en kan niet weg."
        raise DomainError("periode-in-gebruik", detail, pointer="/periods")
    if held is not None and held.terms == terms:
        return held, None
    settled = replace(held, terms=terms, sequence=held.sequence + 1) if held else Region(identifier, terms, 1)
    return settled, region_changed(identifier, settled.sequence, terms)


def _check_words(terms: RegionTerms) -> None:
    check_free_text(terms.name, "/name")
    for index, pair in enumerate(terms.settings.related):
        for field in ("student", "place"):
            check_free_text(getattr(pair, field), f"/settings/related/{index}/{field}")
    for index, norm in enumerate(terms.settings.norms):
        for field in ("route", "phase"):
            check_free_text(getattr(norm, field), f"/settings/norms/{index}/{field}")


def region_changed(identifier: str, sequence: int, terms: RegionTerms) -> RegionChanged:
    """The event that tells these terms, which is also how they are stored."""
    return RegionChanged(
        region=identifier,
        sequence=sequence,
        name=terms.name,
        institutes=terms.institutes,
        periods=terms.periods,
        settings=terms.settings,
    )


def start_day(held: Region, day: date) -> tuple[Region, DayStarted | None]:
    """The region on this day; the same day again changes nothing. A day never goes back, so a slip ahead is refused."""
    if held.day is not None and day < held.day:
        detail = f"Regio {held.id} is al op {held.day}; een dag gaat nooit terug."
        raise Conflict("dag-terug", detail, pointer="/day")
    if day == held.day:
        return held, None
    latest = (held.day or max(period.end for period in held.terms.periods)) + LONGEST_LEAP
    if day > latest:
        detail = f"{day} ligt te ver vooruit voor regio {held.id}: een dag gaat daarna nooit meer terug."
        raise DomainError("dag-te-ver", detail, pointer="/day")
    started = replace(held, day=day, day_sequence=held.day_sequence + 1)
    return started, DayStarted(region=held.id, sequence=started.day_sequence, day=day)


def day_in(region: Region, today: date) -> date:
    """The day that counts in a region: the one it is on, and today before its first day."""
    return region.day or today


def check_periods(region: Region, periods: Collection[str], pointer: str) -> None:
    """Every period named exists in the region; raises DomainError with the path of the one that does not."""
    for period in periods:
        if period not in region.periods:
            known = ", ".join(sorted(region.periods))
            detail = f"De periode {period} bestaat niet in regio {region.id}; wel: {known}."
            raise DomainError("onbekende-periode", detail, pointer=f"{pointer}/{period}")


def existing(region: Region | None, name: str) -> Region:
    """The region that a body names; raises DomainError when there is none."""
    if region is None:
        raise DomainError("onbekende-regio", f"De regio {name} kennen we niet.", pointer="/region")
    return region
