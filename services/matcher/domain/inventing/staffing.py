"""Gives everybody hours, seats and head counts: exactly what the planted plan uses where scarce, ample elsewhere."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import ceil

from services.matcher.domain.ids import InstituteId, PeriodId, SiteId, StudentId, SupervisorId
from services.matcher.domain.inventing import land, mixes
from services.matcher.domain.inventing.planting import Field, Teacher, workplace_id
from services.matcher.domain.inventing.wanted import Family
from services.matcher.domain.region import Site, Supervisor, Workplace
from services.matcher.domain.vocabulary import Sector, Tier

SITES_PER_SO = {Sector.PO: (3, 5), Sector.SO: (2, 4), Sector.VO: (1, 2), Sector.MBO: (1, 1)}
SITES_PER_IO = (5, 9)
CUT_HOURS = {Family.HOURS, Family.PERIODS, Family.LEVERS}
SLACK_IN_TURN = 4
"""Where a wave of absences must be caught, one teacher in so many has room for one more student."""


def workplaces(ground: Field, periods: Sequence[PeriodId]) -> list[Workplace]:
    """Every workplace, with the seats that the planted plan uses or one or two more."""
    used, _ = ground.usage()
    exact, made = ground.wanted.family is Family.SEATS, []
    for site, subjects in ground.offers.items():
        for subject in subjects:
            name = workplace_id(site, subject)
            seats = {one: used[name, one] + (0 if exact else ground.draw.randint(1, 2)) for one in periods}
            made.append(Workplace(name, site, subject, {one: number for one, number in seats.items() if number}))
    return made


def teachers(ground: Field, periods: Sequence[PeriodId]) -> list[Supervisor]:
    """Every workplace supervisor, with the hours that the planted plan takes or ample ones."""
    _, used = ground.usage()
    return [_teacher(ground, one, used, periods) for one in ground.teachers.values()]


def _teacher(
    ground: Field, one: Teacher, used: Mapping[tuple[SupervisorId, PeriodId], int], periods: Sequence[PeriodId]
) -> Supervisor:
    draw, family = ground.draw, ground.wanted.family
    ample = family not in CUT_HOURS
    hours = {period: used.get((one.id, period), 0) for period in periods}
    most: int | None = max((one.heads[period] for period in periods), default=0)
    if family is Family.INCREMENTAL:
        extra = 8 if draw.randrange(SLACK_IN_TURN) == 0 else draw.randint(0, 2)
        hours, most = {period: qh + extra for period, qh in hours.items()}, None
    elif ample:
        hours, most = {period: ceil(qh * 1.5) + draw.randint(4, 12) for period, qh in hours.items()}, None
    else:
        most = draw.choice([None, None, most, (most or 0) + 1])
    return Supervisor(
        id=one.id,
        tier=Tier.WPB,
        kind=one.kind,
        sites=(one.site,),
        subjects=one.subjects,
        qh={period: qh for period, qh in hours.items() if qh},
        max_students=most,
        max_support=one.max_support,
        starter=one.starter,
        lendable=one.lendable,
        days=one.days,
    )


class Trainers:
    """School and institute trainers: usually one for a site, and one for a site and institute."""

    def __init__(self, ground: Field) -> None:
        """Divide the sites among trainers, neighbours together."""
        self.ground = ground
        self._named_before: Counter[str] = Counter()
        self.so_of: dict[SiteId, SupervisorId] = {}
        self.io_of: dict[tuple[SiteId, InstituteId], SupervisorId] = {}
        for sector in Sector:
            sites = [site for site in ground.sites.values() if site.sector is sector]
            for group in _clusters(ground, sites, SITES_PER_SO[sector]):
                name = self._named("t")
                self.so_of.update(dict.fromkeys((site.id for site in group), name))
            for institute in mixes.INSTITUTES[sector] if sites else ():
                for group in _clusters(ground, sites, SITES_PER_IO):
                    name = self._named("i")
                    keys = ((site.id, InstituteId(institute)) for site in group)
                    self.io_of.update(dict.fromkeys(keys, name))
        self.so: dict[StudentId, SupervisorId] = {}
        self.io: dict[StudentId, SupervisorId] = {}
        for student, one in ground.planted.items():
            self.so[student] = self.so_of[one.site.id]
            self.io[student] = self.io_of[one.site.id, self._institute(one.student.institute, one.site)]

    def _named(self, tier: str) -> SupervisorId:
        self._named_before[tier] += 1
        return SupervisorId(f"{tier}{self.ground.wanted.mark}{self._named_before[tier]:05}")

    def _institute(self, own: InstituteId, site: Site) -> InstituteId:
        levers, draw = self.ground.settings.levers, self.ground.draw
        shared = [one for one in mixes.INSTITUTES[site.sector] if one != own]
        return InstituteId(draw.choice(shared)) if levers.shared_io.on and draw.random() < 0.15 else own

    def supervisors(self, periods: Sequence[PeriodId]) -> Iterator[Supervisor]:
        """Every trainer, with the hours that the planted plan takes or ample ones."""
        used = self._usage()
        sites: dict[SupervisorId, list[SiteId]] = defaultdict(list)
        institutes: dict[SupervisorId, set[InstituteId]] = defaultdict(set)
        for site, name in self.so_of.items():
            sites[name].append(site)
        for (site, institute), name in self.io_of.items():
            sites[name].append(site)
            institutes[name].add(institute)
        exact, draw = self.ground.wanted.family is Family.TRAINERS, self.ground.draw
        for name, served in sites.items():
            tier = Tier.SO if name.startswith("t") else Tier.IO
            hours = {one: used[name, one] for one in periods}
            if not exact:
                hours = {one: ceil(qh * 1.3) + draw.randint(4, 10) for one, qh in hours.items()}
            hours = {one: qh for one, qh in hours.items() if qh}
            teaching = tuple(sorted(institutes[name]))
            yield Supervisor(id=name, tier=tier, sites=tuple(served), institutes=teaching, qh=hours)

    def _usage(self) -> Counter[tuple[SupervisorId, PeriodId]]:
        used: Counter[tuple[SupervisorId, PeriodId]] = Counter()
        visited: dict[tuple[SupervisorId, PeriodId, SiteId], int] = {}
        fixed = self.ground.settings.trainer_site_qh
        for student, one in self.ground.planted.items():
            for period in one.periods:
                used[self.so[student], period] += one.need.so
                used[self.io[student], period] += one.need.io
                visited[self.so[student], period, one.site.id] = fixed.so
                visited[self.io[student], period, one.site.id] = fixed.io
        for (name, period, _), qh in visited.items():
            used[name, period] += qh
        return used


def _clusters(ground: Field, sites: Sequence[Site], size: tuple[int, int]) -> Iterator[list[Site]]:
    """Neighbouring sites in groups of about a size, from west to east."""
    near, gone = land.Near(sites), set[SiteId]()
    for first in sorted(sites, key=lambda one: (one.lon, one.id)):
        if first.id not in gone:
            number = min(ground.draw.randint(*size), len(sites) - len(gone))
            group = next(found for found in _rings(near, first, gone) if len(found) >= number)[:number]
            gone.update(one.id for one in group)
            yield group


def _rings(near: land.Near, first: Site, gone: Collection[SiteId]) -> Iterator[list[Site]]:
    """Those who are left within more and more kilometres, nearest first."""
    km = land.CELL_KM
    while True:
        yield [one for one in near.within(land.place(first), km) if one.id not in gone]
        km *= 2
