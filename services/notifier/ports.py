"""What the notifier's handlers need from outside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.notifier.domain.alerts import Alert
from services.notifier.domain.contacts import Contact
from services.notifier.domain.delivery import Claim, Mail, MailState, Outcome
from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace
from services.notifier.domain.letters import Letter
from services.notifier.domain.notices import Told
from services.notifier.domain.unwritten import Unwritten


@dataclass(frozen=True, slots=True)
class MailFilter:
    """Which mails to list: newest first, at most `limit`, older than the mail `before`."""

    state: MailState | None = None
    kind: str | None = None
    organisation: str | None = None
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

    async def save_contact(self, contact: Contact) -> None:
        """Keeps a contact, and writes down that it changed."""
        ...

    async def delete_contact(self, contact: Contact) -> None:
        """Erases a contact with its key, its name and address on all mails, and writes down that it is gone."""
        ...


class KnowledgeStore(Protocol):
    """What is known of regions, sites and places, within one transaction."""

    async def region(self, region: str) -> KnownRegion | None:
        """A region."""
        ...

    async def regions(self) -> Mapping[str, KnownRegion]:
        """All regions."""
        ...

    async def save_region(self, region: KnownRegion) -> None:
        """Keeps a region."""
        ...

    async def site(self, site: str) -> KnownSite | None:
        """A site."""
        ...

    async def sites(self, sites: Collection[str]) -> Mapping[str, KnownSite]:
        """Those of the sites that are known."""
        ...

    async def save_site(self, site: KnownSite) -> None:
        """Keeps a site."""
        ...

    async def place(self, student: str) -> StudentPlace | None:
        """A student's place, locked for change."""
        ...

    async def places(self, students: Collection[str]) -> Mapping[str, StudentPlace]:
        """The places of those students of whom one is known."""
        ...

    async def save_place(self, place: StudentPlace) -> None:
        """Keeps a student's place."""
        ...

    async def forget_place(self, student: str) -> None:
        """Erases a student's place."""
        ...


class AlertStore(Protocol):
    """Alerts and who was told, within one transaction."""

    async def alert(self, alert: str) -> Alert | None:
        """An alert, locked for change."""
        ...

    async def alerts_of(self, student: str) -> Sequence[Alert]:
        """The alerts about a student that are not cleared, locked for change."""
        ...

    async def open_alerts(self) -> Sequence[Alert]:
        """The alerts of which somebody must still hear, locked for change, the oldest first."""
        ...

    async def live_alerts(self, students: Collection[str]) -> Sequence[Alert]:
        """The alerts about these students that are not cleared."""
        ...

    async def save_alert(self, alert: Alert) -> None:
        """Keeps an alert."""
        ...

    async def save_states(self, alerts: Sequence[Alert]) -> None:
        """Keeps the states of alerts that are there already, many at once."""
        ...

    async def told(self, alerts: Collection[str]) -> Sequence[Told]:
        """Who was told of these alerts, in all their revisions."""
        ...

    async def save_told(self, told: Told, mail: str | None, reason: str) -> None:
        """Writes down that a role was told, by which mail or why without one."""
        ...

    async def untell(self, mails: Collection[str]) -> None:
        """Forgets that these mails told anybody, and opens their alerts anew unless they were cleared or opened since."""
        ...

    async def unwritten(self) -> Sequence[Unwritten]:
        """The mails that could not be written, the longest waiting first."""
        ...

    async def keep_unwritten(self, unwritten: Sequence[Unwritten]) -> None:
        """Keeps these mails that could not be written, and no others."""
        ...


class MailStore(Protocol):
    """Mails, within one transaction."""

    async def add_mail(self, mail: Mail) -> None:
        """Keeps a new mail; its dedupe key was never used before. Raises TransientError when somebody in it was just deleted."""
        ...

    async def mail(self, mail: str) -> Mail | None:
        """A mail."""
        ...

    async def mails(self, wanted: MailFilter) -> Sequence[Mail]:
        """The mails that fit, newest first."""
        ...

    async def waiting_mails(self, contact: str) -> Sequence[Mail]:
        """The mails to a contact that nobody has claimed and that are yet to go, locked for change."""
        ...

    async def claim_mail(self, now: datetime, lease_until: datetime, token: str) -> Claim | None:
        """Takes one mail that is due, or whose worker did not come back; nobody else gets it before the lease ends."""
        ...

    async def claimed_mail(self, mail: str, token: str) -> Mail | None:
        """The mail, when it is still claimed with this token; locked for change."""
        ...

    async def save_mail(self, mail: Mail) -> None:
        """Keeps a mail after an attempt, and ends its claim."""
        ...


class Store(ContactStore, KnowledgeStore, AlertStore, MailStore, Protocol):
    """Everything the notifier keeps, within one transaction."""


class Composer(Protocol):
    """Lays a letter out."""

    def compose(self, letter: Letter, page: str) -> tuple[str, str]:
        """The letter as plain text and as HTML; `page` is where its reader finds it: a path below the pages, "" for the list of all."""
        ...


class Sender(Protocol):
    """Hands mails to the mail server."""

    async def send(self, mail: Mail) -> Outcome:
        """Tries once; never raises for what a mail server may do."""
        ...

    async def rest(self) -> None:
        """Nothing to send for now: lets go of the connection."""
        ...
