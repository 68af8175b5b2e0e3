"""How long the page of alerts takes where there are many: for whoever runs Leerplek, and for those who were told of all or of few."""

import time
from collections.abc import Mapping
from datetime import timedelta

import httpx

from bench.mails.stage import REGION, coordinator, institute, register, trainer
from bench.results import NO_BROKER, Measured
from services.notifier.adapters.rows import alert_columns
from services.notifier.adapters.tables import AlertRow
from services.notifier.bootstrap import Parts
from services.notifier.domain.alerts import Alert, AlertKind, AlertState, Case, Level
from services.notifier.domain.contacts import Contact
from services.notifier.domain.life import new_alert
from services.notifier.domain.notices import Told
from services.notifier.entrypoints.serve import build_web
from services.notifier.ports.looking import AlertFilter
from shared.persistence.statements import insert_rows

MANY = 5_000
TIMES = 20
EVERY = 100
"""One of so many is another institute's, told to another school."""
PAGE = 51


async def measure_listing(parts: Parts, alerts: int) -> list[Measured]:
    """Seconds for the first page and one further on; nine of ten alerts are over."""
    own, other = coordinator(0), trainer(1)
    await register(parts, [own, other])
    for first in range(0, alerts, MANY):
        await _fill(parts, range(first, min(first + MANY, alerts)), own, other)
    halfway = (parts.clock() - timedelta(seconds=alerts // 2), "")
    asked: Mapping[str, AlertFilter] = {
        "everybody's": AlertFilter(limit=PAGE),
        "everybody's, one kind": AlertFilter(kind=AlertKind.SHORTAGE, limit=PAGE),
        "everybody's, over, half way": AlertFilter(is_over=True, before=halfway, limit=PAGE),
        "an institute that was told of nearly all": AlertFilter(concerns=own.organisation, limit=PAGE),
        "the same, its own": AlertFilter(concerns=own.organisation, told_to=own.organisation, limit=PAGE),
        "the same, of one other": AlertFilter(concerns=own.organisation, organisation=other.organisation, limit=PAGE),
        "a school that was told of one in a hundred": AlertFilter(concerns=other.organisation, limit=PAGE),
        "an institute of which there is nothing": AlertFilter(concerns=institute(2), limit=PAGE),
        "the region": AlertFilter(concerns=REGION, limit=PAGE),
    }
    backend = parts.runtime.database.url.get_backend_name()
    measured = [
        Measured(f"{alerts:,} alerts, {name}", f"{NO_BROKER}, {backend}", await _looked_up(parts, wanted))
        for name, wanted in asked.items()
    ]
    transport = httpx.ASGITransport(build_web(parts))
    async with httpx.AsyncClient(transport=transport, base_url="https://leerplek.example") as http:
        seconds = []
        for _ in range(TIMES):
            began = time.perf_counter()
            (await http.get("/meldingen")).raise_for_status()
            seconds.append(time.perf_counter() - began)
    return [*measured, Measured(f"{alerts:,} alerts, the page itself", f"{NO_BROKER}, {backend}", seconds)]


async def _looked_up(parts: Parts, wanted: AlertFilter) -> list[float]:
    seconds = []
    for _ in range(TIMES):
        began = time.perf_counter()
        async with parts.reading() as store:
            await store.alerts_where(wanted)
        seconds.append(time.perf_counter() - began)
    return seconds


async def _fill(parts: Parts, numbers: range, own: Contact, other: Contact) -> None:
    rows: list[dict[str, object]] = []
    told: list[tuple[Told, str]] = []
    for number in numbers:
        is_others = number % EVERY == 0
        alert = _alert(parts, number, institute(1) if is_others else own.organisation)
        rows.append({"id": alert.id, **alert_columns(alert)})
        contact = other if is_others else own
        told.append((Told(alert.id, 1, contact.role, contact.id, None, alert.opened_at), "bench"))
    async with parts.runtime.database.transaction() as tx:
        await insert_rows(tx, AlertRow, rows)
        await parts.store(tx, "bench").save_told(told)


def _alert(parts: Parts, number: int, owner: str) -> Alert:
    at = parts.clock() - timedelta(seconds=number)
    case = Case(REGION, student=f"m{number}", institute=owner, reason="no-supervisor")
    alert = new_alert(AlertKind.UNPLACED, f"m{number}", case, 1, at, Level.WARNING)
    return alert if number % 10 == 0 else _over(alert)


def _over(alert: Alert) -> Alert:
    return Alert(alert.id, alert.kind, alert.case, AlertState.CLOSED, 1, 1, alert.opened_at, alert.level)
