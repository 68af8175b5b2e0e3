"""Who may see what of a plan: an institute its own students, a school or board who is at its sites, a region all in aggregate."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from services.matcher.domain.ids import RegionId
from shared.errors import Forbidden, NotFound
from shared.security.callers import Caller, Role

NO_PLAN = ("geen-plan", "Voor deze regio is er nog geen plan.")
UNKNOWN_STUDENT = ("onbekende-student", "Van deze student weet de matcher nog niets.")
ROLES = {
    Role.OPERATOR: "de beheerder",
    Role.REGION: "de regio",
    Role.INSTITUTE: "een opleiding",
    Role.SCHOOL: "een school",
}
AGGREGATE = (Role.OPERATOR, Role.REGION)


@dataclass(frozen=True, slots=True)
class Within:
    """Of whose students somebody may know: those of an institute, those at the sites of a school or a board, or everybody's."""

    institute: str | None = None
    school: str | None = None
    sites: frozenset[str] | None = None
    """Those of a board."""

    @property
    def is_everybody(self) -> bool:
        """There is no limit."""
        return self.institute is None and self.has_every_site

    @property
    def has_every_site(self) -> bool:
        """No site is another's."""
        return self.school is None and self.sites is None

    def has_site(self, site: str | None) -> bool:
        """Whether what is at this site, or nowhere, is theirs to know."""
        if self.sites is not None:
            return site in self.sites
        return self.school is None or (site is not None and site.startswith(self.school))

    def holds(self, institute: str, site: str | None) -> bool:
        """Whether a student of this institute, placed at this site or nowhere, is one of them."""
        if self.institute is not None:
            return institute == self.institute
        return self.has_site(site)


def within(caller: Caller, of_board: frozenset[str] = frozenset()) -> Within:
    """Of whose students somebody may know; `of_board` are the sites of a board that asks. A region knows of nobody by name, which
    is another rule.
    """
    match caller.role:
        case Role.INSTITUTE:
            return Within(institute=caller.org)
        case Role.SCHOOL if caller.is_board:
            return Within(sites=of_board)
        case Role.SCHOOL:
            return Within(school=caller.org)
        case _:
            return Within()


def check_region(caller: Caller, region: RegionId) -> None:
    """Another region is to a region as if it were not there; raises NotFound."""
    if caller.role is Role.REGION and caller.org != region:
        raise NotFound(*NO_PLAN)


def check_role(caller: Caller, allowed: Collection[Role]) -> None:
    """Raises Forbidden for any other kind of organisation."""
    if caller.role not in allowed:
        *others, last = [ROLES[one] for one in allowed]
        who = " en ".join([", ".join(others), last]) if others else last
        raise Forbidden("niet-voor-deze-rol", f"Dit is alleen voor {who}.")


def sees_students(caller: Caller) -> bool:
    """Whether students are named to them one by one."""
    return caller.role is not Role.REGION


def sees_signal(caller: Caller, who: Within, about: Mapping[str, object]) -> bool:
    """Whether a signal is theirs to know: an institute's is about its student, a school's about its site, a region's about nobody."""
    match caller.role:
        case Role.OPERATOR:
            return True
        case Role.REGION:
            return "student" not in about and "supervisor" not in about
        case Role.INSTITUTE:
            return about.get("institute") == caller.org
        case Role.SCHOOL:
            return who.has_site(str(about.get("site") or ""))


def check_student(caller: Caller, who: Within, region: str, institute: str, site: str | None) -> None:
    """Raises NotFound for a student of others, as if there were none, and Forbidden for a region, that sees nobody by name."""
    if caller.role is Role.REGION:
        check_region(caller, RegionId(region))
        raise Forbidden("alleen-samengevat", "Een regio ziet het plan samengevat, en geen afzonderlijke studenten.")
    if not who.holds(institute, site):
        raise NotFound(*UNKNOWN_STUDENT)
