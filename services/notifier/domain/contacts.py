"""Who is to be told: roles, the organisations they belong to, and contacts with their addresses."""

import re
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import DomainError


class Role(StrEnum):
    """The roles that are told; a person may have several."""

    INSTITUTE_COORDINATOR = "institute-coordinator"
    SCHOOL_TRAINER = "school-trainer"
    PROGRAMME_MANAGER = "programme-manager"


ORGANISATION_OF = {
    Role.INSTITUTE_COORDINATOR: (re.compile(r"\d{2}[A-Z]{2}"), "het BRIN van een opleiding, zoals 01VU"),
    Role.SCHOOL_TRAINER: (re.compile(r"\d{2}[A-Z]{2}\d{2}"), "het BRIN van een school met twee cijfers, zoals 01AB00"),
    Role.PROGRAMME_MANAGER: (re.compile(r"[A-Z0-9][A-Z0-9-]{1,31}"), "de code van een regio, zoals NL-R07"),
}
ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,20}")


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody with a role in an organisation; `version` grows with every change."""

    id: str
    organisation: str
    role: Role
    email: str
    name: str | None = None
    phone: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Addressee:
    """A role in an organisation, whoever has it."""

    role: Role
    organisation: str


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
