"""Plants a plan: students at workplaces near them with teachers who have room, trainers following from the site."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.inventing import land
from services.matcher.domain.inventing.learners import moved
from services.matcher.domain.inventing.wanted import Wanted
from services.matcher.domain.needs import needs_of
from services.matcher.domain.region import Site, Student
from services.matcher.domain.settings import Needs, Settings
from services.matcher.domain.travel import travel_minutes
from services.matcher.domain.vocabulary import WEEKDAYS, Kind, Relief, SiteRole

HEADS = {1: 35, 2: 40, 3: 25}
TWO_SUBJECTS = 0.12
"""The share of the teachers who guide a second subject; they tie the subjects together."""
MOST_MOVES = 20
"""How often a home is sought from where some site is in reach; from most there is one."""


@dataclass(slots=True)
class Teacher:
    """A workplace supervisor in the making."""

    id: SupervisorId
    site: SiteId
    subjects: tuple[str, ...]
    room: int
    max_support: int
    days: tuple[str, ...]
    kind: Kind = Kind.TEACHER
    starter: bool = False
    lendable: bool = False
    heads: Counter[PeriodId] = field(default_factory=Counter)

    def can_take(self, student: Student, periods: Sequence[PeriodId]) -> bool:
        """Has a head left in every period, may guide the support class, and shares a day."""
        return (
            all(self.heads[period] < self.room for period in periods)
            and student.support <= self.max_support
            and (not self.days or not student.days or bool({*self.days} & {*student.days}))
        )


@dataclass(slots=True)
class Planted:
    """One student's planted place."""

    student: Student
    need: Needs
    periods: tuple[PeriodId, ...]
    site: Site
    subject: str
    shares: dict[SupervisorId, int]
    duo_with: StudentId | None = None
    relief: Relief | None = None


class Field:
    """Sites with what they offer, their teachers, and everybody who is planted."""

    def __init__(self, draw: random.Random, wanted: Wanted, settings: Settings, sites: Sequence[Site]) -> None:
        """A field in which nobody is planted yet."""
        self.draw, self.wanted, self.settings = draw, wanted, settings
        self.sites = {site.id: site for site in sites}
        self.offers: dict[SiteId, tuple[str, ...]] = {}
        self.teachers: dict[SupervisorId, Teacher] = {}
        self.at_site: dict[SiteId, list[Teacher]] = defaultdict(list)
        self.planted: dict[StudentId, Planted] = {}
        sectors = {site.sector for site in sites}
        self._near = {sector: land.Near(site for site in sites if site.sector is sector) for sector in sectors}

    def reachable(self, student: Student, subjects: Mapping[str, int]) -> Iterator[tuple[Site, str]]:
        """The sites with one of the subjects that may take the student within the travel limit, nearest first."""
        travel = self.settings.travel
        limit = travel.limit_min if student.max_travel_min is None else student.max_travel_min
        km = (limit - float(travel.base_min)) / float(travel.per_km_min)
        for site in self._near[student.sector].within((student.lat, student.lon), km + 1):
            offered = [subject for subject in self.offers[site.id] if subject in subjects]
            if offered and student.support <= site.max_support and travel_minutes(travel, student, site) <= limit:
                yield from ((site, subject) for subject in offered)

    def within_reach(self, student: Student) -> Student:
        """The student, who lives elsewhere when no site in reach may take them for their subject."""
        fit = [
            one for one in self.sites.values() if one.sector is student.sector and one.max_support >= student.support
        ]
        fit = [one for one in fit if student.subject in self.offers[one.id]]
        for _ in range(MOST_MOVES):
            if not fit or next(self.reachable(student, {student.subject: 0}), None) is not None:
                return student
            student = moved(self.draw, student, fit, self._near[student.sector])
        return student

    def new_teacher(self, site: Site, subject: str, student: Student) -> Teacher:
        """Somebody at the site who can take the student."""
        draw = self.draw
        name = SupervisorId(f"v{self.wanted.mark}{len(self.teachers) + 1:0{len(str(self.wanted.students)) + 1}}")
        others = [one for one in self.offers[site.id] if one != subject]
        second = (draw.choice(others),) if others and draw.random() < TWO_SUBJECTS else ()
        days = tuple(day for day in WEEKDAYS[:5] if draw.random() < 0.7) if draw.random() < 0.3 else ()
        fits = not days or not student.days or {*days} & {*student.days}
        room = draw.choices(list(HEADS), list(HEADS.values()))[0]
        most = max(student.support, draw.choices([1, 2, 3], [15, 35, 50])[0])
        teacher = Teacher(name, site.id, (subject, *second), room, most, days if fits else ())
        if self.wanted.has_levers:
            teacher.kind = draw.choices(list(Kind), [88, 6, 3, 3])[0]
            teacher.starter = draw.random() < 0.06
            teacher.lendable = draw.random() < 0.15
        self.teachers[name] = teacher
        self.at_site[site.id].append(teacher)
        return teacher

    def teacher_at(self, site: Site, subject: str, student: Student, periods: Sequence[PeriodId]) -> Teacher:
        """Somebody of the site with room who guides the subject, else somebody new."""
        able = [one for one in self.at_site[site.id] if subject in one.subjects and one.can_take(student, periods)]
        return self.draw.choice(able) if able and self.draw.random() < 0.9 else self.new_teacher(site, subject, student)

    def plant(self, student: Student, where: tuple[Site, str], periods: tuple[PeriodId, ...]) -> None:
        """Place the student there with one teacher of the site, or of its core."""
        site, subject = where
        need = needs_of(self.settings, student)
        assert need is not None, "the invented norms hold every student"
        home = site
        if site.role is SiteRole.SHELL and site.core is not None and self.draw.random() < 0.6:
            home = self.sites[site.core]
        by_core = home is not site
        taught = self.draw.choice(self.offers[home.id]) if by_core else subject
        teacher = self.teacher_at(home, taught, student, periods)
        self.planted[student.id] = Planted(student, need, periods, site, subject, {teacher.id: need.wpb})
        teacher.heads.update(periods)

    def usage(self) -> tuple[Counter[tuple[WorkplaceId, PeriodId]], Counter[tuple[SupervisorId, PeriodId]]]:
        """Seats and workplace supervisors' hours that the planted plan uses, lending's overhead included."""
        seats: Counter[tuple[WorkplaceId, PeriodId]] = Counter()
        hours: Counter[tuple[SupervisorId, PeriodId]] = Counter()
        for one in self.planted.values():
            for period in one.periods:
                seats[workplace_id(one.site.id, one.subject), period] += 1
                for name, qh in one.shares.items():
                    hours[name, period] += qh + self._overhead(one.site, self.teachers[name])
        return seats, hours

    def _overhead(self, site: Site, teacher: Teacher) -> int:
        lent = teacher.site not in (site.id, site.core)
        return self.settings.levers.lending.overhead_qh if lent else 0


def plant_all(ground: Field, students: Sequence[Student]) -> None:
    """Plant all students but the share to be left out, each at one of the three nearest of a few, or where they wish."""
    order = list(students)
    ground.draw.shuffle(order)
    most = round(len(order) * (1 - ground.wanted.left_out))
    for student in order:
        if len(ground.planted) >= most:
            return
        chosen = _spot(ground, student)
        if chosen is not None:
            ground.plant(student, chosen, _periods(ground, student))


def _spot(ground: Field, student: Student) -> tuple[Site, str] | None:
    draw, subjects = ground.draw, {student.subject: 0}
    if ground.wanted.has_levers and draw.random() < 0.08:
        related = [pair.place for pair in ground.settings.related if pair.student == student.subject]
        subjects = dict.fromkeys(related, 0) or subjects
    spots = list(ground.reachable(student, subjects)) or list(ground.reachable(student, {student.subject: 0}))
    wished = [spot for spot in spots if spot[0].id in student.wishes]
    if wished and draw.random() < 0.35:
        return draw.choice(wished)
    return spots[min(draw.randrange(len(spots)) for _ in range(2))] if spots else None


def _periods(ground: Field, student: Student) -> tuple[PeriodId, ...]:
    later = student.period_sets[1:] if ground.settings.levers.shifted.on else ()
    return ground.draw.choice(later) if later and ground.draw.random() < 0.3 else student.period_sets[0]


def workplace_id(site: SiteId, subject: str) -> WorkplaceId:
    """The id of the one workplace for a subject at a site."""
    return WorkplaceId(f"w-{site}-{subject.replace(' ', '-')}")
