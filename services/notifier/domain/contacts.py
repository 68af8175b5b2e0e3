"""Who is to be told: roles, the organisations they belong to, and contacts with their addresses and what they wish."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from services.notifier.domain.alerts import AlertKind
from shared.errors import DomainError


class Role(StrEnum):
    """The roles that are told; a person may have several."""

    INSTITUTE_COORDINATOR = "institute-coordinator"
    INSTITUTE_TRAINER = "institute-trainer"
    SCHOOL_TRAINER = "school-trainer"
    SCHOOL_LEADER = "school-leader"
    PROGRAMME_MANAGER = "programme-manager"
    OPERATOR = "operator"


AT_SCHOOL = frozenset({Role.SCHOOL_TRAINER, Role.SCHOOL_LEADER})
AT_INSTITUTE = frozenset({Role.INSTITUTE_COORDINATOR, Role.INSTITUTE_TRAINER})
PLATFORM = "LEERPLEK"
"""The organisation of the operators: who keeps Leerplek itself running."""
_INSTITUTE = (re.compile(r"\d{2}[A-Z]{2}"), "het BRIN van een opleiding, zoals 01VU")
_SITE = (re.compile(r"\d{2}[A-Z]{2}\d{2}"), "het BRIN van een school met twee cijfers, zoals 01AB00")
_BOARD = re.compile(r"\d{5}")
ORGANISATION_OF = {
    Role.INSTITUTE_COORDINATOR: _INSTITUTE,
    Role.INSTITUTE_TRAINER: _INSTITUTE,
    Role.SCHOOL_TRAINER: _SITE,
    Role.SCHOOL_LEADER: _SITE,
    Role.PROGRAMME_MANAGER: (re.compile(r"[A-Z0-9][A-Z0-9-]{1,31}"), "de code van een regio, zoals NL-R07"),
    Role.OPERATOR: (re.compile(PLATFORM), f"{PLATFORM}: het platform zelf"),
}
ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
LONGEST_AHEAD = timedelta(days=365)
"""So far ahead is the last day of an absence that an organisation, or somebody who signed in, tells."""
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,20}")


class Wish(StrEnum):
    """How somebody wants to hear: what is critical at once and the rest in the digest, all in the digest, or not at all."""

    IMMEDIATE = "immediate"
    DIGEST = "digest"
    NONE = "none"


class Language(StrEnum):
    """In which language somebody is written to."""

    DUTCH = "nl"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when until when, on the clocks of the Netherlands, nothing comes; over midnight when `until` is earlier."""

    start: time
    until: time


@dataclass(frozen=True, slots=True)
class Absence:
    """The days on which another contact is told instead (None: others with the role, or the next role); never why."""

    start: date
    until: date
    substitute: str | None = None

    def covers(self, day: date) -> bool:
        """Both days count."""
        return self.start <= day <= self.until


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody wishes: in general, and for some kinds otherwise; `weekly` is the summary for programme managers."""

    wish: Wish = Wish.IMMEDIATE
    by_kind: Mapping[AlertKind, Wish] = field(default_factory=dict)
    quiet_hours: QuietHours | None = None
    language: Language = Language.DUTCH
    weekly: bool = True

    def wish_for(self, kind: AlertKind) -> Wish:
        """What they wish for this kind."""
        return self.by_kind.get(kind, self.wish)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody with a role in an organisation; `version` grows with every change.

    `stopped` says why nothing can be mailed to this address any more, such as `5.1.1`; `doubted_at` is when it first refused a mail
    without saying why.
    """

    id: str
    organisation: str
    role: Role
    email: str
    name: str | None = None
    phone: str | None = None
    version: int = 1
    preferences: Preferences = Preferences()
    absence: Absence | None = None
    stopped: str | None = None
    doubted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """A role in an organisation, whoever has it."""

    role: Role
    organisation: str


def is_board(organisation: str) -> bool:
    """Whether this is the code of a school board; which sites it has stands with the sites."""
    return _BOARD.fullmatch(organisation) is not None


def is_region(organisation: str) -> bool:
    """Whether this is the code of a region: of no institute, no school, no board and not the platform's."""
    others = (Role.INSTITUTE_COORDINATOR, Role.SCHOOL_TRAINER, Role.OPERATOR)
    is_other = any(ORGANISATION_OF[role][0].fullmatch(organisation) for role in others)
    return not is_other and not is_board(organisation)


def school_of(organisation: str) -> str:
    """The code of the school of a site; of any other organisation its own."""
    return organisation[:4] if _SITE[0].fullmatch(organisation) else organisation


def is_part_of(code: str, organisation: str) -> bool:
    """Whether this is the code of that organisation, or of a site of that school."""
    is_school = _INSTITUTE[0].fullmatch(organisation) is not None
    return code == organisation or (is_school and code.startswith(organisation))


def check_contact(contact: Contact) -> None:
    """Raises DomainError when the organisation is none for this role, or a field holds what cannot be shown in a mail."""
    pattern, expected = ORGANISATION_OF[contact.role]
    if not pattern.fullmatch(contact.organisation):
        detail = f"Bij de rol {contact.role} hoort als organisatie {expected}."
        raise DomainError("organisatie-past-niet", detail, pointer="/organisation")
    if contact.name is not None and not (contact.name.isprintable() and contact.name.strip()):
        raise DomainError("naam-onleesbaar", "Een naam heeft alleen leesbare tekens, op één regel.", pointer="/name")
    if contact.phone is not None and not PHONE.fullmatch(contact.phone):
        detail = "Een telefoonnummer heeft cijfers, spaties, haakjes en streepjes, zoals 020 123 45 67."
        raise DomainError("telefoonnummer", detail, pointer="/phone")


def check_ahead(absence: Absence, today: date) -> None:
    """Raises DomainError for an absence of which the last day is too far ahead to be meant."""
    if absence.until - today > LONGEST_AHEAD:
        detail = f"De laatste dag is hooguit {LONGEST_AHEAD.days} dagen vooruit. Blijft iemand langer weg? Geef dat dan later door."
        raise DomainError("afwezigheid-te-lang", detail, pointer="/absence/until")


def check_new_id(contact: str) -> None:
    """Raises DomainError unless it is a UUID: an id stands in addresses, logs and the audit, where no name may be."""
    if not ID.fullmatch(contact):
        detail = (
            "Het nummer van een nieuw contact is een UUID, zonder naam of adres erin: dit nummer komt ook in logboeken. "
            "Laat Leerplek het nummer geven (POST /v1/contacts), of maak zelf een UUID."
        )
        raise DomainError("contactnummer", detail)


def mask_address(email: str) -> str:
    """An address as it is shown: enough to recognise, too little to copy."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain}" if domain else "…"
