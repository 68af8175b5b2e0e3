"""Capacity's commands: one function each."""

from dataclasses import replace
from datetime import date

from services.capacity.domain import decisions, regions, sites, supervisors
from services.capacity.domain.decisions import Decision, Offer, Verdict
from services.capacity.domain.regions import Region, RegionTerms
from services.capacity.domain.sites import OfferedWorkplace, SchoolSite
from services.capacity.domain.supervisors import SupervisorRecord
from services.capacity.domain.unknown import (
    no_decision,
    unknown_region,
    unknown_site,
    unknown_supervisor,
    unknown_workplace,
)
from services.capacity.ports import Store
from shared.contracts.availability import Absence, Supervisor, SupervisorProfile, Workplace
from shared.contracts.vocabulary import Contract, RefusalReason
from shared.errors import BasedOn, Conflict
from shared.security.free_text import check_person_name

RENAMED = "nl.leerplek.supervisor.renamed"
"""What the audit calls it; no event, since a name leaves this service for nobody."""

GOVERNED = "nl.leerplek.site.board-changed"
"""What the audit calls it that a site has another board, with /from/to behind it."""
MOST_CHANGES = 1_000


async def put_region(store: Store, region: str, terms: RegionTerms, based_on: BasedOn) -> tuple[Region, bool]:
    """Makes or changes a region; True when it is new."""
    held = await store.region(region)
    based_on(held.sequence if held else 0)
    in_use = await store.periods_in_use(region) if held else ()
    settled, event = regions.settle_region(held, region, terms, in_use)
    if event is not None:
        await store.save_region(settled)
        await store.publish(event)
    return settled, held is None


async def find_region(store: Store, region: str) -> Region:
    """A region; raises NotFound."""
    held = await store.region(region)
    if held is None:
        raise unknown_region(region)
    return held


async def start_day(store: Store, region: str, day: date) -> Region:
    """Starts a day in a region; the same day again changes nothing."""
    started, event = regions.start_day(await find_region(store, region), day)
    if event is not None:
        await store.save_region(started)
        await store.publish(event)
    return started


async def put_site(store: Store, wanted: SchoolSite, based_on: BasedOn) -> tuple[SchoolSite, SchoolSite | None]:
    """Makes or changes a site; as it is now, and as it was (None: it is new). A board that is left out stays."""
    regions.existing(await store.region(wanted.region), wanted.region)  # first, so that a region's sites take turns
    held = await store.site(wanted.site.id)
    if held is not None and wanted.board is None:
        wanted = replace(wanted, board=held.board)
    return await _keep_site(store, held, wanted, based_on), held


async def put_board(store: Store, site: str, board: str | None, based_on: BasedOn) -> tuple[SchoolSite, SchoolSite]:
    """Says which board governs a site (None: none); as it is now, and as it was. Raises NotFound."""
    known = await store.sites([site])
    if site not in known:
        raise unknown_site()
    await store.region(known[site].region)  # first, so that a region's sites take turns
    held = await find_site(store, site)
    return await _keep_site(store, held, replace(held, board=board), based_on), held


async def _keep_site(store: Store, held: SchoolSite | None, wanted: SchoolSite, based_on: BasedOn) -> SchoolSite:
    based_on(held.sequence if held else 0)
    core = None if wanted.site.core is None else await store.site(wanted.site.core)
    settled, event = sites.settle_site(held, wanted, core, has_shells=await store.has_shells(wanted.site.id))
    if event is not None:
        await store.save_site(settled)
        await store.publish(event)
        if held is not None and held.board != settled.board:
            governed = f"{GOVERNED}/{held.board or ''}/{settled.board or ''}"
            await store.note(governed, f"site/{settled.site.id}", settled.sequence)
    return settled


async def find_site(store: Store, site: str) -> SchoolSite:
    """A site; raises NotFound."""
    held = await store.site(site)
    if held is None:
        raise unknown_site()
    return held


async def offer_workplace(store: Store, workplace: Workplace) -> OfferedWorkplace:
    """Offers a new workplace, in the region of its site."""
    site = sites.site_of(await store.sites([workplace.site]), workplace.site, "/site")
    offered, event = sites.offer_workplace(await find_region(store, site.region), workplace)
    await store.save_workplace(offered)
    await store.publish(event)
    return offered


async def change_workplace(store: Store, workplace: Workplace, based_on: BasedOn) -> OfferedWorkplace:
    """Changes subject, seats or phases of a workplace."""
    held = await find_workplace(store, workplace.id)
    based_on(held.sequence)
    changed, event = sites.change_workplace(held, await find_region(store, held.region), workplace)
    if event is not None:
        await store.save_workplace(changed)
        await store.publish(event)
    return changed


async def find_workplace(store: Store, workplace: str) -> OfferedWorkplace:
    """A workplace; raises NotFound."""
    held = await store.workplace(workplace)
    if held is None:
        raise unknown_workplace()
    return held


async def register_supervisor(store: Store, region: str, supervisor: Supervisor, name: str | None) -> SupervisorRecord:
    """Registers a supervisor; the name, when given, is sealed and stays here."""
    if name is not None:
        check_person_name(name, "/name")
    where = regions.existing(await store.region(region), region)
    record, event = supervisors.register(where, supervisor, await store.sites(supervisor.sites))
    await _keep(store, record, event)
    if name is not None:
        await store.save_name(supervisor.id, name)
    return record


async def change_supervisor(
    store: Store, supervisor: str, profile: SupervisorProfile, today: date, based_on: BasedOn
) -> SupervisorRecord:
    """Changes what a supervisor offers."""
    held = await find_supervisor(store, supervisor)
    based_on(held.sequence)
    region = await find_region(store, held.region)
    today = regions.day_in(region, today)
    changed, event = supervisors.change_hours(held, region, profile, await store.sites(profile.sites), today)
    await _keep(store, changed, event)
    return changed


async def rename_supervisor(store: Store, held: SupervisorRecord, name: str) -> None:
    """Gives a supervisor a name, or another; not after it was erased."""
    check_person_name(name, "/name")
    if held.is_erased:
        raise Conflict("verwijderd", "De naam van deze begeleider is verwijderd en komt niet terug.", pointer="/name")
    await store.keep_name(held.supervisor.id, held.sequence)
    await store.save_name(held.supervisor.id, name)
    await store.note(RENAMED, f"name/{held.supervisor.id}", held.sequence)


async def report_absence(
    store: Store, supervisor: str, absence: Absence, today: date, based_on: BasedOn
) -> SupervisorRecord:
    """Reports days on which a supervisor does not guide."""
    held = await find_supervisor(store, supervisor)
    based_on(held.sequence)
    changed, event = supervisors.report_absence(held, absence, today)
    await _keep(store, changed, event)
    return changed


async def report_return(store: Store, supervisor: str, on: date, today: date, based_on: BasedOn) -> SupervisorRecord:
    """Reports that a supervisor is back from this day on."""
    held = await find_supervisor(store, supervisor)
    based_on(held.sequence)
    changed, event = supervisors.report_return(held, on, today)
    await _keep(store, changed, event)
    return changed


async def report_departure(
    store: Store, supervisor: str, departs: date | None, today: date, based_on: BasedOn
) -> SupervisorRecord:
    """Reports the first day on which a supervisor no longer works there; None when they stay after all."""
    held = await find_supervisor(store, supervisor)
    based_on(held.sequence)
    changed, event = (
        supervisors.cancel_departure(held) if departs is None else supervisors.report_departure(held, departs, today)
    )
    await _keep(store, changed, event)
    return changed


async def erase_supervisor(store: Store, supervisor: str, today: date) -> SupervisorRecord:
    """Erases a supervisor's name for good; one who still guides departs today. A second time changes nothing."""
    held = await find_supervisor(store, supervisor)
    today = regions.day_in(await find_region(store, held.region), today)
    if not held.has_departed(today):
        held, event = supervisors.report_departure(held, today, today)
        await _keep(store, held, event)
    if not held.is_erased:
        await store.erase_name(supervisor)
        await store.take_back(held.region, f"supervisor/{supervisor}")
    return await find_supervisor(store, supervisor)


async def erase_outlived(store: Store, before: date, today: date, limit: int) -> int:
    """Erases the names of supervisors who departed before this day, so many at most; how many there were."""
    found = await store.outlived(before, limit)
    for supervisor in found:
        await erase_supervisor(store, supervisor, today)
    return len(found)


async def copy_of(store: Store, held: SupervisorRecord) -> dict[str, object]:
    """All that is kept about a supervisor beside what they offer now: earlier versions, whom they guide, who changed what."""
    aggregate = f"supervisor/{held.supervisor.id}"
    changes = await store.changes_of([aggregate, f"name/{held.supervisor.id}"], MOST_CHANGES)
    return {
        "versions": [
            {"sequence": number, **body} for number, body in (await store.versions(aggregate, MOST_CHANGES)).items()
        ],
        "students": (await store.guided_counts([held.supervisor.id])).get(held.supervisor.id, 0),
        "changes": [
            {"at": one.at.isoformat(), "by": one.actor, "what": one.action, "sequence": one.sequence} for one in changes
        ],
    }


async def find_supervisor(store: Store, supervisor: str) -> SupervisorRecord:
    """A supervisor; raises NotFound."""
    held = await store.supervisor(supervisor)
    if held is None:
        raise unknown_supervisor()
    return held


async def decide(
    store: Store, student: str, verdict: Verdict, reason: RefusalReason | None, offer: int | None = None
) -> Decision:
    """The school accepts or refuses the place that a student has now, or the one that is offered with this number."""
    about = await (store.place(student) if offer is None else _offer(store, student, offer))
    decision, event = decisions.decide(about, await store.decision(student), verdict, reason)
    if event is not None:
        await store.save_decision(decision)
        await store.publish(event)
    return decision


async def find_decision(store: Store, student: str) -> Decision:
    """The school's last decision about a student; raises NotFound."""
    held = await store.decision(student)
    if held is None:
        raise no_decision()
    return held


async def _offer(store: Store, student: str, number: int) -> Offer | None:
    offer = await store.offer(student)
    return offer if offer is not None and offer.sequence == number else None


async def forget_student(store: Store, student: str) -> None:
    """A student was erased: the place goes, and what the school decided about it is taken back."""
    decision = await store.decision(student)
    await store.forget_place(student)
    if decision is not None:
        await store.take_back(decision.event.region, f"school-decision/{student}")


async def _keep(store: Store, record: SupervisorRecord, event: Contract | None) -> None:
    if event is not None:
        await store.save_supervisor(record)
        await store.publish(event)
