"""How the levers change the hours that a student needs and who shares them: duo, team, peer and senior."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil

from services.matcher.domain.ids import SiteId, StudentId, SupervisorId
from services.matcher.domain.region import Region, Site, Student
from services.matcher.domain.settings import Settings
from services.matcher.domain.vocabulary import EVERY_SITE, Relief, SiteRole


def shares_guidance(settings: Settings) -> bool:
    """A lever is on that changes hours or shares them: duo, team, peer or senior."""
    levers = settings.levers
    return levers.duo.on or levers.team.on or levers.peer.on or levers.senior.on


def needs_by_relief(settings: Settings, student: Student, need: int) -> dict[Relief | None, int]:
    """The hours of one who is no duo: the norm, or with a relief that the student may have less; 1 at least remains."""
    found: dict[Relief | None, int] = {None: need}
    levers = settings.levers
    if levers.peer.on and need > 0:
        found[Relief.PEER] = max(1, need - levers.peer.relief_qh)
    if levers.senior.on and need > 0 and student.phase in levers.senior.juniors:
        found[Relief.SENIOR] = max(1, need - levers.senior.relief_qh)
    return found


def is_senior(settings: Settings, student: Student) -> bool:
    """Lowers, where placed, the hours that juniors there need."""
    return student.phase in settings.levers.senior.seniors


def may_pair(settings: Settings, one: Student, other: Student) -> bool:
    """Two different students who both agreed to be a duo."""
    return settings.levers.duo.on and one.duo and other.duo and one.id != other.id


def duo_qh(settings: Settings, needs: tuple[int, int]) -> int:
    """What a duo needs together: the factor, as written, times both needs, rounded up."""
    return ceil(Fraction(settings.levers.duo.factor) * sum(needs))


def duo_shares(settings: Settings, needs: tuple[int, int]) -> tuple[int, int]:
    """The hours of a duo, split by what each would need alone."""
    together = duo_qh(settings, needs)
    first = ceil(Fraction(together * needs[0], max(1, sum(needs))))
    return first, together - first


def may_be_member(settings: Settings, qh: int) -> bool:
    """A share that is large enough for a member of a team."""
    return settings.levers.team.on and qh >= settings.levers.team.min_qh


def circles(region: Region, site: Site, people: Iterable[SupervisorId]) -> list[frozenset[SupervisorId]]:
    """The largest groups of these people who all serve one common site, the site itself and its core first."""
    everybody = sorted(set(people))
    homes = {site.id: None, **dict.fromkeys(_core(site))}
    for one in everybody:
        homes.update(dict.fromkeys(SiteId(at) for at in region.supervisors[one].sites if at != EVERY_SITE))
    found: list[frozenset[SupervisorId]] = []
    for home in (at for at in homes if at in region.sites):
        group = frozenset(one for one in everybody if region.supervisors[one].serves(home))
        if len(group) > 1 and not any(group <= other for other in found):
            found = [other for other in found if not other < group] + [group]
    return found


def _core(site: Site) -> tuple[SiteId, ...]:
    return (site.core,) if site.role is SiteRole.SHELL and site.core is not None else ()


def have_common_site(region: Region, people: Sequence[SupervisorId]) -> bool:
    """Whether there is a site that all of these serve."""
    members = [region.supervisors[one] for one in people]
    named = {at for one in members for at in one.sites if at != EVERY_SITE}
    sites = named & set(region.sites) if named else set(region.sites)
    return any(all(one.serves(SiteId(at)) for one in members) for at in sites)


class LeastHours:
    """The least hours with which anybody could guide a student, whatever lever lowers them."""

    def __init__(self, settings: Settings, consenting: Iterable[tuple[StudentId, int]]) -> None:
        """Keep the two smallest needs of those who agreed to be a duo, so that nobody is their own partner."""
        self._settings = settings
        self._partners = sorted((need, student) for student, need in consenting)[:2]

    def of(self, student: Student, need: int) -> int:
        """A guide who has fewer hours than this in a period can guide this student in no plan, except in a team."""
        alone = min(needs_by_relief(self._settings, student, need).values())
        partners = [partner for partner, one in self._partners if one != student.id]
        if not (student.duo and self._settings.levers.duo.on and partners):
            return alone
        return min(alone, duo_qh(self._settings, (need, partners[0])))
