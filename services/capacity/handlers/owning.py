"""Finds what somebody asks for only when it is theirs: what is of others is answered as what is not there."""

from collections.abc import Collection
from dataclasses import replace

from services.capacity import handlers
from services.capacity.domain import unknown
from services.capacity.domain.access import Own
from services.capacity.domain.decisions import Decision
from services.capacity.domain.regions import Region
from services.capacity.domain.sites import OfferedWorkplace, SchoolSite
from services.capacity.domain.supervisors import SupervisorRecord
from services.capacity.ports import SiteFilter, Store
from shared.errors import Forbidden
from shared.security.callers import Caller, Role

MOST_SITES = 10_000


def sites_of(caller: Caller) -> SiteFilter:
    """Which sites are theirs: of a region those in it, of a school or board (five digits) its own, of the operator all."""
    match caller.role:
        case Role.OPERATOR:
            return SiteFilter()
        case Role.REGION:
            return SiteFilter(region=caller.org)
        case _:
            return SiteFilter(board=caller.org) if caller.is_board else SiteFilter(school=caller.org)


def owners_of(site: SchoolSite) -> Collection[str]:
    """Whose a site is, as tokens name them: the school by its BRIN or this site of it alone, and the board."""
    return [site.site.id, site.site.id[:4], *([] if site.board is None else [site.board])]


def only_own(wanted: SiteFilter, caller: Caller) -> SiteFilter | None:
    """Of the wanted sites those that are theirs; None when there can be none."""
    own, both = sites_of(caller), {}
    for name in ("region", "board", "school"):
        asked, held = getattr(wanted, name), getattr(own, name)
        if asked and held and asked != held:
            return None
        both[name] = asked or held
    return SiteFilter(**both, sector=wanted.sector)


async def own_of(store: Store, caller: Caller) -> Own:
    """What is theirs."""
    return Own(caller, None) if caller.role is Role.OPERATOR else await with_sites(store, caller)


async def with_sites(store: Store, caller: Caller) -> Own:
    """The same with every site by name, also for the operator."""
    found = await store.sites_where(sites_of(caller), None, MOST_SITES)
    return Own(caller, {each.site.id: each for each in found})


async def find_region(store: Store, caller: Caller, region: str) -> Region:
    """Their region, or one in which they have a site; raises NotFound."""
    if not (await own_of(store, caller)).has_region(region):
        raise unknown.unknown_region(region)
    return await handlers.find_region(store, region)


async def find_site(store: Store, caller: Caller, site: str) -> SchoolSite:
    """Their site; raises NotFound."""
    held = await handlers.find_site(store, site)
    if not (await own_of(store, caller)).has(site):
        raise unknown.unknown_site()
    return held


async def as_they_may_put_it(store: Store, caller: Caller, wanted: SchoolSite) -> SchoolSite:
    """A site as they may make or change it: a school under its own BRIN, and under the board that it has.

    Raises NotFound for a site of others, and Forbidden for another board: a board sees its sites, so whom that is the region says,
    or whoever runs Leerplek. Locks nothing, so what is said of the board is left out: it stays as it is then.
    """
    code = wanted.site.id
    held = (await store.sites([code])).get(code)
    own = await own_of(store, caller)
    if not own.has(code) and (held is not None or caller.role is not Role.SCHOOL or not code.startswith(caller.org)):
        raise unknown.unknown_site()
    if caller.role is Role.OPERATOR:
        return wanted
    if wanted.board not in (None, held.board if held else None):
        detail = "Het bestuur van een vestiging legt de regio vast, of de beheerder. Laat board weg: dan blijft het zoals het is."
        raise Forbidden("ander-bestuur", detail, pointer="/board")
    return replace(wanted, board=None)


async def check_may_put_board(store: Store, caller: Caller, site: str) -> None:
    """Whether a site is in their region; raises NotFound. Locks nothing."""
    if site not in await store.sites([site]) or not (await own_of(store, caller)).has(site):
        raise unknown.unknown_site()


async def find_workplace(store: Store, caller: Caller, workplace: str) -> OfferedWorkplace:
    """A workplace at one of their sites; raises NotFound."""
    held = await handlers.find_workplace(store, workplace)
    if not (await own_of(store, caller)).has(held.workplace.site):
        raise unknown.unknown_workplace()
    return held


async def find_supervisor(store: Store, caller: Caller, supervisor: str) -> SupervisorRecord:
    """Somebody who guides at one of their sites; raises NotFound."""
    held = await handlers.find_supervisor(store, supervisor)
    if not (await own_of(store, caller)).reads(held):
        raise unknown.unknown_supervisor()
    return held


async def find_own_person(store: Store, caller: Caller, supervisor: str) -> tuple[SupervisorRecord, Own]:
    """Somebody they report about, and what is theirs; raises NotFound."""
    held, own = await handlers.find_supervisor(store, supervisor), await own_of(store, caller)
    if not own.changes(held):
        raise unknown.unknown_supervisor()
    return held, own


async def check_may_decide(store: Store, caller: Caller, student: str, offer: int | None) -> None:
    """Whether the place of a student, or the one that is offered, is at one of their sites; raises NotFound."""
    about = await (store.place(student) if offer is None else store.offer(student))
    if about is not None and about.site is not None and not (await own_of(store, caller)).has(about.site):
        raise unknown.not_placed()


async def find_decision(store: Store, caller: Caller, student: str) -> Decision:
    """The last decision about a student at one of their sites; raises NotFound."""
    held = await handlers.find_decision(store, student)
    if not (await own_of(store, caller)).has(held.event.site):
        raise unknown.no_decision()
    return held
