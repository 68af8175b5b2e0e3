"""The bodies of the notifier's requests and answers."""

from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field

from services.notifier.domain.alerts import Alert, AlertKind
from services.notifier.domain.contacts import Contact, Role, mask_address
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.unwritten import Unwritten
from services.notifier.handlers.reading import Gap
from services.notifier.ports import MailFilter
from shared.contracts.vocabulary import Contract
from shared.short_code import short_code
from shared.web.paging import MAX_PAGE, PageQuery


def _address(text: str) -> str:
    try:
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as problem:
        raise ValueError("dit is geen e-mailadres waarheen wij kunnen sturen") from problem
    return checked.ascii_email or checked.normalized


EmailAddress = Annotated[str, Field(max_length=254), AfterValidator(_address)]


class ContactBody(Contract):
    """Whom to tell; name and phone are for others who want to call."""

    organisation: Annotated[str, Field(min_length=1, max_length=32)]
    role: Role
    email: EmailAddress
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    phone: Annotated[str, Field(max_length=22)] | None = None


class MailQuery(PageQuery):
    """Which mails to list."""

    state: MailState | None = Field(None, description="Hoe ver het bericht is.")
    kind: AlertKind | None = Field(None, description="Waarover het gaat.")
    organisation: Annotated[str, Field(max_length=32)] | None = Field(None, description="Van wie het bericht kreeg.")
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE, description="Hoeveel op een bladzijde.")] = 200

    def wanted(self) -> MailFilter:
        """As the store knows it."""
        return MailFilter(self.state, self.kind, self.organisation, self.cursor, self.one_more)


def contact_of(identifier: str, body: ContactBody) -> Contact:
    """The contact with this id."""
    return Contact(identifier, body.organisation, body.role, body.email, body.name, body.phone)


def contact_body(contact: Contact) -> dict[str, object]:
    """A contact as a change is answered: without name, address and phone, since answers are kept to be given again."""
    return {
        "id": contact.id,
        "organisation": contact.organisation,
        "role": contact.role,
        "version": contact.version,
    }


def full_contact_body(contact: Contact) -> dict[str, object]:
    """A contact as it is read."""
    return {**contact_body(contact), "email": contact.email, "name": contact.name, "phone": contact.phone}


def mail_body(mail: Mail) -> dict[str, object]:
    """A mail as it is listed; the address is masked, or null once the contact was deleted."""
    return {
        "id": mail.id,
        "kind": mail.kind,
        "region": mail.region,
        "role": mail.role,
        "organisation": mail.organisation,
        "address": mask_address(mail.email) if mail.email else None,
        "subject": mail.subject,
        "students": mail.students,
        "because": mail.because,
        "state": mail.state,
        "failure": mail.reason,
        "attempts": mail.attempts,
        "created_at": mail.created_at.isoformat(),
        "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
    }


def alert_body(alert: Alert) -> dict[str, object]:
    """An open alert as it is listed."""
    return {
        "id": alert.id,
        "kind": alert.kind,
        "region": alert.case.region,
        "student": alert.case.student,
        "code": short_code(alert.case.student),
        "institute": alert.case.institute,
        "cause": alert.case.reason,
        "state": alert.state,
        "opened_at": alert.opened_at.isoformat(),
    }


def gap_body(gap: Gap) -> dict[str, object]:
    """Alerts that reach nobody, as they are listed."""
    return {
        "kind": gap.kind,
        "region": gap.region,
        "role": gap.addressee.role,
        "organisation": gap.addressee.organisation,
        "alerts": gap.alerts,
        "since": gap.since.isoformat(),
    }


def unwritten_body(unwritten: Unwritten) -> dict[str, object]:
    """A mail that cannot be written, as it is listed."""
    return {
        "kind": unwritten.kind,
        "region": unwritten.region,
        "role": unwritten.role,
        "organisation": unwritten.organisation,
        "alerts": list(unwritten.alerts),
        "attempts": unwritten.attempts,
        "since": unwritten.since.isoformat(),
        "next_try_at": unwritten.next_try_at.isoformat(),
    }
