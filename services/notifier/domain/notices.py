"""What stands between alerts and mails: one alert for one contact (a notice), and one mail to be (a draft)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from services.notifier.domain.alerts import Alert, AlertKind, Case, Channel, News
from services.notifier.domain.contacts import Addressee, Contact, Role


@dataclass(frozen=True, slots=True)
class Told:
    """One contact has heard in one role of one revision of an alert: by this mail, or (None) because they heard otherwise."""

    alert: str
    revision: int
    role: Role
    contact: str
    mail: str | None = None
    at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert for one contact, and why it is told now.

    `stands_in_for` are the roles that nobody has, for which this contact is told. `replaces` is the absent contact in whose
    place this one is told. `escalated_from` are those who were told first and did not take it on. `hides` counts the alerts
    about single students that are not told since this one says it all. `was_invited`: a mail about it put a talk in their calendar.
    """

    alert: Alert
    addressee: Addressee
    contact: Contact
    stands_in_for: tuple[Addressee, ...] = ()
    news: News = News.RAISED
    replaces: Contact | None = None
    escalated_from: tuple[Addressee, ...] = ()
    hides: int = 0
    was_invited: bool = False


@dataclass(frozen=True, slots=True)
class Week:
    """What one region's week was like, for its programme manager: both days count, and `by_day` has every day of it.

    After a holiday it is longer than a week. `gaps` counts the institutes and schools where a role has nobody.
    """

    region: str
    start: date
    until: date
    raised: Mapping[AlertKind, int]
    cleared: Mapping[AlertKind, int]
    live: Mapping[AlertKind, int]
    by_day: Mapping[date, int]
    unplaced_by_reason: Mapping[str, int]
    shortages: Sequence[Case]
    oldest: Sequence[Alert]
    unacknowledged: int
    mails: int
    gaps: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """One mail to be.

    IMMEDIATE and ESCALATION tell of one kind in one region; DIGEST and OVERFLOW (what was over the day's limit, to be told in
    short) of any, so their `kind` is None; WEEKLY has no notices but a `week`. `role` is the contact's when there are several.
    """

    contact: Contact
    role: Role
    kind: AlertKind | None
    region: str
    notices: tuple[Notice, ...]
    channel: Channel = Channel.IMMEDIATE
    week: Week | None = None
