"""Facts, places and certificates as rows, and back."""

from collections.abc import Mapping

from pydantic import TypeAdapter

from services.matcher.adapters.tables import PlaceRow, SignalRow, SwitchRow
from services.matcher.domain.documents import placement_from_document, plain, unplaced_from_document
from services.matcher.domain.facts import BOARD, Fact
from services.matcher.domain.ids import InstituteId, RegionId, SiteId, StudentId
from services.matcher.domain.places import HOLDING, Loss, Place, PlaceStatus
from services.matcher.domain.plan import Certificate
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.table import RuleName
from services.matcher.domain.switches import Switch
from services.matcher.domain.waiting import Missing, Waiting
from shared.contracts.placements import MoveCause
from shared.contracts.vocabulary import SignalLevel, SignalStatus
from shared.messaging.record import Record

_SWITCH = TypeAdapter(Switch)


def fact_row(fact: Fact) -> dict[str, object]:
    """The row of a fact."""
    document = None if fact.document is None else dict(fact.document)
    return {
        "subject": fact.subject,
        "region": fact.region,
        "sequence": fact.sequence,
        "document": document,
        "board": document.get(BOARD) if document and fact.kind == "site" else None,
    }


def place_row(region: RegionId, place: Place) -> dict[str, object]:
    """The row of a place."""
    return {
        "student": place.student,
        "region": region,
        "institute": place.institute,
        "subject": place.subject,
        "sequence": place.sequence,
        "status": place.status.value,
        "since": place.since,
        "body": plain(place.placement or place.unplaced),
        "site": place.site,
        "lost": None if place.lost is None else place.lost.site,
        "lost_cause": None if place.lost is None or place.lost.cause is None else place.lost.cause.value,
        "signal_sequence": place.signal_sequence,
    }


def place_from_row(row: PlaceRow) -> Place:
    """The place in a row."""
    status = PlaceStatus(row.status)
    return Place(
        student=StudentId(row.student),
        institute=InstituteId(row.institute),
        subject=row.subject,
        sequence=row.sequence,
        status=status,
        since=row.since,
        placement=placement_from_document(row.body) if status in HOLDING and row.body else None,
        unplaced=unplaced_from_document(row.body) if status is PlaceStatus.UNPLACED else None,
        site=None if row.site is None else SiteId(row.site),
        lost=_loss_from_row(row),
        signal_sequence=row.signal_sequence,
    )


def _loss_from_row(row: PlaceRow) -> Loss | None:
    """What was lost; a row from before causes were kept has none."""
    if row.lost is None:
        return None
    return Loss(SiteId(row.lost), None if row.lost_cause is None else MoveCause(row.lost_cause))


def switch_row(region: RegionId, switch: Switch) -> dict[str, object]:
    """The row of a search for another place; what has no order is sorted, so that equal searches have equal rows."""
    body = _SWITCH.dump_python(switch, mode="json")
    body |= {name: sorted(body[name]) for name in ("wishes", "answers", "answered")}
    return {"student": switch.student, "region": region, "status": switch.status.value, "body": body}


def switch_from_row(row: SwitchRow) -> Switch:
    """The search in a row."""
    return _SWITCH.validate_python(row.body)


def signal_row(region: RegionId, signal: Signal) -> dict[str, object]:
    """The row of a signal."""
    return {
        "id": signal.id,
        "region": region,
        "rule": signal.rule.value,
        "subject": signal.subject,
        "sequence": signal.sequence,
        "status": signal.status.value,
        "level": signal.level.value,
        "since": signal.since,
        "measure": signal.measure,
        "better_since": signal.better_since,
        "about": dict(signal.about),
        "body": dict(signal.body),
        "memo": dict(signal.memo),
    }


def signal_from_row(row: SignalRow) -> Signal:
    """The signal in a row."""
    return Signal(
        id=row.id,
        rule=RuleName(row.rule),
        subject=row.subject,
        sequence=row.sequence,
        status=SignalStatus(row.status),
        level=SignalLevel(row.level),
        since=row.since,
        measure=row.measure,
        better_since=row.better_since,
        about=row.about,  # type: ignore[arg-type]  # written by signal_row
        body=row.body,
        memo=row.memo,
    )


def certificate_row(certificate: Certificate | None) -> dict[str, object]:
    """A certificate as JSON."""
    return {} if certificate is None else dict(plain(certificate))


def certificate_from_row(row: Mapping[str, object]) -> Certificate | None:
    """The certificate in a row."""
    return Certificate(**row) if row else None  # type: ignore[arg-type]  # written by certificate_row


def aside_row(record: Record, is_kept: bool) -> dict[str, object]:
    """The row of a record that no plan was made with."""
    where = record.partition
    return {"topic": where.topic, "partition": where.number, "position": record.offset, "kept": is_kept}


def waiting_row(region: RegionId, missing: Missing, waiting: Waiting) -> dict[str, object]:
    """The row of something that waits."""
    names = {"subject": missing.subject, "names": missing.names}
    return {"region": region, **names, "since": waiting.since, "told": waiting.told}
