"""Sites and the workplaces they offer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.capacity.domain.regions import Region, check_periods
from shared.contracts.availability import Site, SiteChanged, Workplace, WorkplaceChanged
from shared.contracts.vocabulary import SiteRole
from shared.errors import Conflict, DomainError
from shared.security.free_text import check_free_text


@dataclass(frozen=True, slots=True)
class SchoolSite:
    """A site in its region; the name and town of a school are public. `board` is who governs it: five digits, None unknown."""

    region: str
    site: Site
    name: str
    town: str
    sequence: int = 0
    board: str | None = None


@dataclass(frozen=True, slots=True)
class OfferedWorkplace:
    """A workplace at a site and its version."""

    region: str
    workplace: Workplace
    sequence: int


def settle_site(
    held: SchoolSite | None, wanted: SchoolSite, core: SchoolSite | None, *, has_shells: bool
) -> tuple[SchoolSite, SiteChanged | None]:
    """The site as wanted; `core` is the site it names as its core school, `has_shells` whether others name this one."""
    if held is not None and held.region != wanted.region:
        detail = f"Vestiging {held.site.id} hoort bij regio {held.region}; dat verandert niet."
        raise Conflict("andere-regio", detail, pointer="/region")
    check_free_text(wanted.name, "/name")
    check_free_text(wanted.town, "/town")
    _core_fits(wanted, core)
    if has_shells and wanted.site.role is not SiteRole.CORE:
        raise Conflict("heeft-schilscholen", "Andere vestigingen noemen deze school als kernschool.", pointer="/role")
    sequence = held.sequence if held else 0
    if held is not None and replace(wanted, sequence=sequence) == held:
        return held, None
    settled = replace(wanted, sequence=sequence + 1)
    event = SiteChanged(
        region=settled.region,
        sequence=settled.sequence,
        site=settled.site,
        name=settled.name,
        town=settled.town,
        board=settled.board,
    )
    return settled, event


def _core_fits(wanted: SchoolSite, core: SchoolSite | None) -> None:
    if wanted.site.core is None:
        return
    if core is None or core.region != wanted.region:
        detail = f"De kernschool {wanted.site.core} kennen we niet in regio {wanted.region}."
        raise DomainError("onbekende-vestiging", detail, pointer="/core")
    if core.site.role is not SiteRole.CORE:
        raise DomainError("geen-kernschool", f"Vestiging {wanted.site.core} is geen kernschool.", pointer="/core")


def offer_workplace(region: Region, workplace: Workplace) -> tuple[OfferedWorkplace, WorkplaceChanged]:
    """A new workplace at a site of this region."""
    _check_offer(region, workplace)
    offered = OfferedWorkplace(region.id, workplace, 1)
    return offered, WorkplaceChanged(region=region.id, sequence=1, workplace=workplace)


def change_workplace(
    held: OfferedWorkplace, region: Region, workplace: Workplace
) -> tuple[OfferedWorkplace, WorkplaceChanged | None]:
    """The workplace as it is now; it stays at its site. None as event when nothing changed."""
    if workplace.site != held.workplace.site:
        raise Conflict("andere-vestiging", "Een leerwerkplek blijft bij haar vestiging.", pointer="/site")
    _check_offer(region, workplace)
    if workplace == held.workplace:
        return held, None
    changed = replace(held, workplace=workplace, sequence=held.sequence + 1)
    return changed, WorkplaceChanged(region=held.region, sequence=changed.sequence, workplace=workplace)


def _check_offer(region: Region, workplace: Workplace) -> None:
    check_periods(region, workplace.seats, "/seats")
    check_free_text(workplace.subject, "/subject")
    for index, phase in enumerate(workplace.phases):
        check_free_text(phase, f"/phases/{index}")


def site_of(sites: Mapping[str, SchoolSite], name: str, pointer: str) -> SchoolSite:
    """The site with this id; raises DomainError with the path of the field that names it."""
    if name not in sites:
        raise DomainError("onbekende-vestiging", f"De vestiging {name} kennen we niet.", pointer=pointer)
    return sites[name]
