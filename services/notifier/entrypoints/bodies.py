"""The bodies of requests and answers about mails and alerts."""

from typing import Annotated

from pydantic import Field

from services.notifier.domain.alerts import Alert, AlertKind
from services.notifier.domain.contacts import ID, mask_address
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.unwritten import Unwritten
from services.notifier.handlers.reading import Gap
from services.notifier.ports import MailFilter
from shared.errors import DomainError
from shared.short_code import short_code
from shared.web.paging import MAX_PAGE, PageQuery


class MailQuery(PageQuery):
    """Which mails to list."""

    state: MailState | None = Field(None, description="Hoe ver het bericht is.")
    kind: AlertKind | None = Field(None, description="Waarover het gaat.")
    organisation: Annotated[str, Field(max_length=32)] | None = Field(None, description="Van wie het bericht kreeg.")
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE, description="Hoeveel op een bladzijde.")] = 200

    def wanted(self) -> MailFilter:
        """As the store knows it; raises DomainError for a cursor that is none."""
        if self.cursor is not None and not ID.fullmatch(self.cursor):
            detail = "Neem als cursor wat er als `next` in het vorige antwoord staat."
            raise DomainError("ongeldige-cursor", detail, pointer="/cursor")
        return MailFilter(self.state, self.kind, self.organisation, self.cursor, self.one_more)


def mail_body(mail: Mail) -> dict[str, object]:
    """A mail as it is listed; the address is masked, or null once the contact was deleted."""
    return {
        "id": mail.id,
        "kind": mail.kind,
        "channel": mail.channel,
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
        "level": alert.level,
        "news": alert.news,
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
