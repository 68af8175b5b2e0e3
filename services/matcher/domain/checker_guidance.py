"""The checker's rules on guidance: who may guide whom, and how many hours each student gets."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import ceil

from services.matcher.domain.checker_facts import (
    Case,
    Violation,
    is_lent,
    minutes_between,
    works_at,
    works_at_core,
)
from services.matcher.domain.ids import SiteId
from services.matcher.domain.region import Region, Supervisor
from services.matcher.domain.vocabulary import Kind, Relief, Tier


def _members(region: Region, case: Case) -> Iterator[Violation]:
    """One workplace supervisor, or with team two up to max_members different ones, each with at least min_qh."""
    team, shares = region.settings.levers.team, case.placement.wpb
    most = team.max_members if team.on else 1
    if not 1 <= len(shares) <= most or len({share.supervisor for share in shares}) < len(shares):
        message = f"{case.id} has {len(shares)} workplace supervisors, where 1 to {most} different ones are allowed"
        yield Violation("wpb-members", message, (case.id,), None, {"found": len(shares), "limit": most})
    if len(shares) > 1:
        for share in shares:
            if share.qh < team.min_qh:
                message = f"{share.supervisor} gives {share.qh} qh to {case.id}, a team member gives {team.min_qh}"
                numbers = {"qh": share.qh, "least": team.min_qh}
                yield Violation("team-share", message, (case.id, share.supervisor), None, numbers)


def _team_site(region: Region, case: Case) -> Iterator[Violation]:
    """All members of a team serve one common site."""
    if len(case.members) < 2:
        return
    named = [{*one.sites} for one in case.members if "*" not in one.sites]
    common = set.intersection(*named) & region.sites.keys() if named else region.sites.keys()
    if not common:
        yield Violation("team-site", f"the team of {case.id} has no site in common", (case.id,))


def _wpb_tier(_: Region, case: Case) -> Iterator[Violation]:
    """Each workplace supervisor has tier wpb."""
    for one in case.members:
        if one.tier is not Tier.WPB:
            yield Violation("wpb-tier", f"{one.id} is {one.tier}, not wpb", (case.id, one.id))


def _wpb_site(region: Region, case: Case) -> Iterator[Violation]:
    """Each serves the site, or its core with core and shell, or is lent by a site nearby with lending."""
    for one in case.members:
        if is_lent(region, one, case.site) and not _may_be_lent(region, one, case):
            message = f"{one.id} guides {case.id} at {case.site.id} without serving it"
            yield Violation("wpb-site", message, (case.id, one.id, case.site.id))


def _may_be_lent(region: Region, one: Supervisor, case: Case) -> bool:
    lending = region.settings.levers.lending
    home = region.sites.get(SiteId(one.sites[0])) if one.sites else None
    if not lending.on or not one.lendable or home is None:
        return False
    return minutes_between(region, home, case.site) <= lending.max_min


def _wpb_subject(region: Region, case: Case) -> Iterator[Violation]:
    """Each guides the workplace's subject; none named means every subject; the core's people at a shell guide all."""
    for one in case.members:
        if one.subjects and case.workplace.subject not in one.subjects and not works_at_core(region, one, case.site):
            message = f"{one.id} does not guide {case.workplace.subject}"
            yield Violation("wpb-subject", message, (case.id, one.id))


def _wpb_support(_: Region, case: Case) -> Iterator[Violation]:
    """Each may guide the student's support class."""
    for one in case.members:
        if one.max_support < case.student.support:
            numbers = {"support": case.student.support, "limit": one.max_support}
            message = f"{one.id} guides support class {one.max_support}, {case.id} needs {case.student.support}"
            yield Violation("wpb-support", message, (case.id, one.id), None, numbers)


def _wpb_starter(region: Region, case: Case) -> Iterator[Violation]:
    """Nobody who has just started guides, unless starters is on."""
    for one in case.members:
        if one.starter and not region.settings.levers.starters.on:
            yield Violation("wpb-starter", f"{one.id} has just started", (case.id, one.id))


def _wpb_kind(region: Region, case: Case) -> Iterator[Violation]:
    """Only teachers guide, unless extra capacity is on."""
    for one in case.members:
        if one.kind is not Kind.TEACHER and not region.settings.levers.extra.on:
            yield Violation("wpb-kind", f"{one.id} is {one.kind}, not teacher", (case.id, one.id))


def _wpb_days(region: Region, case: Case) -> Iterator[Violation]:
    """Each shares at least min_common_days days with the student when both name days."""
    least = region.settings.min_common_days
    for one in case.members:
        common = len({*one.days} & {*case.student.days})
        if one.days and case.student.days and common < least:
            message = f"{one.id} and {case.id} have {common} days in common, {least} needed"
            yield Violation("wpb-days", message, (case.id, one.id), None, {"common": common, "least": least})


def _school_trainer(_: Region, case: Case) -> Iterator[Violation]:
    """Exactly one school trainer who serves the site when hours are needed, else none."""
    yield from _trainer(case, Tier.SO, case.so, case.need.so)


def _institute_trainer(region: Region, case: Case) -> Iterator[Violation]:
    """The same for the institute trainer, who is of the student's institute unless trainers are shared."""
    yield from _trainer(case, Tier.IO, case.io, case.need.io)
    shared = region.settings.levers.shared_io.on
    if case.io is not None and not shared and case.student.institute not in case.io.institutes:
        message = f"{case.io.id} is no trainer of institute {case.student.institute}"
        yield Violation("io-institute", message, (case.id, case.io.id))


def _trainer(case: Case, tier: Tier, found: Supervisor | None, need: int) -> Iterator[Violation]:
    if (found is None) != (need == 0):
        wanted = f"needs a {tier}" if need else f"needs no {tier}"
        yield Violation(tier, f"{case.id} {wanted}", (case.id,), None, {"need": need})
    elif found is not None and (found.tier is not tier or not works_at(found, case.site.id)):
        message = f"{found.id} is not {tier} at {case.site.id}"
        yield Violation(tier, message, (case.id, found.id, case.site.id))


def _relief(region: Region, case: Case) -> Iterator[Violation]:
    """At most one of duo, peer and senior, each only when its lever is on, and relief only for a need above 0."""
    levers, relief = region.settings.levers, case.placement.relief
    if relief is not None and case.placement.duo_with is not None:
        yield Violation("relief", f"{case.id} has both relief and a duo", (case.id,))
    if relief is not None and not (levers.peer if relief is Relief.PEER else levers.senior).on:
        yield Violation("relief", f"{case.id} has relief {relief}, which is off", (case.id,))
    if relief is not None and case.need.wpb == 0:
        yield Violation("relief", f"{case.id} needs no hours, so gets no relief", (case.id,))
    if relief is Relief.SENIOR and case.student.phase not in levers.senior.juniors:
        yield Violation("relief", f"{case.id} is no junior", (case.id,))


def _share(region: Region, case: Case) -> Iterator[Violation]:
    """The shares add up to the need: the norm, less the relief with at least 1 left."""
    if case.placement.duo_with is not None:
        return
    need, given = case.need.wpb, sum(share.qh for share in case.placement.wpb)
    levers, relief = region.settings.levers, case.placement.relief
    if relief is not None and need > 0:
        need = max(1, need - (levers.peer.relief_qh if relief is Relief.PEER else levers.senior.relief_qh))
    if given != need:
        numbers = {"given": given, "need": need}
        yield Violation("wpb-share", f"{case.id} gets {given} qh and needs {need}", (case.id,), None, numbers)


def _duos(region: Region, cases: Sequence[Case]) -> Iterator[Violation]:
    """Two who agreed, at one workplace, set and supervisor, naming each other, with factor x both needs together."""
    by_student = {case.id: case for case in cases}
    for case in cases:
        name = case.placement.duo_with
        if name is None:
            continue
        other = by_student.get(name)
        if other is None or not _is_duo(region, case, other):
            yield Violation("duo", f"{case.id} and {name} are no duo", (case.id, name))
        elif case.id < name:
            need = ceil(Fraction(region.settings.levers.duo.factor) * (case.need.wpb + other.need.wpb))
            given = case.placement.wpb[0].qh + other.placement.wpb[0].qh
            if given != need:
                message = f"the duo {case.id} and {name} gets {given} qh and needs {need}"
                yield Violation("wpb-share", message, (case.id, name), None, {"given": given, "need": need})


def _is_duo(region: Region, a: Case, b: Case) -> bool:
    one_each = len(a.placement.wpb) == len(b.placement.wpb) == 1
    agreed = a.student.duo and b.student.duo and b.placement.duo_with == a.id and a.id != b.id
    together = a.placement.is_same_place(b.placement) and a.placement.has_same_wpb(b.placement)
    return region.settings.levers.duo.on and agreed and one_each and together


def _peer_groups(region: Region, cases: Sequence[Case]) -> Iterator[Violation]:
    """In each period at least min_group students at the site have peer relief."""
    least = region.settings.levers.peer.min_group
    helped = [case for case in cases if case.placement.relief is Relief.PEER]
    groups = Counter((case.site.id, period) for case in helped for period in case.placement.periods)
    for case in helped:
        for period in case.placement.periods:
            group = groups[case.site.id, period]
            if group < least:
                message = f"the peer group of {case.id} at {case.site.id} has {group} students, {least} needed"
                numbers = {"found": group, "least": least}
                yield Violation("peer-group", message, (case.id, case.site.id), period, numbers)


def _seniors(region: Region, cases: Sequence[Case]) -> Iterator[Violation]:
    """In each period at most per_senior students at a site have senior relief for each senior placed there."""
    senior = region.settings.levers.senior
    helped = [case for case in cases if case.placement.relief is Relief.SENIOR]
    seniors = Counter(
        (case.site.id, period)
        for case in cases
        if case.student.phase in senior.seniors
        for period in case.placement.periods
    )
    groups = Counter((case.site.id, period) for case in helped for period in case.placement.periods)
    for (site, period), juniors in sorted(groups.items()):
        most = senior.per_senior * seniors[site, period]
        if juniors > most:
            message = f"{juniors} students at {site} have senior relief, the seniors there help {most}"
            yield Violation("senior-group", message, (site,), period, {"found": juniors, "limit": most})


RULES: tuple[Callable[[Region, Case], Iterator[Violation]], ...] = (
    _members,
    _team_site,
    _wpb_tier,
    _wpb_site,
    _wpb_subject,
    _wpb_support,
    _wpb_starter,
    _wpb_kind,
    _wpb_days,
    _school_trainer,
    _institute_trainer,
    _relief,
    _share,
)
PLAN_RULES: tuple[Callable[[Region, Sequence[Case]], Iterator[Violation]], ...] = (_duos, _peer_groups, _seniors)
