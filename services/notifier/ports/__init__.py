"""What the notifier's handlers need from outside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.notifier.domain.alerts import Alert, AlertKind
from services.notifier.domain.contacts import Contact
from services.notifier.domain.delivery import Claim, Mail, MailState
from services.notifier.domain.modes import Modes, ModeSetting
from services.notifier.domain.notices import Told
from services.notifier.domain.unwritten import Unwritten
from services.notifier.ports.alarming import DeadLetterStore
from services.notifier.ports.erasing import ErasingStore
from services.notifier.ports.forgetting import OutlivedStore
from services.notifier.ports.handing import HandingStore
from services.notifier.ports.knowledge import KnowledgeStore
from services.notifier.ports.looking import LookingStore


@dataclass(frozen=True, slots=True)
class MailFilter:
    """Which mails to list: newest first, at most `limit`, older than the mail `before`; `own` are those to an organisation,
    its sites too, and is not for the reader to choose.
    """

    state: MailState | None = None
    kind: str | None = None
    organisation: str | None = None
    own: str | None = None
    before: str | None = None
    limit: int = 50


class ContactStore(Protocol):
    """Contacts, within one transaction."""

    async def contact(self, contact: str) -> Contact | None:
        """A contact, locked for change."""
        ...

    async def contacts(self, organisation: str | None = None) -> Sequence[Contact]:
        """All contacts, or those of one organisation, in a fixed order."""
        ...

    async def contacts_of(self, organisations: Collection[str]) -> Sequence[Contact]:
        """The contacts of these organisations, in a fixed order."""
        ...

    def person_key(self, email: str) -> str:
        """The same for the same address, and of no use to who wants to know the address."""
        ...

    async def save_contact(self, contact: Contact) -> None:
        """Keeps a contact, and writes down that it changed."""
        ...

    async def delete_contact(self, contact: Contact) -> None:
        """Erases a contact with its key, its name and address on all mails, and writes down that it is gone."""
        ...


class AlertStore(Protocol):
    """Alerts and who was told, within one transaction."""

    async def alert(self, alert: str) -> Alert | None:
        """An alert, locked for change."""
        ...

    async def alerts_in(self, alerts: Collection[str]) -> Sequence[Alert]:
        """Those of these alerts that are there, locked for change, in a fixed order."""
        ...

    async def alerts_under(self, prefix: str) -> Sequence[Alert]:
        """The alerts whose id begins so."""
        ...

    async def alerts_of(self, student: str) -> Sequence[Alert]:
        """The alerts about a student that are not closed, locked for change."""
        ...

    async def taken_on_by(self, contact: str) -> Sequence[Alert]:
        """The alerts that go on and that this contact took on, locked for change."""
        ...

    async def open_alerts(self) -> Sequence[Alert]:
        """The alerts of which somebody must still hear, without mere facts, the oldest first."""
        ...

    async def due_alerts(self, now: datetime, limit: int) -> Sequence[Alert]:
        """The alerts that are to be looked at, the critical first, then the longest waiting; where there are any, also those
        of which somebody must still hear and that wait for their own time: they may share a mail. Locked for change.
        """
        ...

    async def news_alerts(self) -> Sequence[Alert]:
        """The alerts with news that somebody has yet to hear, good news too."""
        ...

    async def unchanged_since(self, moment: datetime) -> Sequence[Alert]:
        """The alerts that go on, that matter, and that nobody was told of since that moment."""
        ...

    async def hidden_alerts(self) -> Sequence[Alert]:
        """The alerts that go on, that matter, and of whose newest news nobody was mailed since another says it. Locked for change."""
        ...

    async def live_alerts(self, students: Collection[str]) -> Sequence[Alert]:
        """The alerts about these students that are not closed."""
        ...

    async def live_of_kinds(self, kinds: Collection[AlertKind], regions: Collection[str]) -> Sequence[Alert]:
        """The alerts of these kinds in these regions that go on."""
        ...

    async def alerts_of_week(self, region: str, since: datetime) -> Sequence[Alert]:
        """The alerts of a region that go on, or were opened or ended since that moment."""
        ...

    async def save_alert(self, alert: Alert) -> None:
        """Keeps an alert."""
        ...

    async def save_alerts(self, alerts: Sequence[Alert]) -> None:
        """Keeps alerts that are there already, many at once."""
        ...

    async def look_again(self) -> None:
        """Whatever somebody must still hear is looked at now: somebody came who may hear it."""
        ...

    async def told(self, alerts: Collection[str]) -> Sequence[Told]:
        """Who was told of these alerts, in all their revisions."""
        ...

    async def save_told(self, told: Sequence[tuple[Told, str]]) -> None:
        """Writes down that contacts were told, by which mail, each with the reason why, or why without one."""
        ...

    async def untell(self, mails: Collection[str], alerts: Collection[str]) -> None:
        """Forgets that these mails told anybody of these alerts, and who needed no mail about what they told."""
        ...

    async def is_erased(self, student: str) -> bool:
        """Whether this student was erased."""
        ...

    async def remember_erased(self, student: str) -> None:
        """From now on nobody hears of this student."""
        ...

    async def note(self, action: str, alert: str, by: str) -> None:
        """Writes down who did what with an alert."""
        ...


class RoundStore(Protocol):
    """What is to be tried again, what was done today, and how organisations want their mail, within one transaction."""

    async def unwritten(self) -> Sequence[Unwritten]:
        """The mails that could not be written, the longest waiting first."""
        ...

    async def keep_unwritten(self, unwritten: Sequence[Unwritten]) -> None:
        """Keeps these mails that could not be written, and no others."""
        ...

    async def round_done(self, name: str) -> date | None:
        """The last day on which this round was done."""
        ...

    async def save_round(self, name: str, day: date) -> None:
        """This round was done on this day."""
        ...

    async def modes(self) -> Modes:
        """What happens with the mails of organisations, where that was said, and which sites the boards have that said so."""
        ...

    async def save_mode(self, setting: ModeSetting) -> None:
        """Keeps what happens with the mails of an organisation."""
        ...

    async def forget_mode(self, organisation: str) -> None:
        """From now on an organisation says nothing of its mails itself, and that is written down."""
        ...


class MailStore(Protocol):
    """Mails, within one transaction."""

    async def add_mail(self, mail: Mail) -> None:
        """Keeps a new mail; its dedupe key was never used before. Raises TransientError when somebody in it was just deleted."""
        ...

    async def add_parting(self, mail: Mail, contact: Contact) -> None:
        """Keeps the last mail to an address of this contact, and writes that down; what is kept of the address goes once it went."""
        ...

    async def add_mails(self, mails: Sequence[Mail]) -> None:
        """Keeps many new mails at once."""
        ...

    async def mail(self, mail: str) -> Mail | None:
        """A mail."""
        ...

    async def mails(self, wanted: MailFilter) -> Sequence[Mail]:
        """The mails that fit, newest first."""
        ...

    async def with_invitation(self, mails: Collection[str]) -> set[str]:
        """Those of these mails that came with a talk for in a calendar."""
        ...

    async def waiting_mails(self, contact: str) -> Sequence[Mail]:
        """The mails that tell a contact of something, that nobody has claimed and that are yet to go, locked for change."""
        ...

    async def waiting_mails_about(self, student: str) -> Sequence[Mail]:
        """The mails that tell of this student, that nobody has claimed and that are yet to go, locked for change."""
        ...

    async def mailed_since(self, people: Collection[str], moment: datetime) -> Mapping[str, Sequence[datetime]]:
        """When mails that went, or will, were written to these people (by their keys) since that moment."""
        ...

    async def has_taken(self, person: str, since: datetime, until: datetime) -> bool:
        """Whether the mail server took a mail to this person (by their key) over in that time, and it did not come back."""
        ...

    async def mails_between(self, region: str, start: datetime, until: datetime) -> int:
        """How many mails were written about a region in that time."""
        ...

    async def count_mails(self, state: MailState) -> int:
        """How many mails are in this state."""
        ...

    async def known_keys(self, keys: Collection[str]) -> set[str]:
        """Those of these dedupe keys that a mail has."""
        ...

    async def claim_mails(self, now: datetime, lease_until: datetime, token: str, limit: int) -> Sequence[Claim]:
        """Takes mails whose worker did not come back, and mails that are due, by rank and the longest due first.

        Nobody else gets them before the lease ends.
        """
        ...

    async def claimed_mail(self, mail: str, token: str) -> Mail | None:
        """The mail, when it is still claimed with this token; locked for change."""
        ...

    async def mark_sent(self, claims: Sequence[Claim], now: datetime) -> set[str]:
        """The mail server has taken these over: the mails that are still claimed so, since somebody else may have others."""
        ...

    async def save_mail(self, mail: Mail) -> None:
        """Keeps a mail after an attempt, and ends its claim."""
        ...


class Store(
    ContactStore,
    KnowledgeStore,
    AlertStore,
    RoundStore,
    MailStore,
    LookingStore,
    ErasingStore,
    DeadLetterStore,
    OutlivedStore,
    HandingStore,
    Protocol,
):
    """Everything the notifier keeps, within one transaction."""
