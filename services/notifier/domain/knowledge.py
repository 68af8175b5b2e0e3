"""What the notifier knows of regions, sites and students' places: folded from others' events, any of it may be missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from services.notifier.domain.alerts import Alert
from services.notifier.domain.contacts import Addressee, Contact

ACT_BEFORE_START = timedelta(days=14)
"""What has to be arranged before a period, is arranged two weeks before it starts."""


@dataclass(frozen=True, slots=True)
class KnownRegion:
    """A region; `sequence` 0: only its day is known. `heard_at`: when its newest day was told."""

    id: str
    name: str = ""
    starts: Mapping[str, date] = field(default_factory=dict)
    sequence: int = 0
    day: date | None = None
    day_sequence: int = 0
    heard_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownSite:
    """The public name and town of a school, its board (None: not known) and its region (empty: not told since that is kept)."""

    id: str
    name: str
    town: str
    sequence: int
    board: str | None = None
    region: str = ""


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
    """Everything that routing and composing look up; `today` is the day where a region has no day of its own.

    `levers` are by student without a place those that the matcher measured: each would help them on its own.
    """

    today: date
    regions: Mapping[str, KnownRegion]
    sites: Mapping[str, KnownSite]
    places: Mapping[str, StudentPlace]
    contacts: Sequence[Contact]
    levers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_id: Mapping[str, Contact] = field(init=False, repr=False, compare=False)
    by_role: Mapping[Addressee, Sequence[Contact]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_role: dict[Addressee, list[Contact]] = {}
        for contact in sorted(self.contacts, key=lambda each: each.id):
            by_role.setdefault(Addressee(contact.role, contact.organisation), []).append(contact)
        object.__setattr__(self, "by_role", by_role)
        object.__setattr__(self, "by_id", {contact.id: contact for contact in self.contacts})

    def with_role(self, addressee: Addressee) -> list[Contact]:
        """The contacts with this role in this organisation, in a fixed order."""
        return list(self.by_role.get(addressee, ()))

    def is_absent(self, contact: Contact) -> bool:
        """Whether somebody is away today."""
        return contact.absence is not None and contact.absence.covers(self.today)

    def reachable(self, addressee: Addressee) -> list[tuple[Contact, Contact | None]]:
        """Who with this role can be mailed today, in a fixed order, and the absent contact in whose place (or None)."""
        found: dict[str, tuple[Contact, Contact | None]] = {}
        for contact in self.with_role(addressee):
            reader = self.stands_in_for(contact) if self.is_absent(contact) else contact
            if reader is not None and reader.stopped is None:
                absent = None if reader is contact else contact
                found[reader.id] = found.get(reader.id, (reader, absent)) if absent else (reader, None)
        return [found[each] for each in sorted(found)]

    def stands_in_for(self, contact: Contact) -> Contact | None:
        """Who hears today in the place of a contact who is away; None where nobody does, or where they are not away."""
        if contact.absence is None or not self.is_absent(contact):
            return None
        absent, found = contact, self.by_id.get(contact.absence.substitute or "")
        if found is None or found.organisation != absent.organisation or self.is_absent(found):
            return None
        return found

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
