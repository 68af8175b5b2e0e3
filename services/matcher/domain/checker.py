"""Judges any plan for any region, without knowing how plans are made."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from services.matcher.domain import checker_guidance, checker_limits
from services.matcher.domain.checker_costs import cost_parts
from services.matcher.domain.checker_facts import Case, Violation, case_of, held_today, minutes_between
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState

__all__ = ["Violation", "check", "check_reasons", "cost_parts"]


def check(region: Region, plan: Plan) -> list[Violation]:
    """Every rule of the region file's page that the plan breaks; an empty list means that it is allowed."""
    found = list(_one_placement_per_student(plan))
    cases: list[Case] = []
    held = held_today(region)
    for placement in plan.placements:
        case = case_of(region, placement, held)
        if case is None:
            found.append(_unknown(placement))
        else:
            cases.append(case)
    for case in cases:
        for rule in (*PLACE_RULES, *checker_guidance.RULES):
            found.extend(rule(region, case))
    plan_rules: Sequence[Callable[[Region, Sequence[Case]], Iterator[Violation]]] = (
        *checker_guidance.PLAN_RULES,
        *checker_limits.PLAN_RULES,
    )
    for plan_rule in plan_rules:
        found.extend(plan_rule(region, cases))
    return found


def check_reasons(region: Region, plan: Plan) -> list[Violation]:
    """Every student without a place has exactly one reason, and nobody else has one."""
    placed = {placement.student for placement in plan.placements}
    listed = Counter(unplaced.student for unplaced in plan.unplaced)
    found = []
    for student in sorted({*region.students, *listed}):
        expected = int(student in region.students and student not in placed)
        if listed[student] != expected:
            message = f"{student} has {listed[student]} reasons for having no place, and should have {expected}"
            found.append(Violation("one-reason", message, (student,), None, {"reasons": listed[student]}))
    return found


def _one_placement_per_student(plan: Plan) -> Iterator[Violation]:
    """A student has at most one placement."""
    for student, number in sorted(Counter(placement.student for placement in plan.placements).items()):
        if number > 1:
            yield Violation("one-placement", f"{student} has {number} placements", (student,), None, {"found": number})


def _unknown(placement: Placement) -> Violation:
    named = (placement.student, placement.workplace, *(share.supervisor for share in placement.wpb))
    ids = tuple(one for one in (*named, placement.so, placement.io) if one)
    return Violation("known", f"the placement of {placement.student} refers to something that is not there", ids)


def _state_kept(_: Region, case: Case) -> Iterator[Violation]:
    """A state stays what it was while workplace and periods stay, else it is proposed."""
    held = case.held
    same = held is not None and held.is_same_place(case.placement)
    expected = held.state if held is not None and same else PlacementState.PROPOSED
    if case.placement.state is not expected:
        yield Violation("state", f"{case.id} is {case.placement.state}, and should be {expected}", (case.id,))


def _period_set(region: Region, case: Case) -> Iterator[Violation]:
    """The periods are the first of the student's period sets, or any of them when shifted is on."""
    sets = case.student.period_sets if region.settings.levers.shifted.on else case.student.period_sets[:1]
    periods = case.placement.periods
    if len(set(periods)) < len(periods) or set(periods) not in [set(allowed) for allowed in sets]:
        yield Violation("period-set", f"{case.id} may not be placed in {', '.join(periods)}", (case.id,))


def _sector(_: Region, case: Case) -> Iterator[Violation]:
    """The sector of the site is the student's."""
    if case.site.sector is not case.student.sector:
        message = f"{case.id} of sector {case.student.sector} is at {case.site.id} of {case.site.sector}"
        yield Violation("sector", message, (case.id, case.site.id))


def _subject(region: Region, case: Case) -> Iterator[Violation]:
    """The workplace's subject is the student's, or a related one when related is on."""
    wanted, offered = case.student.subject, case.workplace.subject
    pairs = region.settings.related if region.settings.levers.related.on else ()
    if wanted != offered and not any((pair.student, pair.place) == (wanted, offered) for pair in pairs):
        message = f"{case.id} of {wanted} is at workplace {case.workplace.id} for {offered}"
        yield Violation("subject", message, (case.id, case.workplace.id))


def _phase(_: Region, case: Case) -> Iterator[Violation]:
    """The phase is one of the workplace's; none named means every phase."""
    if case.workplace.phases and case.student.phase not in case.workplace.phases:
        message = f"{case.id} of phase {case.student.phase} is at workplace {case.workplace.id}, not meant for it"
        yield Violation("phase", message, (case.id, case.workplace.id))


def _support(_: Region, case: Case) -> Iterator[Violation]:
    """The support class is at most the site's."""
    if case.student.support > case.site.max_support:
        numbers = {"support": case.student.support, "limit": case.site.max_support}
        message = f"{case.id} needs support class {case.student.support}, {case.site.id} gives {case.site.max_support}"
        yield Violation("support", message, (case.id, case.site.id), None, numbers)


def _site_allowed(_: Region, case: Case) -> Iterator[Violation]:
    """The site is none of the student's excluded ones and, where some are named, one of the only ones."""
    student = case.student
    if case.site.id in student.not_sites or (student.only_sites and case.site.id not in student.only_sites):
        yield Violation("site-excluded", f"{case.id} may not be placed at {case.site.id}", (case.id, case.site.id))


def _travel(region: Region, case: Case) -> Iterator[Violation]:
    """Travel takes at most the student's own limit where given, else the region's."""
    own = case.student.max_travel_min
    limit = region.settings.travel.limit_min if own is None else own
    minutes = minutes_between(region, case.student, case.site)
    if minutes > limit:
        message = f"{case.id} travels {minutes} minutes to {case.site.id}, the limit is {limit}"
        yield Violation("travel", message, (case.id, case.site.id), None, {"minutes": minutes, "limit": limit})


PLACE_RULES: tuple[Callable[[Region, Case], Iterator[Violation]], ...] = (
    _state_kept,
    _period_set,
    _sector,
    _subject,
    _phase,
    _support,
    _site_allowed,
    _travel,
)
