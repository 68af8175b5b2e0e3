"""For whom each scope is, and whose things somebody may know of and change: a school its own, a region its own, the operator all."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from services.capacity.domain.sites import SchoolSite, site_of
from services.capacity.domain.supervisors import EVERY_SITE, SupervisorRecord, is_of_school, serves
from shared.contracts.availability import SupervisorProfile
from shared.contracts.vocabulary import Tier
from shared.errors import DomainError, Forbidden
from shared.security.callers import Caller, Role

REGION_READ, REGION_WRITE = "region:read", "region:write"
SITE_READ, SITE_WRITE = "site:read", "site:write"
PEOPLE_READ, PEOPLE_WRITE = "supervisor:read", "supervisor:write"
STUDENTS, DECIDE = "student:read", "placement:decide"
WEBHOOKS = "webhook:manage"
EVENTS = (SITE_WRITE, PEOPLE_WRITE, DECIDE)
"""Events tell of what takes these scopes."""
_REGIONS, _SCHOOLS = frozenset({Role.REGION}), frozenset({Role.SCHOOL})
FOR: Mapping[str, Collection[Role]] = {
    REGION_READ: _REGIONS | _SCHOOLS,
    REGION_WRITE: _REGIONS,
    SITE_READ: _REGIONS | _SCHOOLS,
    SITE_WRITE: _SCHOOLS,
    PEOPLE_READ: _SCHOOLS,
    PEOPLE_WRITE: _SCHOOLS,
    STUDENTS: _SCHOOLS,
    DECIDE: _SCHOOLS,
    WEBHOOKS: _SCHOOLS,
}
"""Who may have what, beside the operator."""
SCOPES = frozenset(FOR)
NOT_FOR_SCHOOLS = "Alleen de beheerder geeft instituutsopleiders door, en wie op alle vestigingen van een regio werkt."


def check_scope(caller: Caller, scope: str) -> None:
    """Raises Forbidden for kinds of organisation that it is not for, and without the scope."""
    if caller.role is not Role.OPERATOR and caller.role not in FOR[scope]:
        words = {Role.SCHOOL: "scholen", Role.REGION: "regio’s"}
        for_whom = " en ".join(word for role, word in words.items() if role in FOR[scope])
        raise Forbidden("niet-voor-deze-rol", f"Dit is alleen voor {for_whom} en de beheerder.")
    caller.must_have(scope)


@dataclass(frozen=True, slots=True)
class Own:
    """What somebody may know of: these sites (None: everybody's) and what is there."""

    caller: Caller
    sites: Mapping[str, SchoolSite] | None

    def has(self, site: str) -> bool:
        """Whether a site is theirs."""
        return self.sites is None or site in self.sites

    def has_region(self, region: str) -> bool:
        """Whether a region is theirs, or has a site of theirs."""
        is_itself = self.caller.role is Role.REGION and self.caller.org == region
        return is_itself or self.sites is None or any(each.region == region for each in self.sites.values())

    def of(self, site: str | None) -> Collection[str] | None:
        """Their sites (None: everybody's), or only this one when it is theirs."""
        if site is not None:
            return [site] if self.has(site) else []
        return None if self.sites is None else list(self.sites)

    def reads(self, record: SupervisorRecord) -> bool:
        """Whether a supervisor guides at one of their sites, by name or as one of all in the region."""
        return self.sites is None or any(serves(record, each) for each in self.sites.values())

    def changes(self, record: SupervisorRecord) -> bool:
        """Whether they report about a supervisor: one of their own people, named at one of their sites."""
        if self.caller.role is Role.OPERATOR:
            return True
        return is_of_school(record) and any(site != EVERY_SITE and self.has(site) for site in record.supervisor.sites)

    def check_named(self, site: str, pointer: str) -> None:
        """A site of others that a body names is as one that is not there; raises DomainError."""
        if not self.has(site):
            site_of({}, site, pointer)

    def check_profile(self, profile: SupervisorProfile, before: Collection[str] = ()) -> None:
        """Whether they may say this of a supervisor, who was at `before`; raises Forbidden, and DomainError for a site of others."""
        if self.caller.role is Role.OPERATOR:
            return
        if profile.tier is Tier.INSTITUTE_TRAINER:
            raise Forbidden("niet-voor-deze-rol", NOT_FOR_SCHOOLS, pointer="/tier")
        for index, site in enumerate(profile.sites):
            if site == EVERY_SITE and site not in before:
                raise Forbidden("niet-voor-deze-rol", NOT_FOR_SCHOOLS, pointer=f"/sites/{index}")
            if site not in before:
                self.check_named(site, f"/sites/{index}")
        if not any(map(self.has, profile.sites)):
            raise DomainError("vestiging-ontbreekt", "Noem minstens één vestiging van u.", pointer="/sites")
