"""Pulls every lever in a planted plan: shells, lent teachers, duos, teams, peer groups and seniors."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil

from services.matcher.domain.ids import PeriodId, SiteId
from services.matcher.domain.inventing import land
from services.matcher.domain.inventing.planting import Field, Planted, Teacher
from services.matcher.domain.region import Site, Student
from services.matcher.domain.travel import travel_minutes
from services.matcher.domain.vocabulary import Relief, SiteRole

SHELLS, DUOS, LENT, TEAMS = 0.3, 0.6, 0.07, 0.1


def with_shells(draw: random.Random, sites: Sequence[Site]) -> list[Site]:
    """Some sites become shells of the nearest core of their sector; the others are cores."""
    roles = [(site, draw.random() < SHELLS) for site in sites]
    cores = [site for site, is_shell in roles if not is_shell]
    made = []
    for site, is_shell in roles:
        near = [one for one in cores if one.sector is site.sector]
        if is_shell and near:
            core = min(near, key=lambda one: (land.distance_km(land.place(one), land.place(site)), one.id))
            made.append(replace(site, role=SiteRole.SHELL, core=core.id))
        else:
            made.append(replace(site, role=SiteRole.CORE))
    return made


def pull_levers(ground: Field) -> None:
    """Change the planted plan until it uses each lever, never against a rule."""
    _make_duos(ground)
    _lend(ground)
    _make_teams(ground)
    _give_relief(ground)


Together = tuple[SiteId, str, tuple[PeriodId, ...]]


def _make_duos(ground: Field) -> None:
    waiting: dict[Together, Planted] = {}
    for one in ground.planted.values():
        key = (one.site.id, one.subject, one.periods)
        if not one.student.duo or ground.draw.random() > DUOS:
            continue
        first = waiting.pop(key, None)
        if first is None or not _pair(ground, first, one):
            waiting[key] = one


def _pair(ground: Field, first: Planted, second: Planted) -> bool:
    (name,), (old,) = first.shares, second.shares
    teacher = ground.teachers[name]
    if name != old and not _move(ground, second, teacher):
        return False
    total = ceil(Fraction(ground.settings.levers.duo.factor) * (first.need.wpb + second.need.wpb))
    first.shares, second.shares = {name: total - total // 2}, {name: total // 2}
    first.duo_with, second.duo_with = second.student.id, first.student.id
    return True


def _move(ground: Field, one: Planted, teacher: Teacher) -> bool:
    if not teacher.can_take(one.student, one.periods):
        return False
    (old,) = one.shares
    ground.teachers[old].heads.subtract(one.periods)
    teacher.heads.update(one.periods)
    one.shares = {teacher.id: one.need.wpb}
    return True


def _lend(ground: Field) -> None:
    lendable = defaultdict(list)
    for teacher in ground.teachers.values():
        if teacher.lendable:
            lendable[teacher.site].append(teacher)
    near = land.Near(ground.sites[site] for site in lendable)
    settings = ground.settings
    for one in ground.planted.values():
        if one.duo_with is not None or ground.draw.random() > LENT:
            continue
        for home in near.within(land.place(one.site), 12):
            if home.id in (one.site.id, one.site.core):
                continue
            if travel_minutes(settings.travel, home, one.site) > settings.levers.lending.max_min:
                continue
            able = [each for each in lendable[home.id] if one.subject in each.subjects]
            if any(_move(ground, one, each) for each in able):
                break


def _make_teams(ground: Field) -> None:
    least = ground.settings.levers.team.min_qh
    for one in ground.planted.values():
        first = ground.teachers[next(iter(one.shares))]
        is_plain = one.duo_with is None and first.site == one.site.id and one.need.wpb >= 2 * least
        if not is_plain or ground.draw.random() > TEAMS:
            continue
        for other in ground.at_site[one.site.id]:
            if other is not first and one.subject in other.subjects and other.can_take(one.student, one.periods):
                part = ground.draw.randint(least, one.need.wpb - least)
                one.shares = {first.id: one.need.wpb - part, other.id: part}
                other.heads.update(one.periods)
                break


def _give_relief(ground: Field) -> None:
    groups: dict[tuple[SiteId, tuple[PeriodId, ...]], list[Planted]] = defaultdict(list)
    for one in ground.planted.values():
        groups[one.site.id, one.periods].append(one)
    levers = ground.settings.levers
    for members in groups.values():
        plain = [one for one in members if one.duo_with is None and len(one.shares) == 1 and one.need.wpb > 0]
        if len(plain) >= levers.peer.min_group:
            for one in plain:
                _relieve(one, Relief.PEER, levers.peer.relief_qh)
            continue
        seniors = sum(one.student.phase in levers.senior.seniors for one in members)
        juniors = [one for one in plain if _is_junior(ground, one.student)]
        for one in juniors[: seniors * levers.senior.per_senior]:
            _relieve(one, Relief.SENIOR, levers.senior.relief_qh)


def _is_junior(ground: Field, student: Student) -> bool:
    return student.phase in ground.settings.levers.senior.juniors


def _relieve(one: Planted, relief: Relief, qh: int) -> None:
    (name,) = one.shares
    one.relief, one.shares = relief, {name: max(1, one.need.wpb - qh)}
