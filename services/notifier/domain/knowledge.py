"""What the notifier knows of regions, sites and students' places: folded from others' events, any of it may be missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.notifier.domain.alerts import Alert
from services.notifier.domain.contacts import Addressee, Contact

ACT_BEFORE_START = timedelta(days=14)
"""What has to be arranged before a period, is arranged two weeks before it starts."""


@dataclass(frozen=True, slots=True)
class KnownRegion:
    """A region; `sequence` 0: only its day is known."""

    id: str
    name: str = ""
    starts: Mapping[str, date] = field(default_factory=dict)
    sequence: int = 0
    day: date | None = None
    day_sequence: int = 0


@dataclass(frozen=True, slots=True)
class KnownSite:
    """The public name and town of a school."""

    id: str
    name: str
    town: str
    sequence: int


@dataclass(frozen=True, slots=True)
class StudentPlace:
    """Where a student is placed (site None: nowhere), and whether the institute still asks a place."""

    student: str
    site: str | None = None
    periods: tuple[str, ...] = ()
    sequence: int = 0
    is_withdrawn: bool = False
    registration_sequence: int = 0


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that routing and composing look up; `today` is the day where a region has no day of its own."""

    today: date
    regions: Mapping[str, KnownRegion]
    sites: Mapping[str, KnownSite]
    places: Mapping[str, StudentPlace]
    contacts: Sequence[Contact]

    def with_role(self, addressee: Addressee) -> list[Contact]:
        """The contacts with this role in this organisation, in a fixed order."""
        found = (
            contact
            for contact in self.contacts
            if contact.role is addressee.role and contact.organisation == addressee.organisation
        )
        return sorted(found, key=lambda contact: contact.id)

    def site_now(self, student: str) -> str | None:
        """Where the student is placed now."""
        place = self.places.get(student)
        return place.site if place else None

    def day_in(self, region: str) -> date:
        """The day it is in a region."""
        known = self.regions.get(region)
        return known.day if known and known.day else self.today

    def start_of(self, alert: Alert) -> date | None:
        """When the first period of the case starts; None when that is not known."""
        case = alert.case
        if case.starts is not None:
            return case.starts
        known, place = self.regions.get(case.region), self.places.get(case.student)
        periods = case.periods or (place.periods if place else ())
        starts = [known.starts[period] for period in periods if period in known.starts] if known else []
        return min(starts, default=None)

    def deadline(self, alert: Alert) -> date | None:
        """By when to act: two weeks before the period, today when that is past, None when the period is not known."""
        start = self.start_of(alert)
        return None if start is None else max(start - ACT_BEFORE_START, self.day_in(alert.case.region))
