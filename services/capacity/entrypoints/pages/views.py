"""What the portal shows of a supervisor, in the words of a school."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from services.capacity.domain.regions import Region
from services.capacity.domain.supervisors import EVERY_SITE, SupervisorRecord, absence_on, is_of_school, next_absence
from services.capacity.entrypoints.pages.saved import done
from services.capacity.entrypoints.pages.words import DAYS, KINDS, TIERS, by_whom, words_of
from services.capacity.ports import Store
from shared.audited import Change
from shared.contracts.availability import Absence
from shared.contracts.vocabulary import SupervisorKind
from shared.dutch import counted, dutch_date, dutch_hours, dutch_moment
from shared.short_code import short_code

Status = Literal["present", "absent", "departed"]
ORDER: dict[Status, int] = {"absent": 0, "present": 1, "departed": 2}


@dataclass(frozen=True, slots=True)
class Card:
    """One supervisor on the page; `now` is the absence of today, `coming` the first that starts later."""

    id: str
    title: str
    status: Status
    badge: tuple[str, str]
    rows: tuple[tuple[str, str], ...]
    now: Absence | None
    coming: Absence | None
    departs: date | None
    last_change: str
    is_of_school: bool
    is_erased: bool
    version: int
    students: int
    brief: str

    @property
    def code(self) -> str:
        """What a mail calls them: names are in none."""
        return short_code(self.id)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a supervisor beside the record itself."""

    region: Region
    name: str | None
    students: int
    change: Change | None
    today: date
    changers: Mapping[str, str] = field(default_factory=dict)


async def cards_of(store: Store, records: Sequence[SupervisorRecord], region: Region, today: date) -> list[Card]:
    """The cards of supervisors, in the order of who needs attention first."""
    ids = [record.supervisor.id for record in records]
    names, students = await store.names(ids), await store.guided_counts(ids)
    changes = await store.last_changes([f"supervisor/{each}" for each in ids])
    cards = []
    for record in records:
        person = record.supervisor.id
        change = changes.get(f"supervisor/{person}")
        cards.append(card_of(record, Known(region, names.get(person), students.get(person, 0), change, today)))
    return in_order(cards)


async def card_of_one(store: Store, record: SupervisorRecord, region: Region, today: date) -> Card:
    """The card of one supervisor."""
    return (await cards_of(store, [record], region, today))[0]


def card_of(record: SupervisorRecord, known: Known) -> Card:
    """The card of a supervisor, from what is known."""
    held, today = record.supervisor, known.today
    now, coming = absence_on(held, today), next_absence(held, today)
    status: Status = "departed" if record.has_departed(today) else "absent" if now else "present"
    return Card(
        held.id,
        title_of(record, known.name),
        status,
        _badge(status, now, held.departs),
        tuple(_rows(record, known, now, coming)),
        now,
        coming,
        held.departs,
        _last_change(known.change, known.changers),
        is_of_school(record),
        record.is_erased,
        record.sequence,
        known.students,
        _brief(record, known),
    )


def title_of(record: SupervisorRecord, name: str | None) -> str:
    """The name, or what stands for it."""
    if name is not None:
        return name
    return "Naam verwijderd" if record.is_erased else f"Begeleider {record.supervisor.id[-8:]}"


def in_order(cards: list[Card]) -> list[Card]:
    """Who needs attention first: absent, then present, then departed; each by name."""
    return sorted(cards, key=lambda card: (ORDER[card.status], card.title.casefold(), card.id))


def _brief(record: SupervisorRecord, known: Known) -> str:
    """Role, subjects and hours of the first period that has not ended, on one line."""
    held = record.supervisor
    open_now = next((each.id for each in known.region.terms.periods if each.end >= known.today), None)
    hours = [f"{dutch_hours(held.qh[open_now])} per week"] if open_now and held.qh.get(open_now) else []
    return " · ".join([TIERS[held.tier], *([", ".join(map(words_of, held.subjects))] if held.subjects else []), *hours])


def _badge(status: Status, now: Absence | None, departs: date | None) -> tuple[str, str]:
    if status == "departed":
        return "Vertrokken", "quiet"
    if now is not None:
        return "Afwezig", "warn"
    return ("Vertrekt", "info") if departs else ("Aanwezig", "ok")


def _rows(record: SupervisorRecord, known: Known, now: Absence | None, coming: Absence | None) -> list[tuple[str, str]]:
    held = record.supervisor
    kind = "" if held.kind is SupervisorKind.TEACHER else KINDS[held.kind]
    rows = [("Rol", f"{TIERS[held.tier]} ({kind})" if kind else TIERS[held.tier])]
    if EVERY_SITE in held.sites:
        rows.append(("Vestigingen", "alle vestigingen van de regio"))
    if held.subjects:
        rows.append(("Vakken" if len(held.subjects) > 1 else "Vak", ", ".join(map(words_of, held.subjects))))
    if held.days:
        rows.append(("Dagen", ", ".join(DAYS[day] for day in held.days)))
    rows += _hours(record, known)
    rows.append(("In het plan", _students(known.students)))
    if now is not None:
        rows.append(("Afwezig", _absence(now)))
    if coming is not None:
        rows.append(("Straks afwezig", _absence(coming)))
    if held.departs is not None:
        rows.append(("Weg vanaf", dutch_date(held.departs)))
    return rows


def _hours(record: SupervisorRecord, known: Known) -> list[tuple[str, str]]:
    """Periods that have ended are left out."""
    return [
        (f"Uren {period.id}", f"{dutch_hours(record.supervisor.qh[period.id])} per week")
        for period in known.region.terms.periods
        if period.end >= known.today and period.id in record.supervisor.qh
    ]


def _students(count: int) -> str:
    return counted(count, "student", "studenten") if count else "niemand"


def _absence(absence: Absence) -> str:
    if absence.end is None:
        return f"vanaf {dutch_date(absence.start)}, einde nog niet bekend"
    return f"{dutch_date(absence.start)} tot en met {dutch_date(absence.end)}"


def _last_change(change: Change | None, names: Mapping[str, str]) -> str:
    if change is None:
        return ""
    by = by_whom(change.actor, names)
    return f"{done(change)} op {dutch_moment(change.at)}, {by}"
