"""Between the notifier's tables and its domain."""

from dataclasses import asdict
from datetime import date
from typing import Any, cast

from services.notifier.adapters.tables import AlertRow, KnownRegionRow, KnownSiteRow, MailRow, PlaceRow, UnwrittenRow
from services.notifier.domain.alerts import Alert, AlertKind, AlertState, Case
from services.notifier.domain.contacts import Role
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace
from services.notifier.domain.mentions import Mention
from services.notifier.domain.unwritten import Unwritten


def case_columns(case: Case) -> dict[str, object]:
    """A case as JSON."""
    return {**asdict(case), "periods": list(case.periods), "starts": case.starts.isoformat() if case.starts else None}


def alert_of(row: AlertRow) -> Alert:
    """The alert in a row."""
    body = cast("dict[str, Any]", row.case)
    starts = date.fromisoformat(body["starts"]) if body["starts"] else None
    case = Case(**{**body, "periods": tuple(body["periods"]), "starts": starts})
    return Alert(row.id, AlertKind(row.kind), case, AlertState(row.state), row.revision, row.sequence, row.opened_at)


def mail_of(row: MailRow, email: str, name: str | None, mentions: tuple[Mention, ...]) -> Mail:
    """The mail in a row, with what was sealed in it."""
    fields = row.model_dump(exclude={"claim", "lease_until", "kind", "role", "state", "sealed_addressee"})
    fields |= {"kind": AlertKind(row.kind), "role": Role(row.role), "state": MailState(row.state)}
    return Mail(**fields, email=email, name=name, mentions=mentions)


def unwritten_of(row: UnwrittenRow) -> Unwritten:
    """The mail that could not be written in a row."""
    fields = row.model_dump(exclude={"kind", "role"})
    fields |= {"alerts": tuple(row.alerts), "students": tuple(row.students)}
    return Unwritten(**fields, kind=AlertKind(row.kind), role=Role(row.role))


def unwritten_row(unwritten: Unwritten) -> UnwrittenRow:
    """The row of a mail that could not be written."""
    fields = asdict(unwritten)
    return UnwrittenRow(**{**fields, "alerts": list(unwritten.alerts), "students": list(unwritten.students)})


def region_of(row: KnownRegionRow) -> KnownRegion:
    """The region in a row."""
    starts = {period: date.fromisoformat(start) for period, start in row.starts.items()}
    return KnownRegion(row.id, row.name, starts, row.sequence, row.day, row.day_sequence)


def site_of(row: KnownSiteRow) -> KnownSite:
    """The site in a row."""
    return KnownSite(row.id, row.name, row.town, row.sequence)


def place_of(row: PlaceRow) -> StudentPlace:
    """The place in a row."""
    return StudentPlace(
        row.student, row.site, tuple(row.periods), row.sequence, row.is_withdrawn, row.registration_sequence
    )
