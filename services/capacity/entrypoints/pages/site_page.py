"""Reads what the page of one site shows."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.capacity import handlers
from services.capacity.domain.regions import day_in
from services.capacity.entrypoints.pages.forms import Form
from services.capacity.entrypoints.pages.views import Card, Known, card_of, done, in_order
from services.capacity.ports import Store
from shared.dutch import dutch_day, dutch_moment, dutch_time


@dataclass(frozen=True, slots=True)
class Rejected:
    """A form that was not saved: whose, which, and what was typed."""

    supervisor: str
    action: str
    form: Form

    def of(self, supervisor: str, action: str) -> bool:
        """Whether it is this form of this supervisor."""
        return (self.supervisor, self.action) == (supervisor, action)


@dataclass(frozen=True, slots=True)
class Saved:
    """What was saved, read back after the commit."""

    what: str
    who: str
    when: str


async def read(store: Store, code: str, today: date, saved: tuple[str, str]) -> dict[str, Any]:
    """Everything on the page of a site; `saved` names the supervisor and version that a form has just made."""
    where = await handlers.find_site(store, code)
    region = await handlers.find_region(store, where.region)
    day = day_in(region, today)
    records = await store.supervisors_of(where)
    ids = [record.supervisor.id for record in records]
    names, students = await store.names(ids), await store.guided_counts(ids)
    changes = await store.last_changes([f"supervisor/{each}" for each in ids])
    cards = [
        card_of(
            record,
            Known(
                region,
                names.get(record.supervisor.id),
                students.get(record.supervisor.id, 0),
                changes.get(f"supervisor/{record.supervisor.id}"),
                day,
            ),
        )
        for record in records
    ]
    return {
        "site": where,
        "region": region,
        "today": day,
        "cards": in_order(cards),
        "absent": sum(card.status == "absent" for card in cards),
        "working": sum(card.status != "departed" for card in cards),
        "placed": len(await store.places_at(code)),
        "saved": await _saved(store, cards, saved, today),
    }


async def _saved(store: Store, cards: list[Card], saved: tuple[str, str], today: date) -> Saved | None:
    """What the address says was saved, only when the database has it."""
    supervisor, version = saved
    card = next((each for each in cards if each.id == supervisor), None)
    if card is None or not version.isdecimal() or len(version) > 9:
        return None
    change = await store.change(f"supervisor/{supervisor}", int(version))
    if change is None:
        return None
    is_today = dutch_day(change.at) == today
    when = f"om {dutch_time(change.at)}" if is_today else f"op {dutch_moment(change.at)}"
    return Saved(done(change), card.title, when)
