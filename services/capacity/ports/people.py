"""What signing in needs from outside: people, their sessions and links, the mail to them, and the log of who read what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from services.capacity.domain.people import Person
from services.capacity.domain.sessions import Session
from services.capacity.ports.organisations import Organisations
from shared.security.roles import Position


class MailKind(StrEnum):
    """What a mail about access is for."""

    INVITATION = "invitation"
    LINK = "link"
    WITHDRAWN = "withdrawn"
    BOARD = "board"

    @property
    def has_link(self) -> bool:
        """Whether there is a link to sign in by in it."""
        return self in (MailKind.INVITATION, MailKind.LINK)


@dataclass(frozen=True, slots=True)
class AccessMail:
    """A mail that waits; `position` in words (of which school which boards, for another board), empty for a link. Whether somebody with that address is known is seen when it is sent."""

    id: str
    kind: MailKind
    email: str
    name: str
    position: str
    created_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Noted:
    """Somebody (`actor`, as the audit names them) did something to a person and a position of theirs."""

    at: datetime
    actor: str
    action: str
    person: str
    position: Position


@dataclass(frozen=True, slots=True)
class Read:
    """That somebody saw personal data: which processing, of whom (a keyed fingerprint, or nothing), at which site, as what."""

    at: datetime
    activity: str
    person: str
    position: str
    site: str
    subject: str
    trace: str


class People(Organisations, Protocol):
    """People and what belongs to them, within one transaction."""

    async def person(self, person: str) -> Person | None:
        """Somebody."""
        ...

    async def with_address(self, email: str) -> Person | None:
        """Who was invited at this address."""
        ...

    async def with_identity(self, issuer: str, subject: str) -> Person | None:
        """Who signs in as this at a provider."""
        ...

    async def names(self, people: Collection[str]) -> Mapping[str, str]:
        """What those who are still there are called."""
        ...

    async def people_at(self, positions: Collection[Position] | None, limit: int) -> Sequence[Person]:
        """Who has one of these positions, or any; in no order."""
        ...

    async def add(self, person: Person, identity: tuple[str, str] | None = None) -> None:
        """Adds somebody without positions, known by address or by (issuer, subject)."""
        ...

    async def rename(self, person: Person) -> None:
        """Keeps the name and address that somebody has now."""
        ...

    async def give(self, person: str, position: Position) -> None:
        """Adds to what somebody is."""
        ...

    async def take(self, person: str, position: Position) -> None:
        """Takes from what somebody is."""
        ...

    async def set_positions(self, person: str, positions: Collection[Position]) -> None:
        """What somebody is from now on, and nothing else."""
        ...

    async def erase(self, person: str) -> None:
        """Deletes somebody with their key, sessions and links: what they did stays under a pseudonym that leads nowhere."""
        ...

    async def add_session(self, session: Session) -> None:
        """Begins a session."""
        ...

    async def session(self, session: str) -> Session | None:
        """A session, also one that is over."""
        ...

    async def sessions_of(self, person: str) -> Sequence[Session]:
        """Where somebody is signed in, the newest first."""
        ...

    async def seen(self, session: Session, now: datetime) -> None:
        """Notes that somebody is still there."""
        ...

    async def end_session(self, session: str) -> None:
        """Ends one."""
        ...

    async def end_sessions(self, person: str) -> None:
        """Ends all of somebody."""
        ...

    async def add_link(self, link: str, person: str, expires_at: datetime) -> None:
        """Keeps (the hash of) a link by which somebody can sign in once."""
        ...

    async def link(self, link: str, now: datetime) -> Person | None:
        """Who a link is of, while it works."""
        ...

    async def use_link(self, link: str, now: datetime) -> Person | None:
        """The same, and it never works again; of two who use it together one gets nobody."""
        ...

    async def links_since(self, person: str, since: datetime) -> int:
        """How many links were made for somebody."""
        ...

    async def add_mail(self, mail: AccessMail) -> None:
        """Keeps a mail until it was sent, its recipient sealed."""
        ...

    async def take_mail(self, now: datetime, lease_until: datetime) -> AccessMail | None:
        """The next mail that is due; nobody else gets it until the lease ends."""
        ...

    async def postpone_mail(self, mail: str, until: datetime) -> None:
        """Says when a mail is to be tried again."""
        ...

    async def forget_mail(self, mail: str) -> None:
        """Deletes a mail that was sent, or that nobody will send."""
        ...

    async def note(self, action: str, person: str, position: Position | None = None) -> None:
        """Notes in the audit what happened to somebody, and with which position."""
        ...

    async def noted(self, actions: Collection[str], limit: int) -> Sequence[Noted]:
        """What was noted last of these actions with a position, newest first."""
        ...

    async def log_read(self, read: Read) -> None:
        """Adds a line to the log of reads."""
        ...

    async def reads(self, sites: Collection[str] | None, limit: int, systems: Collection[str] = ()) -> Sequence[Read]:
        """The newest lines, at these sites or by systems of these organisations, or at all."""
        ...

    async def forget_old(self, now: datetime, sessions_before: datetime, people_before: datetime) -> None:
        """Deletes links and sessions that are over, and who came from a provider and was not seen for as long as reads are kept."""
        ...

    def mark(self, secret: str) -> str:
        """What only we can put beside a secret that we gave out (HMAC): without it a link is not even looked up."""
        ...

    def fingerprint(self, subject: str) -> str:
        """What stands for somebody in the log of reads."""
        ...


@dataclass(frozen=True, slots=True)
class Going:
    """A sign-in at a provider that was begun: what must come back, and where to go then."""

    state: str
    nonce: str
    verifier: str
    goto: str


class Provider(Protocol):
    """Where an organisation's people sign in (OpenID Connect)."""

    async def address(self, going: Going) -> str:
        """Where to send the browser; raises TransientError."""
        ...

    async def claims(self, code: str, going: Going) -> tuple[Mapping[str, Any], str]:
        """The checked claims and the id token; raises NotSignedIn, and TransientError while the provider is away."""
        ...

    async def sign_out_address(self, id_token: str) -> str | None:
        """Where to sign out there as well; None when it offers no such thing."""
        ...


class Letterbox(Protocol):
    """Sends a mail."""

    async def send(self, mail: AccessMail, link: str) -> bool:
        """True when it was taken or will never be; False to try again later."""
        ...
