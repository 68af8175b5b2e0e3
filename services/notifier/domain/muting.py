"""Mute: what is told at once, what waits for the digest, for the morning or for others like it, and what goes in one line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.notifier.domain.alerts import Channel, News
from services.notifier.domain.asking import asks
from services.notifier.domain.calendar import end_of_quiet, start_of_day
from services.notifier.domain.contacts import Contact, Wish
from services.notifier.domain.decisions import Decision
from services.notifier.domain.inhibiting import Dropped
from services.notifier.domain.modes import Modes, reader
from services.notifier.domain.notices import Draft, Notice

SPREAD = 4
"""Each mail within an hour to one person makes the next wait so many times longer: a storm becomes few mails by itself."""
WITHIN = timedelta(hours=1)
UNWANTED = "wishes not to hear"


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast mails may follow one another: what comes together within `group_wait` shares one; at most `per_day` a person.

    `mailed` is when each reader was mailed today; `kept` how many mails are still to come today for each (the digest, a week).
    """

    now: datetime
    group_wait: timedelta
    per_day: int = 5
    mailed: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    modes: Modes = field(default_factory=Modes)
    kept: Mapping[str, int] = field(default_factory=dict)

    def written_today(self, contact: Contact) -> Sequence[datetime]:
        """When this person was mailed today, whatever roles they have."""
        midnight = start_of_day(self.now)
        return [at for at in self._mailed(contact) if at >= midnight]

    def wait(self, contact: Contact) -> timedelta:
        """How long the next mail to this person gathers what comes."""
        lately = [at for at in self._mailed(contact) if at > self.now - WITHIN]
        longer: int = SPREAD ** min(len(lately), self.per_day)
        return self.group_wait * longer

    def left(self, contact: Contact) -> int:
        """How many mails this person may get now: what is still to come today keeps its place."""
        kept = self.kept.get(reader(contact, self.modes), 0)
        return max(0, self.per_day - kept - len(self.written_today(contact)))

    def extra_at(self, contact: Contact) -> datetime:
        """When somebody who had all mails of the day may get one more, for what cannot wait: an hour later, then two, then four."""
        before, kept = self.written_today(contact), self.kept.get(reader(contact, self.modes), 0)
        extra = max(0, len(before) + kept - self.per_day)
        wait: timedelta = WITHIN * 2**extra
        return max(before, default=self.now - WITHIN) + wait

    def _mailed(self, contact: Contact) -> Sequence[datetime]:
        return self.mailed.get(reader(contact, self.modes), ())


@dataclass(frozen=True, slots=True)
class Muted:
    """What may go at once; what never goes; and until when the rest waits (None: for the digest)."""

    at_once: tuple[Notice, ...]
    dropped: tuple[Dropped, ...]
    held: tuple[tuple[Notice, datetime | None], ...]


def mute(notices: Sequence[Notice], now: datetime, decisions: list[Decision]) -> Muted:
    """What is critical goes at once, unless its reader wishes otherwise or has quiet hours; the rest waits for the digest."""
    at_once: list[Notice] = []
    dropped: list[Dropped] = []
    held: list[tuple[Notice, datetime | None]] = []
    for notice in notices:
        verdict, reason, until = _judge(notice, now)
        if verdict == "dropped":
            dropped.append(Dropped(notice, reason))
        elif verdict == "held":
            held.append((notice, until))
        else:
            at_once.append(notice)
            continue
        decisions.append(Decision("mute", verdict, reason, notice.alert.id, notice.addressee.role))
    return Muted(tuple(at_once), tuple(dropped), tuple(held))


def limit(
    drafts: Sequence[Draft], pace: Pace, decisions: list[Decision]
) -> tuple[list[Draft], list[tuple[Notice, datetime | None]]]:
    """The mails within each person's limit for the day; the last of them tells all the rest in short.

    Of what comes later only what cannot wait goes the same day: together, an hour after the mail before it or longer.
    """
    by_person: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_person.setdefault(reader(draft.contact, pace.modes), []).append(draft)
    kept: list[Draft] = []
    held: list[tuple[Notice, datetime | None]] = []
    for mine in by_person.values():
        contact, left = mine[0].contact, pace.left(mine[0].contact)
        if len(mine) <= left:
            kept += mine
            continue
        kept += mine[: max(left - 1, 0)]
        rest = [notice for draft in mine[max(left - 1, 0) :] for notice in draft.notices]
        again = pace.extra_at(contact)
        joined = rest if left else [each for each in rest if each.alert.is_critical and again <= pace.now]
        kept += [_overflow(contact, joined)] if joined else []
        later = [each for each in rest if each not in joined]
        held += [(each, again if each.alert.is_critical else None) for each in later]
        reason = "the last mail of the day" if left else "cannot wait for tomorrow"
        decisions += [Decision("mute", "joined", reason, n.alert.id, n.addressee.role) for n in joined]
        decisions += [
            Decision("mute", "held", "over the limit of the day", n.alert.id, n.addressee.role) for n in later
        ]
    return kept, held


def quiet_until(contact: Contact, now: datetime) -> datetime | None:
    """When the quiet hours that it is now for this contact end; None outside them."""
    quiet = contact.preferences.quiet_hours
    return end_of_quiet(now, quiet.start, quiet.until) if quiet else None


def _overflow(contact: Contact, notices: Sequence[Notice]) -> Draft:
    return Draft(contact, contact.role, None, notices[0].alert.case.region, tuple(notices), Channel.OVERFLOW)


def _judge(notice: Notice, now: datetime) -> tuple[str, str, datetime | None]:
    preferences, alert = notice.contact.preferences, notice.alert
    wish = preferences.wish_for(alert.kind)
    if wish is Wish.NONE:
        return "dropped", UNWANTED, None
    is_asked_for = preferences.by_kind.get(alert.kind) is Wish.IMMEDIATE
    if wish is Wish.DIGEST:
        return "held", "wishes the digest", None
    if alert.news in {News.CLEARED, News.RESTLESS} or not (alert.is_critical or is_asked_for):
        return "held", "waits for the digest", None
    if not (asks(alert, notice.addressee.role) or is_asked_for):
        return "held", "asks nothing of them", None
    until = quiet_until(notice.contact, now)
    return ("held", "quiet hours", until) if until else ("at once", "", None)
