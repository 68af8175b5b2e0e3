"""The bodies of requests and answers about contacts and organisations."""

from datetime import date, time
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, WithJsonSchema

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import (
    Absence,
    Contact,
    Language,
    Preferences,
    QuietHours,
    Role,
    Wish,
)
from services.notifier.domain.modes import Mode, ModeSetting
from services.notifier.domain.subscriptions import Hearing, Subscription
from shared.contracts.vocabulary import Contract, Day, EntityId


def _address(text: str) -> str:
    try:
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as problem:
        raise ValueError("dit is geen e-mailadres waarheen wij kunnen sturen") from problem
    return checked.ascii_email or checked.normalized


EmailAddress = Annotated[str, Field(max_length=254), AfterValidator(_address)]


ClockTime = Annotated[
    time,
    WithJsonSchema(
        {"type": "string", "description": "Uur en minuut zoals de klok in Nederland staat.", "examples": ["18:30"]}
    ),
]
"""The clock on the wall, which has no offset from UTC of its own."""


class QuietHoursBody(Contract):
    """Van hoe laat tot hoe laat er niets komt."""

    start: ClockTime
    until: ClockTime


class PreferencesBody(Contract):
    """What somebody wishes; what is left out is as it is for everybody."""

    wish: Wish = Wish.IMMEDIATE
    by_kind: dict[AlertKind, Wish] = Field(default_factory=dict)
    quiet_hours: QuietHoursBody | None = None
    language: Language = Language.DUTCH
    weekly: bool = True


class AbsenceBody(Contract):
    """On which days another is told instead; never why."""

    start: Day
    until: Day
    substitute: EntityId | None = None


class ContactBody(Contract):
    """Whom to tell; name and phone are for others who want to call."""

    organisation: Annotated[str, Field(min_length=1, max_length=32)]
    role: Role
    email: EmailAddress
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    phone: Annotated[str, Field(max_length=22)] | None = None
    preferences: PreferencesBody = PreferencesBody()
    absence: AbsenceBody | None = None


class ModeBody(Contract):
    """What happens with the mails of an organisation."""

    mode: Mode
    address: EmailAddress | None = None


def contact_of(identifier: str, body: ContactBody) -> Contact:
    """The contact with this id."""
    wishes, away = body.preferences, body.absence
    quiet = QuietHours(wishes.quiet_hours.start, wishes.quiet_hours.until) if wishes.quiet_hours else None
    return Contact(
        identifier,
        body.organisation,
        body.role,
        body.email,
        body.name,
        body.phone,
        preferences=Preferences(wishes.wish, wishes.by_kind, quiet, wishes.language, wishes.weekly),
        absence=Absence(away.start, away.until, away.substitute) if away else None,
    )


def contact_body(contact: Contact) -> dict[str, object]:
    """A contact as a change is answered: without name, address and phone, since answers are kept to be given again."""
    return {
        "id": contact.id,
        "organisation": contact.organisation,
        "role": contact.role,
        "version": contact.version,
    }


def full_contact_body(contact: Contact) -> dict[str, object]:
    """A contact as it is read; `stopped` says why nothing can be mailed to them."""
    return {
        **contact_body(contact),
        "email": contact.email,
        "name": contact.name,
        "phone": contact.phone,
        "preferences": _preferences_body(contact.preferences),
        "absence": _absence_body(contact.absence) if contact.absence else None,
        "stopped": contact.stopped,
    }


def subscription_body(subscription: Subscription) -> dict[str, object]:
    """One kind that a contact hears of."""
    return {
        "kind": subscription.kind,
        "why": subscription.why,
        "pace": subscription.pace,
        "own_choice": subscription.is_own_choice,
        "may_be_refused": subscription.may_be_refused,
    }


def hearing_body(hearing: Hearing) -> dict[str, object]:
    """One role in an organisation and who has it."""
    return {
        "role": hearing.role,
        "first": sorted(hearing.first),
        "later": sorted(hearing.later),
        "contacts": [contact.id for contact in hearing.contacts],
        "gap": hearing.is_gap,
    }


def mode_body(setting: ModeSetting) -> dict[str, object]:
    """The mode of an organisation; its test address is not repeated, since answers are kept."""
    return {"organisation": setting.organisation, "mode": setting.mode, "version": setting.version}


def _preferences_body(wishes: Preferences) -> dict[str, object]:
    quiet = wishes.quiet_hours
    return {
        "wish": wishes.wish,
        "by_kind": dict(wishes.by_kind),
        "quiet_hours": {"start": _clock(quiet.start), "until": _clock(quiet.until)} if quiet else None,
        "language": wishes.language,
        "weekly": wishes.weekly,
    }


def _absence_body(absence: Absence) -> dict[str, object]:
    days: dict[str, date] = {"start": absence.start, "until": absence.until}
    return {**{name: day.isoformat() for name, day in days.items()}, "substitute": absence.substitute}


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"
