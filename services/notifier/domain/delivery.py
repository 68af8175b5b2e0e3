"""The way of a mail to the mail server: waiting, sending, sent, failed or cancelled, and when to try again."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.notifier.domain.alerts import AlertKind, Channel
from services.notifier.domain.contacts import Role
from services.notifier.domain.links import Links, fill_links, hide_links
from services.notifier.domain.mentions import Mention, fill_html, fill_text


class MailState(StrEnum):
    """A mail is sent once the mail server has taken it over, and cancelled when its contact was deleted before; or only shown.

    HANDED: the organisation's own system is told instead, and has not taken it yet.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SHOWN = "shown"
    HANDED = "handed-over"


UNDELIVERED = frozenset({MailState.FAILED, MailState.CANCELLED})
"""What nobody got, and nobody will."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was written; it is never written anew, so that a retry is the same mail.

    `email` is empty once the contact was deleted. In `text` and `html` marks stand for the sentences about others.
    `person` is the key of who gets it, whatever contact; `kind` is None where it is about several. `invitation` is a calendar file.
    `fell_back_at` is when it became a mail after all, since no system took it.
    """

    id: str
    dedupe_key: str
    kind: AlertKind | None
    region: str
    role: Role
    organisation: str
    contact: str
    email: str
    name: str | None
    subject: str
    text: str
    html: str
    because: str
    thread: str
    students: int
    created_at: datetime
    next_try_at: datetime
    state: MailState = MailState.WAITING
    attempts: int = 0
    sent_at: datetime | None = None
    reason: str | None = None
    mentions: tuple[Mention, ...] = ()
    channel: Channel = Channel.IMMEDIATE
    person: str = ""
    invitation: str = ""
    fell_back_at: datetime | None = None

    @property
    def rank(self) -> int:
        """Of the mails that are due those of a lower rank go first: what is told at once before the digests of a morning."""
        return 1 if self.channel in {Channel.DIGEST, Channel.WEEKLY} else 0

    @property
    def full_text(self) -> str:
        """The text as others may see it: with whom to call, without the links by which its reader acts."""
        return hide_links(fill_text(self.text, self.mentions))

    @property
    def full_html(self) -> str:
        """The HTML as others may see it."""
        return hide_links(fill_html(self.html, self.mentions))

    def sent_text(self, links: Links) -> str:
        """The text as its reader gets it."""
        return fill_links(fill_text(self.text, self.mentions), lambda each: links.of(each, self.id, self.created_at))

    def sent_html(self, links: Links) -> str:
        """The HTML as its reader gets it."""
        return fill_links(fill_html(self.html, self.mentions), lambda each: links.of(each, self.id, self.created_at))


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that this worker alone may send until the lease ends; `is_repeat`: an earlier worker did not come back."""

    mail: Mail
    token: str
    is_repeat: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """The mail server has taken the mail over."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The mail server will never take this mail for this address; `stops_address`: nor any other mail. `is_vague`: it does not say
    whether the address is no good.
    """

    reason: str
    stops_address: bool = False
    is_vague: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """Trying again helps. `is_uncertain`: the whole mail was handed over and no answer came, so it may arrive twice."""

    reason: str
    is_uncertain: bool = False
    is_server_away: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """The contact was deleted before the mail could go."""


Outcome = Accepted | Refused | Later | Gone


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Pauses that grow by `factor` from `first` to `cap`, until a mail is `give_up_after` old, or as long ago fell back.

    While the mail server is away no mail is to blame: then the pause is at most `away_cap`.
    """

    first: timedelta
    cap: timedelta
    give_up_after: timedelta
    factor: int = 4
    away_cap: timedelta = timedelta(seconds=15)

    def pause(self, attempts: int, jitter: float) -> timedelta:
        """The pause after so many attempts; `jitter` in 0..1 shortens it by at most half."""
        steps = min(max(attempts - 1, 0), 20)
        longest = min(self.cap.total_seconds(), self.first.total_seconds() * self.factor**steps)
        return timedelta(seconds=longest) * (0.5 + jitter / 2)


def settle(mail: Mail, outcome: Outcome, now: datetime, policy: RetryPolicy, jitter: float) -> Mail:
    """The mail after an attempt: sent, failed, cancelled, or waiting for the next try."""
    match outcome:
        case Accepted():
            return replace(mail, state=MailState.SENT, sent_at=now, reason=None)
        case Refused(reason=reason):
            return _fail(mail, reason)
        case Gone():
            return cancel(mail)
        case Later() if not mail.email:  # deleted during the attempt
            return cancel(mail)
        case Later(reason, is_server_away=is_away):
            if now - (mail.fell_back_at or mail.created_at) >= policy.give_up_after:
                return _fail(mail, f"te lang geprobeerd: {reason}")
            pause = policy.pause(mail.attempts, jitter)
            again = now + (min(pause, policy.away_cap) if is_away else pause)
            return replace(mail, state=MailState.WAITING, next_try_at=again, reason=reason)


def _fail(mail: Mail, reason: str) -> Mail:
    """The mail that did not arrive; what it told may be told anew by another, which is then not taken for the same."""
    return replace(mail, state=MailState.FAILED, reason=reason, dedupe_key=f"failed/{mail.id}")


def cancel(mail: Mail) -> Mail:
    """The mail that will not go; its alerts may be told anew, also to a contact that gets the same id later."""
    return replace(mail, state=MailState.CANCELLED, email="", name=None, reason=None, dedupe_key=f"cancelled/{mail.id}")
