"""What people are of which organisation, and what that lets them do: the one place where this is decided."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import DomainError
from shared.security.callers import Caller, Role


class PersonRole(StrEnum):
    """What somebody is of an organisation."""

    SCHOOL_TRAINER = "school-trainer"
    BOARD = "board"
    INSTITUTE_COORDINATOR = "institute-coordinator"
    PROGRAMME_MANAGER = "programme-manager"
    OPERATOR = "operator"


READ_SITE, CHANGE_SITE = "site:read", "site:write"
READ_PEOPLE, CHANGE_PEOPLE = "supervisor:read", "supervisor:write"
ANSWER_PEOPLE = "supervisor:own-data"
"""Answering somebody who asks what is kept about them, or that it be erased."""
READ_STUDENTS, DECIDE = "student:read", "placement:decide"
READ_REGION, CHANGE_REGION = "region:read", "region:write"
READ_GROUP = "group:read"
GIVE_ACCESS = "access:give"
READ_LOG = "reads:read"
READ_MESSAGES = "message:read"
READ_REGISTRATIONS, CHANGE_REGISTRATIONS = "registration:read", "registration:write"
READ_ALERTS, CARE_FOR_ALERTS = "alert:read", "alert:write"
CHANGE_CONTACTS = "contact:write"
"""Saying who of one's organisation hears of what, and by which address."""

_ALERTS = frozenset({READ_ALERTS, CARE_FOR_ALERTS, CHANGE_CONTACTS})
_REGISTRATIONS = frozenset({READ_REGISTRATIONS, CHANGE_REGISTRATIONS})
_LOOKS_AT_SITES = frozenset({READ_SITE, READ_PEOPLE, READ_STUDENTS, READ_GROUP})
MAY: Mapping[PersonRole, frozenset[str]] = {
    PersonRole.SCHOOL_TRAINER: _LOOKS_AT_SITES | _ALERTS | {CHANGE_SITE, CHANGE_PEOPLE, DECIDE},
    PersonRole.BOARD: _LOOKS_AT_SITES | {GIVE_ACCESS, READ_LOG, READ_ALERTS, ANSWER_PEOPLE, CHANGE_CONTACTS},
    PersonRole.INSTITUTE_COORDINATOR: _ALERTS | _REGISTRATIONS | {GIVE_ACCESS},
    PersonRole.PROGRAMME_MANAGER: _ALERTS | {READ_REGION, CHANGE_REGION, GIVE_ACCESS},
    PersonRole.OPERATOR: _LOOKS_AT_SITES
    | _ALERTS
    | _REGISTRATIONS
    | {
        CHANGE_SITE,
        CHANGE_PEOPLE,
        ANSWER_PEOPLE,
        DECIDE,
        READ_REGION,
        CHANGE_REGION,
        GIVE_ACCESS,
        READ_LOG,
        READ_MESSAGES,
    },
}
"""The policy: what each role may do, of its own organisation. A board looks, gives access, keeps its own contacts, and
answers its people about their own data, for which it is responsible; who changes a school's data is its trainer. An institute has no board: its coordinators register, decide, and let colleagues in. Messages tell of every organisation, so they are the operator's; alerts are seen by whom they concern."""
EVERYTHING = MAY[PersonRole.OPERATOR]

_ORGANISATION = {
    PersonRole.SCHOOL_TRAINER: re.compile(r"\d{2}[A-Z]{2}(?:\d{2})?"),
    PersonRole.BOARD: re.compile(r"\d{5}"),
    PersonRole.INSTITUTE_COORDINATOR: re.compile(r"\d{2}[A-Z]{2}"),
    PersonRole.PROGRAMME_MANAGER: re.compile(r"[A-Z0-9][A-Z0-9-]{1,31}"),
    PersonRole.OPERATOR: re.compile(r""),
}
_KIND = {
    PersonRole.SCHOOL_TRAINER: Role.SCHOOL,
    PersonRole.BOARD: Role.SCHOOL,
    PersonRole.INSTITUTE_COORDINATOR: Role.INSTITUTE,
    PersonRole.PROGRAMME_MANAGER: Role.REGION,
    PersonRole.OPERATOR: Role.OPERATOR,
}
DUTCH = {
    PersonRole.SCHOOL_TRAINER: "schoolopleider",
    PersonRole.BOARD: "bestuur",
    PersonRole.INSTITUTE_COORDINATOR: "stagecoördinator",
    PersonRole.PROGRAMME_MANAGER: "programmamanager",
    PersonRole.OPERATOR: "beheerder",
}
_EXPECTED = {
    PersonRole.SCHOOL_TRAINER: "de BRIN van de school, of BRIN en twee cijfers voor één vestiging",
    PersonRole.BOARD: "het nummer van het bestuur, vijf cijfers",
    PersonRole.INSTITUTE_COORDINATOR: "de BRIN van de opleiding",
    PersonRole.PROGRAMME_MANAGER: "de code van de regio",
    PersonRole.OPERATOR: "niets: een beheerder hoort bij geen organisatie",
}


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """What somebody is, of which organisation: a school or one site of it, a board, an institute, a region; of none for an operator."""

    role: PersonRole
    org: str = ""

    def __post_init__(self) -> None:
        """Raises DomainError for an organisation that cannot be one of that kind."""
        if not _ORGANISATION[self.role].fullmatch(self.org):
            raise DomainError("ongeldige-organisatie", f"Vul in: {_EXPECTED[self.role]}.", pointer="/organisatie")

    @property
    def name(self) -> str:
        """As it is stored and told to machines, such as board/41234."""
        return f"{self.role}/{self.org}" if self.org else str(self.role)

    @property
    def words(self) -> str:
        """As people read it."""
        return self.words_at("")

    def words_at(self, called: str) -> str:
        """The same, with what the organisation is `called` for its code where that is known."""
        return f"{DUTCH[self.role]} {called or self.org}".strip()

    @property
    def caller(self) -> Caller:
        """Who asks, where decisions about what is whose are made."""
        return Caller(_KIND[self.role], self.org, MAY[self.role])


def position_of(name: str) -> Position:
    """What `Position.name` wrote; raises DomainError."""
    role, _, org = name.partition("/")
    if role not in set(PersonRole):
        raise DomainError("onbekende-rol", "Kies een rol uit de lijst.", pointer="/rol")
    return Position(PersonRole(role), org)
