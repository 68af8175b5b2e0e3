"""The hard rules on one student and one place or person, each a small function with its rule in words."""

from collections.abc import Iterator
from enum import Enum, auto

from services.matcher.domain.ids import PeriodId, SiteId
from services.matcher.domain.region import Region, Site, Student, Supervisor, Workplace
from services.matcher.domain.settings import Settings
from services.matcher.domain.travel import travel_minutes
from services.matcher.domain.vocabulary import EVERY_SITE, Kind, SiteRole, Tier


class Tie(Enum):
    """How a workplace supervisor belongs to a site."""

    OWN = auto()
    CORE = auto()
    LENT = auto()


def allowed_period_sets(region: Region, student: Student) -> Iterator[tuple[int, tuple[PeriodId, ...]]]:
    """The first period set, or all of them when shifted is on, with their index; none with an unknown period."""
    sets = student.period_sets if region.settings.levers.shifted.on else student.period_sets[:1]
    seen: set[frozenset[PeriodId]] = set()
    for index, periods in enumerate(sets):
        if frozenset(periods) not in seen and all(period in region.periods for period in periods):
            yield index, periods
        seen.add(frozenset(periods))


def related_cost(settings: Settings, wanted: str, offered: str) -> int | None:
    """0 for the own subject, the first pair's cost for a related one when related is on, None when it does not fit."""
    if wanted == offered:
        return 0
    if not settings.levers.related.on:
        return None
    return next((one.cost for one in settings.related if one.student == wanted and one.place == offered), None)


def phase_fits(workplace: Workplace, student: Student) -> bool:
    """The phase is one of the workplace's; none named means every phase."""
    return not workplace.phases or student.phase in workplace.phases


def support_fits(site: Site, student: Student) -> bool:
    """The support class is at most what the site can give."""
    return student.support <= site.max_support


def may_be_at(student: Student, site: SiteId) -> bool:
    """The site is not excluded and, where only some sites are named, is one of these."""
    return site not in student.not_sites and (not student.only_sites or site in student.only_sites)


def travel_limit(settings: Settings, student: Student) -> int:
    """The student's own limit replaces the region's, also upwards."""
    return settings.travel.limit_min if student.max_travel_min is None else student.max_travel_min


def tie_to_site(region: Region, supervisor: Supervisor, site: Site) -> Tie | None:
    """Through the core of a shell with core and shell on; own by serving the site; lent with lending; else none."""
    levers = region.settings.levers
    if levers.core_shell.on and site.role is SiteRole.SHELL and site.core and supervisor.serves(site.core):
        return Tie.CORE
    if supervisor.serves(site.id):
        return Tie.OWN
    if not levers.lending.on or not supervisor.lendable or not supervisor.sites or EVERY_SITE in supervisor.sites:
        return None
    home = region.sites.get(SiteId(supervisor.sites[0]))
    if home is None or travel_minutes(region.settings.travel, home, site) > levers.lending.max_min:
        return None
    return Tie.LENT


def guides_subject(supervisor: Supervisor, subject: str, tie: Tie) -> bool:
    """Guides the workplace's subject; none named means every one; the people of the core guide every subject."""
    return tie is Tie.CORE or not supervisor.subjects or subject in supervisor.subjects


def guides_in_general(settings: Settings, supervisor: Supervisor) -> bool:
    """Of tier wpb, no starter unless starters is on, a teacher unless extra capacity is on."""
    levers = settings.levers
    return (
        supervisor.tier is Tier.WPB
        and (levers.starters.on or not supervisor.starter)
        and (levers.extra.on or supervisor.kind is Kind.TEACHER)
    )


def guides_support(supervisor: Supervisor, student: Student) -> bool:
    """May guide the student's support class."""
    return student.support <= supervisor.max_support


def shares_days(settings: Settings, supervisor: Supervisor, student: Student) -> bool:
    """Shares at least min_common_days days with the student, when both name days."""
    if not supervisor.days or not student.days:
        return True
    return len({*supervisor.days} & {*student.days}) >= settings.min_common_days


def trains_institute(settings: Settings, trainer: Supervisor, student: Student) -> bool:
    """An institute trainer is of the student's institute, unless institutes share their trainers."""
    return settings.levers.shared_io.on or student.institute in trainer.institutes
