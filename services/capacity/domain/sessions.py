"""How long somebody stays signed in, and how long a link to sign in works."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email

from shared.errors import DomainError
from shared.security.roles import Position

INVITATION_LASTS = timedelta(days=7)
LINK_LASTS = timedelta(minutes=15)
LINKS_AN_HOUR = 5
"""More of them in an hour are not sent to one person, whoever asks."""
SEEN_EVERY = timedelta(minutes=1)
"""That somebody is still there is written at most once in this time."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A session ends after so long without a page, and after so long in any case."""

    idle: timedelta
    longest: timedelta

    def is_over(self, session: "Session", now: datetime) -> bool:
        """Whether somebody has to sign in again."""
        return now - session.seen_at > self.idle or now - session.begun_at > self.longest


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody at one browser; `id` is the hash of what the browser holds, `position` what they are looking as."""

    id: str
    person: str
    position: Position
    begun_at: datetime
    seen_at: datetime
    device: str
    id_token: str = ""


def device_of(user_agent: str) -> str:
    """A browser as its owner knows it again: Firefox op Windows. Versions tell more than is needed."""
    browsers = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrom": "Chrome", "Safari": "Safari"}
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "Mac",
        "Linux": "Linux",
    }
    browser = next((name for word, name in browsers.items() if word in user_agent), "Browser")
    system = next((name for word, name in systems.items() if word in user_agent), "onbekend apparaat")
    return f"{browser} op {system}"


def address_of(text: str) -> str:
    """An e-mail address as it is kept; raises DomainError."""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as wrong:
        raise DomainError(
            "ongeldig-adres", "Vul een e-mailadres in, bijvoorbeeld naam@school.nl.", pointer="/email"
        ) from wrong


def masked_address(email: str) -> str:
    """e***@school.example: enough for its owner to know it."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}***@{domain}" if local else ""
