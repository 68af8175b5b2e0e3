"""What boards and institutes are called: the region in which they work says so."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.capacity.domain.regions import Region
from services.capacity.handlers.owning import MOST_SITES
from services.capacity.ports import SiteFilter, Store
from shared.errors import DomainError, VersionChanged
from shared.security.free_text import check_free_text

NAMED = "nl.leerplek.organisation.named"
"""What the audit calls it; no event, since a name is for pages only."""
LONGEST_NAME = 120
CALLED_MEANWHILE = "Iemand anders gaf intussen een andere naam. Er is nog niets opgeslagen."


@dataclass(frozen=True, slots=True)
class Naming:
    """What somebody wants an organisation to be called, who saw that it was called `was`; empty is no name."""

    name: str
    was: str


async def organisations_of(store: Store, region: Region) -> list[str]:
    """The boards over its schools and the institutes that work with it."""
    sites = await store.sites_where(SiteFilter(region=region.id), None, MOST_SITES)
    return [*sorted({each.board for each in sites if each.board}), *sorted(region.terms.institutes)]


async def name_organisations(store: Store, region: Region, wanted: Mapping[str, Naming]) -> None:
    """Names boards and institutes of this region; who wants nothing else than they saw says nothing.

    Raises DomainError, with a pointer to which, for what cannot be, and VersionChanged where somebody else gave another name meanwhile:
    regions share institutes.
    """
    known = await organisations_of(store, region)
    for code, each in sorted(wanted.items()):  # always in one order, so that two do not wait for each other
        if code not in known:
            raise DomainError("onbekende-organisatie", "Dit bestuur of deze opleiding hoort niet bij deze regio.")
        if each.name == each.was:
            continue
        pointer = f"/{code}"
        if len(each.name) > LONGEST_NAME or "<" in each.name or ">" in each.name:
            raise DomainError("ongeldige-naam", "Een naam is hoogstens 120 tekens, zonder < en >.", pointer=pointer)
        check_free_text(each.name, pointer)
        if await store.name_organisation(code, each.name, each.was):
            await store.note(NAMED, f"organisation/{code}", 0)
        elif (await store.called([code])).get(code, "") != each.name:
            raise VersionChanged("intussen-gewijzigd", CALLED_MEANWHILE)
