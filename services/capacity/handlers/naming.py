"""What boards and institutes are called: the region in which they work says so."""

from collections.abc import Mapping

from services.capacity.domain.regions import Region
from services.capacity.handlers.owning import MOST_SITES
from services.capacity.ports import SiteFilter, Store
from shared.errors import DomainError
from shared.security.free_text import check_free_text

NAMED = "nl.leerplek.organisation.named"
"""What the audit calls it; no event, since a name is for pages only."""
LONGEST_NAME = 120


async def organisations_of(store: Store, region: Region) -> list[str]:
    """The boards over its schools and the institutes that work with it."""
    sites = await store.sites_where(SiteFilter(region=region.id), None, MOST_SITES)
    return [*sorted({each.board for each in sites if each.board}), *sorted(region.terms.institutes)]


async def name_organisations(store: Store, region: Region, names: Mapping[str, str]) -> None:
    """Names boards and institutes of this region, an empty name forgets one; raises DomainError, with a pointer to which, for what cannot be."""
    known = await organisations_of(store, region)
    held = await store.called(known)
    for code, name in names.items():
        if code not in known:
            raise DomainError("onbekende-organisatie", "Dit bestuur of deze opleiding hoort niet bij deze regio.")
        pointer = f"/{code}"
        if len(name) > LONGEST_NAME or "<" in name or ">" in name:
            raise DomainError("ongeldige-naam", "Een naam is hoogstens 120 tekens, zonder < en >.", pointer=pointer)
        check_free_text(name, pointer)
        if name != held.get(code, ""):
            await store.name_organisation(code, name)
            await store.note(NAMED, f"organisation/{code}", 0)
