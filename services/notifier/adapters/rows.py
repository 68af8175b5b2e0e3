"""Between the notifier's tables and its domain."""

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any, cast

from services.notifier.adapters.tables import AlertRow, KnownRegionRow, KnownSiteRow, MailRow, PlaceRow, UnwrittenRow
from services.notifier.domain.alerts import FACTS, Alert, AlertKind, AlertState, Care, Case, Channel, Level, News
from services.notifier.domain.contacts import Role
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace
from services.notifier.domain.mentions import Mention
from services.notifier.domain.unwritten import Unwritten
from shared.contracts.vocabulary import Sector, Tier

_OF_CASES, _OF_CARE = ([each.name for each in fields(kind)] for kind in (Case, Care))
MOMENTS = ("opened_at", "news_at", "told_at", "look_at", "escalate_at", "ended_at")


def alert_columns(alert: Alert) -> dict[str, Any]:
    """An alert as columns, without its id."""
    return {
        "kind": alert.kind,
        "region": alert.case.region,
        "student": alert.case.student,
        "institute": alert.case.institute,
        "site": alert.case.site or "",
        "case": _case_columns(alert.case),
        "state": alert.state,
        "shelf": shelf_of(alert),
        "level": alert.level,
        "revision": alert.revision,
        "sequence": alert.sequence,
        "news": alert.news,
        "care": _care_columns(alert.care),
        "turns": [day.isoformat() for day in alert.turns],
        **{name: getattr(alert, name) for name in MOMENTS},
    }


def shelf_of(alert: Alert) -> str:
    """Where people look for it: what goes on and what is over apart, and of both what is told once apart."""
    return shelf(is_over=not alert.is_live, is_fact=alert.kind in FACTS)


def shelf(*, is_over: bool, is_fact: bool) -> str:
    """The name of a shelf."""
    return ("over" if is_over else "live") + ("-fact" if is_fact else "")


def alert_of(row: AlertRow) -> Alert:
    """The alert in a row."""
    return Alert(
        id=row.id,
        kind=AlertKind(row.kind),
        case=_case_of(cast("dict[str, Any]", row.case)),
        state=AlertState(row.state),
        revision=row.revision,
        sequence=row.sequence,
        level=Level(row.level),
        news=News(row.news),
        care=_care_of(cast("dict[str, Any]", row.care)),
        turns=tuple(date.fromisoformat(day) for day in row.turns),
        **{name: getattr(row, name) for name in MOMENTS},
    )


def _case_columns(case: Case) -> dict[str, object]:
    """A case as JSON, without what is empty."""
    found: dict[str, object] = {}
    for name in _OF_CASES:
        value = getattr(case, name)
        if value:
            found[name] = value.isoformat() if isinstance(value, date) else value
    return found


def _case_of(body: dict[str, Any]) -> Case:
    moments: dict[str, Any] = {
        name: date.fromisoformat(body[name]) for name in ("starts", "since", "next_date") if body.get(name)
    }
    lists = {name: tuple(body[name]) for name in ("periods", "levers") if name in body}
    words: dict[str, Any] = {}
    if body.get("sector"):
        words["sector"] = Sector(body["sector"])
    if body.get("tier"):
        words["tier"] = Tier(body["tier"])
    fitting: dict[str, Any] = body | moments | lists | words
    return Case(**fitting)


def _care_columns(care: Care) -> dict[str, object]:
    return {name: _plain(value) for name in _OF_CARE if (value := getattr(care, name))}


def _care_of(body: dict[str, Any]) -> Care:
    at, until = body.get("acknowledged_at"), body.get("snoozed_until")
    moments: dict[str, Any] = {}
    if at:
        moments["acknowledged_at"] = datetime.fromisoformat(at)
    if until:
        moments["snoozed_until"] = date.fromisoformat(until)
    return Care(**{**body, **moments})


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


def mail_of(row: MailRow, email: str, name: str | None, mentions: tuple[Mention, ...]) -> Mail:
    """The mail in a row, with what was sealed in it."""
    columns = row.model_dump(exclude={"claim", "lease_until", "sealed_addressee", "rank"})
    columns |= {"kind": AlertKind(row.kind) if row.kind else None, "channel": Channel(row.channel)}
    columns |= {"role": Role(row.role), "state": MailState(row.state)}
    return Mail(**columns, email=email, name=name, mentions=mentions)


def unwritten_of(row: UnwrittenRow) -> Unwritten:
    """The mail that could not be written in a row."""
    columns = row.model_dump(exclude={"kind", "role"})
    columns |= {"alerts": tuple(row.alerts), "students": tuple(row.students)}
    return Unwritten(**columns, kind=AlertKind(row.kind) if row.kind else None, role=Role(row.role))


def unwritten_row(unwritten: Unwritten) -> UnwrittenRow:
    """The row of a mail that could not be written."""
    lists = {"alerts": list(unwritten.alerts), "students": list(unwritten.students)}
    return UnwrittenRow(**{**asdict(unwritten), **lists, "kind": unwritten.kind or ""})


def region_of(row: KnownRegionRow) -> KnownRegion:
    """The region in a row."""
    starts = {period: date.fromisoformat(start) for period, start in row.starts.items()}
    return KnownRegion(row.id, row.name, starts, row.sequence, row.day, row.day_sequence, row.heard_at)


def site_of(row: KnownSiteRow) -> KnownSite:
    """The site in a row."""
    return KnownSite(row.id, row.name, row.town, row.sequence, row.board, row.region)


def place_of(row: PlaceRow) -> StudentPlace:
    """The place in a row."""
    return StudentPlace(
        row.student, row.site, tuple(row.periods), row.sequence, row.is_withdrawn, row.registration_sequence
    )
