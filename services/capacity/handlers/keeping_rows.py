"""Commands that take many rows at once: each row gets its own verdict, and what is good is kept."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from services.capacity import handlers
from services.capacity.domain import supervisors
from services.capacity.domain.access import Own
from services.capacity.domain.sites import OfferedWorkplace
from services.capacity.domain.subjects import known_subjects
from services.capacity.domain.supervisors import SupervisorRecord
from services.capacity.ports import Store, SupervisorFilter, WorkplaceFilter
from shared.contracts.availability import Absence, Supervisor, SupervisorProfile, Workplace, WorkplaceOffer
from shared.contracts.vocabulary import Contract
from shared.errors import Conflict, DomainError, NotFound
from shared.security.free_text import check_person_name
from shared.subjects import doubt_about

MOST_ROWS = 5_000
"""In one transaction; a board with more sends more than one file."""


class Outcome(StrEnum):
    """What became of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a row, counted from 1; of a wrong one `field` is where and `detail` what, in Dutch and without what was in it.

    Of a row that was kept they are what to look at once more, such as a subject that nobody else has. `cleared` is how many
    things that were known an empty cell made empty.
    """

    row: int
    outcome: Outcome
    id: str | None = None
    field: str = ""
    detail: str = ""
    cleared: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What a row of a file says: nothing of the fields it `keeps`, and of those in `blank` (subjects, qh/2026-S1) that there is none."""

    keeps: Collection[str] = ()
    blank: Collection[str] = ()

    def cleared(self, before: Contract, after: Contract) -> int:
        """How many empty cells made empty what was not."""
        return sum(_at(before, each) != _at(after, each) for each in self.blank)


@dataclass(frozen=True, slots=True)
class SupervisorRow:
    """A supervisor as a row has them; without an id it is somebody known at that site by name, else somebody new.

    `said` is what a row of a file says, which has no column for everything; `away` are days on which they are not there.
    """

    row: int
    region: str
    profile: SupervisorProfile
    id: str | None = None
    name: str | None = None
    said: Said | None = None
    away: Absence | None = None


@dataclass(frozen=True, slots=True)
class WorkplaceRow:
    """A workplace as a row has it; without an id it is the one with that subject and those phases at that site, else a new one.

    In a file without a column for phases it is the only one with that subject there.
    """

    row: int
    offer: WorkplaceOffer
    id: str | None = None
    said: Said | None = None


async def keep_supervisors(
    store: Store, own: Own, rows: Sequence[SupervisorRow], fresh: Sequence[str], today: date
) -> list[Verdict]:
    """Registers or changes each that is theirs; `fresh` has an id for each row that turns out to be somebody new.

    Somebody who is in an earlier row already is taken for one person: the same again changes nothing, anything else is wrong.
    """
    sites = {site for each in rows for site in each.profile.sites}
    found = await store.supervisors_where(SupervisorFilter(sites=sorted(sites)), None, 10**6)
    known = {each.supervisor.id: each.supervisor.sites for each in found if own.changes(each)}
    regions = {each.supervisor.id: each.region for each in found}
    names = dict(await store.names(list(known)))
    subjects = {each: await _subjects(store, each) for each in {row.region for row in rows}}
    earlier: dict[str, SupervisorRow] = {}
    verdicts = []
    for each, identifier in zip(rows, fresh, strict=True):
        try:
            person = _person(each, known, regions, names)
            own.check_profile(each.profile, known[person] if person else ())
            if person in earlier:
                verdicts.append(_again(each, earlier[person], person))
                continue
            verdict = await _keep_supervisor(store, each, person, names, (identifier, today))
            verdict = _with_doubt(verdict, "/subjects", doubt_about(each.profile.subjects, subjects[each.region]))
        except DomainError as wrong:
            verdict = Verdict(each.row, Outcome.WRONG, each.id, wrong.pointer or "", wrong.detail)
        else:
            assert verdict.id is not None
            earlier[verdict.id] = each
            known[verdict.id], regions[verdict.id] = each.profile.sites, each.region
            names[verdict.id] = each.name or names.get(verdict.id, "")
        verdicts.append(verdict)
    return verdicts


async def _subjects(store: Store, region: str) -> frozenset[str]:
    held = await store.region(region)
    return frozenset() if held is None else known_subjects(held, await store.subjects_in(region))


def _with_doubt(verdict: Verdict, field: str, doubt: str) -> Verdict:
    is_news = doubt and verdict.outcome in (Outcome.NEW, Outcome.CHANGED)
    return replace(verdict, field=field, detail=doubt) if is_news else verdict


def _person(
    row: SupervisorRow, known: Mapping[str, Sequence[str]], regions: Mapping[str, str], names: Mapping[str, str]
) -> str | None:
    """Whom a row is about, of those `known` by where they work; None for somebody new, who has a name."""
    if row.id is not None:
        if row.id not in known or regions[row.id] != row.region:
            raise NotFound("onbekende-begeleider", "Deze begeleider kennen we niet bij deze vestiging.", pointer="/id")
        return row.id
    called = (row.name or "").strip().casefold()
    if not called:
        detail = "Vul een naam in, of het nummer van een begeleider die hier al bekend is."
        raise DomainError("naam-ontbreekt", detail, pointer="/name")
    same = [
        identifier
        for identifier, name in names.items()
        if name.casefold() == called and set(known[identifier]) & set(row.profile.sites)
    ]
    if len(same) > 1:
        detail = "Hier werken meer mensen met deze naam. Vul het nummer van de begeleider in."
        raise Conflict("naam-niet-uniek", detail, pointer="/name")
    return same[0] if same else None


def _again(row: SupervisorRow, earlier: SupervisorRow, person: str) -> Verdict:
    """Of somebody who is in an earlier row: which of two that differ is right only the school knows."""
    if replace(row, row=0, id=None) == replace(earlier, row=0, id=None):
        return Verdict(row.row, Outcome.UNCHANGED, person)
    detail = (
        f"Deze begeleider staat ook in regel {earlier.row}. Zet alles van iemand op één regel. Zijn het twee mensen met dezelfde naam? "
        "Voeg de tweede dan toe in het portaal en vul het nummer in."
    )
    return Verdict(row.row, Outcome.WRONG, row.id, "/id" if row.id else "/name", detail)


async def _keep_supervisor(
    store: Store, row: SupervisorRow, found: str | None, names: Mapping[str, str], made: tuple[str, date]
) -> Verdict:
    identifier, today = made
    if found is None:
        offered = row.profile if row.said is None else _on_top_of(None, row.profile, row.said)
        supervisor = Supervisor(id=identifier, **offered.model_dump())
        away = _away(row, SupervisorRecord(row.region, supervisor, 1), today)
        await handlers.register_supervisor(store, row.region, supervisor, row.name)
        if away is not None:
            await handlers.report_absence(store, identifier, away, today, _any_version)
        return Verdict(row.row, Outcome.NEW, identifier)
    before = await handlers.find_supervisor(store, found)
    away = _away(row, before, today)
    profile = row.profile if row.said is None else _on_top_of(before.supervisor, row.profile, row.said)
    is_renamed = row.name is not None and row.name != names.get(found)
    if row.name is not None and is_renamed:
        check_person_name(row.name, "/name")  # before anything of the row is kept
    after = await handlers.change_supervisor(store, found, profile, today, _any_version)
    if away is not None:
        after = await handlers.report_absence(store, found, away, today, _any_version)
    if row.name is not None and is_renamed:
        await handlers.rename_supervisor(store, after, row.name)
    is_changed = is_renamed or after.sequence != before.sequence
    cleared = 0 if row.said is None else row.said.cleared(before.supervisor, after.supervisor)
    return Verdict(row.row, Outcome.CHANGED if is_changed else Outcome.UNCHANGED, found, cleared=cleared)


def _away(row: SupervisorRow, held: SupervisorRecord, today: date) -> Absence | None:
    """The absence that a row reports; raises DomainError when it cannot be, before anything of the row is kept."""
    if row.away is None:
        return None
    same = next((each for each in held.supervisor.absences if each.start == row.away.start), None)
    keeps_end = row.said is not None and "end" in row.said.keeps
    away = same if same is not None and keeps_end else row.away
    supervisors.report_absence(held, away, today)
    return away


def _on_top_of(held: Supervisor | None, profile: SupervisorProfile, said: Said) -> SupervisorProfile:
    if held is None:
        return profile.model_copy(update={"qh": _with_known({}, profile.qh)})
    kept = {name: getattr(held, name) for name in SupervisorProfile.model_fields if name in said.keeps}
    return profile.model_copy(update={**kept, "qh": _with_known(held.qh, profile.qh)})


def _with_known(held: Mapping[str, int], told: Mapping[str, int]) -> dict[str, int]:
    """What is known by period, with what a file says: a period without a column stays as it was."""
    return {**held, **{period: amount for period, amount in told.items() if amount or period in held}}


def _at(told: Contract, field: str) -> object:
    name, _, period = field.partition("/")
    value = getattr(told, name)
    return value.get(period, 0) if period else value


async def keep_workplaces(store: Store, own: Own, rows: Sequence[WorkplaceRow], fresh: Sequence[str]) -> list[Verdict]:
    """Offers or changes each that is theirs; `fresh` has an id for each row that turns out to be a new workplace."""
    sites = sorted({each.offer.site for each in rows})
    known = {
        each.workplace.id: each for each in await store.workplaces_where(WorkplaceFilter(sites=sites), None, 10**6)
    }
    regions = {code: each.region for code, each in (await store.sites(sites)).items()}
    subjects = {each: await _subjects(store, each) for each in set(regions.values())}
    verdicts, earlier = [], dict[str, WorkplaceRow]()
    for each, identifier in zip(rows, fresh, strict=True):
        try:
            own.check_named(each.offer.site, "/site")
            verdict = await _keep_workplace(store, each, known, identifier, earlier)
            doubt = doubt_about([each.offer.subject], subjects[regions[each.offer.site]])
            verdicts.append(_with_doubt(verdict, "/subject", doubt))
        except DomainError as wrong:
            verdicts.append(Verdict(each.row, Outcome.WRONG, each.id, wrong.pointer or "", wrong.detail))
    return verdicts


async def _keep_workplace(
    store: Store,
    row: WorkplaceRow,
    known: dict[str, OfferedWorkplace],
    identifier: str,
    earlier: dict[str, WorkplaceRow],
) -> Verdict:
    if row.id is not None and row.id not in known:
        raise NotFound("onbekende-leerwerkplek", "Deze leerwerkplek kennen we niet bij deze vestiging.", pointer="/id")
    found = row.id or _same_for(row, known.values())
    if found in earlier and earlier[found].offer != row.offer:
        detail = f"Deze leerwerkplek staat ook in regel {earlier[found].row}. Zet alle plaatsen van een leerwerkplek op één regel."
        raise Conflict("dubbele-regel", detail, pointer="/subject")
    earlier[found or identifier] = row
    offer = row.offer
    if row.said is not None:
        held = known[found].workplace if found is not None else None
        seats = _with_known(held.seats if held else {}, offer.seats)
        phases = held.phases if held and "phases" in row.said.keeps else offer.phases
        offer = offer.model_copy(update={"seats": seats, "phases": phases})
    workplace = Workplace(id=found or identifier, **offer.model_dump())
    if found is None:
        known[identifier] = await handlers.offer_workplace(store, workplace)
        return Verdict(row.row, Outcome.NEW, identifier)
    changed = await handlers.change_workplace(store, workplace, _any_version)
    outcome = Outcome.UNCHANGED if changed.sequence == known[found].sequence else Outcome.CHANGED
    cleared = 0 if row.said is None else row.said.cleared(known[found].workplace, changed.workplace)
    known[found] = changed
    return Verdict(row.row, outcome, found, cleared=cleared)


def _same_for(row: WorkplaceRow, known: Iterable[OfferedWorkplace]) -> str | None:
    """Which workplace a row without a number is about; raises Conflict when it can be more than one."""
    if row.said is None or "phases" not in row.said.keeps:
        return same_workplace(known, row.offer)
    kind = (row.offer.site, row.offer.subject)
    same = [one.id for each in known if (one := each.workplace) and (one.site, one.subject) == kind]
    if len(same) > 1:
        detail = "Hier zijn meer leerwerkplekken voor dit vak. Vul het nummer of de fasen in."
        raise Conflict("leerwerkplek-niet-uniek", detail, pointer="/subject")
    return same[0] if same else None


def same_workplace(known: Iterable[OfferedWorkplace], offer: WorkplaceOffer) -> str | None:
    """Which of these is the workplace with that subject and those phases at that site."""
    kind = (offer.site, offer.subject, offer.phases)
    same = (one.id for each in known if (one := each.workplace) and (one.site, one.subject, one.phases) == kind)
    return next(same, None)


def _any_version(_sequence: int) -> None:
    """A file says how it is; it was not made from what is known here."""
