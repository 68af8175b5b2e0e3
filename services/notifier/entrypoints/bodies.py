"""The bodies of requests and answers about mails and alerts."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.notifier.domain.alerts import Alert, AlertKind, Level
from services.notifier.domain.contacts import ID, mask_address
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.unwritten import Unwritten
from services.notifier.handlers.reading import Gap
from services.notifier.ports import MailFilter
from services.notifier.ports.looking import AlertFilter
from shared.contracts.vocabulary import Contract, RegionId
from shared.errors import DomainError
from shared.short_code import short_code
from shared.web.paging import MAX_PAGE, PageQuery

Code = Annotated[str, Field(max_length=32)]


class MailQuery(PageQuery):
    """Which mails to list."""

    state: MailState | None = Field(None, description="Hoe ver het bericht is.")
    kind: AlertKind | None = Field(None, description="Waarover het gaat.")
    organisation: Code | None = Field(None, description="Van wie het bericht kreeg.")
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE, description="Hoeveel op een bladzijde.")] = 200

    def wanted(self, own: str | None) -> MailFilter:
        """As the store knows it, for one organisation (None: for whoever runs Leerplek); raises DomainError for a cursor that is none."""
        if self.cursor is not None and not ID.fullmatch(self.cursor):
            detail = "Neem als cursor wat er als `next` in het vorige antwoord staat."
            raise DomainError("ongeldige-cursor", detail, pointer="/cursor")
        return MailFilter(self.state, self.kind, self.organisation, own, self.cursor, self.one_more)


class AlertQuery(Contract):
    """Which alerts to list."""

    over: bool = Field(False, description="Wat voorbij is, in plaats van wat loopt.")
    kind: AlertKind | None = Field(None, description="Waarover het gaat.")
    level: Level | None = Field(None, description="Hoe ernstig het is.")
    region: RegionId | None = Field(None, description="In welke regio.")
    organisation: Code | None = Field(None, description="Welke opleiding, school, bestuur of regio het aangaat.")
    cursor: Annotated[str, Field(max_length=300)] | None = Field(
        None, description="Waar de vorige bladzijde ophield: `next` uit dat antwoord."
    )
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE, description="Hoeveel op een bladzijde.")] = 50

    def wanted(self, own: str | None) -> AlertFilter:
        """The same; one more than is shown tells whether there is a next page. Raises DomainError for a cursor that is none."""
        before = None if self.cursor is None else alert_after(self.cursor)
        if self.cursor is not None and before is None:
            detail = "Neem als cursor wat er als `next` in het vorige antwoord staat."
            raise DomainError("ongeldige-cursor", detail, pointer="/cursor")
        return AlertFilter(
            is_over=self.over,
            region=self.region,
            kind=self.kind,
            level=self.level,
            organisation=self.organisation,
            concerns=own,
            before=before,
            limit=self.limit + 1,
        )


def alert_cursor(alert: Alert) -> str:
    """Where a page of a list of alerts ends that ends with this one."""
    return f"{alert.opened_at.isoformat()} {alert.id}"


def alert_after(cursor: str) -> tuple[datetime, str] | None:
    """What `alert_cursor` wrote; None when it is something else."""
    moment, _, alert = cursor.partition(" ")
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (found, alert) if found.tzinfo is not None and alert else None


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
    """An alert as it is listed."""
    return {
        "id": alert.id,
        "kind": alert.kind,
        "region": alert.case.region,
        "student": alert.case.student,
        "code": short_code(alert.case.student),
        "institute": alert.case.institute,
        "site": alert.case.site,
        "cause": alert.case.reason,
        "state": alert.state,
        "level": alert.level,
        "news": alert.news,
        "opened_at": alert.opened_at.isoformat(),
        "ended_at": alert.ended_at.isoformat() if alert.ended_at else None,
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
