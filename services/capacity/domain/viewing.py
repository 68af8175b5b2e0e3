"""Who may see and change what: a school its own sites, a board the sites under it, a region its own region."""

from services.capacity.domain.sites import SchoolSite
from services.capacity.domain.unknown import unknown_region, unknown_site
from shared.errors import Forbidden, NotFound
from shared.security.callers import Caller, Role


def is_own_site(caller: Caller, site: SchoolSite) -> bool:
    """Whether the site is of the school or board that asks; to whoever runs Leerplek every site is."""
    return caller.role is Role.OPERATOR or (
        caller.role is Role.SCHOOL and (site.site.id.startswith(caller.org) or site.board == caller.org)
    )


def check_own_site(caller: Caller, site: SchoolSite) -> None:
    """A site of others is to a school as if it were not there; raises NotFound."""
    if not is_own_site(caller, site):
        raise unknown_site()


def check_group(caller: Caller, group: str) -> None:
    """Whether a board (five digits) or school (BRIN) may be seen as a whole; raises NotFound."""
    if caller.role is not Role.OPERATOR and not (caller.role is Role.SCHOOL and caller.org == group):
        raise NotFound("onbekend-bestuur", "Dit bestuur of deze school kennen we niet.")


def check_region(caller: Caller, region: str) -> None:
    """Only the region itself sees and changes its settings; raises NotFound, and Forbidden for other kinds of organisation."""
    if caller.role is Role.OPERATOR:
        return
    if caller.role is not Role.REGION:
        raise Forbidden("niet-voor-deze-rol", "Dit is alleen voor de regio en de beheerder.")
    if caller.org != region:
        raise unknown_region(region)
