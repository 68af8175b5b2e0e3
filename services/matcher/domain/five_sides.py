"""Looks at a plan from five sides: pupils, student teachers, organisability, affordability and quality."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.matcher.domain.checker_facts import Case, cases_of, hours_in, is_lent, minutes_between
from services.matcher.domain.insight import shares
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region, Supervisor
from services.matcher.domain.vocabulary import Kind, PlacementState, Tier

WEEKS_A_YEAR = 40
QUARTERS = 4
EURO_PER_HOUR = 45
"""What an hour of guidance costs; 83 hours a year then cost about 3,700 euro, within the 2,800-4,400 that schools report."""
SUBSIDY = 1250
"""Euros that a school is paid per student and year."""
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Sides:
    """The figures of each side, by name; shares lie between 0 and 1."""

    pupils: Figures
    student_teachers: Figures
    organisability: Figures
    affordability: Figures
    quality: Figures

    def items(self) -> Iterator[tuple[str, Figures]]:
        """Each side with its figures."""
        for name in self.__slots__:
            yield name, getattr(self, name)


def five_sides(region: Region, plan: Plan) -> Sides:
    """All figures of a plan; what each means and why it stands for its side is told in docs/region-file.md."""
    cases = cases_of(region, plan)
    return Sides(
        _pupils(cases),
        _student_teachers(region, plan, cases),
        _organisability(region, plan, cases),
        _affordability(region, cases),
        _quality(cases),
    )


def _pupils(cases: Sequence[Case]) -> Figures:
    """Who stands before the class beside the student: an experienced teacher, of the subject, with the hours for it."""
    experienced = [all(one.kind is Kind.TEACHER and not one.starter for one in case.members) for case in cases]
    return {
        "with_experienced_teacher": _share(experienced),
        "at_own_subject": _share([case.student.subject == case.workplace.subject for case in cases]),
        "with_full_hours": _share([_has_full_hours(case) for case in cases]),
        "most_students_at_one_site": max(_per_site(cases).values(), default=0),
    }


def _student_teachers(region: Region, plan: Plan, cases: Sequence[Case]) -> Figures:
    """Whether they have a place, near and wished, and whether one group is left out more than others."""
    minutes = sorted(minutes_between(region, case.student, case.site) for case in cases)
    wishing = [case for case in cases if case.student.wishes]
    left = len(region.students) - len(plan.by_student())
    return {
        "students": len(region.students),
        "placed": len(cases),
        "unplaced": left,
        "unplaced_share": left / max(1, len(region.students)),
        "travel_median_min": _quantile(minutes, 0.5),
        "travel_p90_min": _quantile(minutes, 0.9),
        "wish_met": _share([case.site.id in case.student.wishes for case in wishing]),
        "largest_fairness_gap": max((0.0, *(one.gap for one in shares(region, plan)))),
    }


def _organisability(region: Region, plan: Plan, cases: Sequence[Case]) -> Figures:
    """How much has to be arranged: who moves, which promises break, how many arrangements are out of the ordinary."""
    placed = plan.by_student()
    held = [one for one in region.placements if one.student in region.students]
    elsewhere = [one for one in held if one.student not in placed or not one.is_same_place(placed[one.student])]
    promised = [one for one in elsewhere if one.state is not PlacementState.PROPOSED]
    special = [
        case
        for case in cases
        if len(case.members) > 1 or case.placement.duo_with or case.placement.relief or _is_lent(region, case)
    ]
    return {
        "moved": sum(one.student in placed for one in elsewhere),
        "lost": sum(one.student not in placed for one in elsewhere),
        "promises_broken": len(promised),
        "sites_in_use": len(_per_site(cases)),
        "people_who_guide": len({one.id for case in cases for one in (*case.members, case.so, case.io) if one}),
        "special_arrangements": len(special),
        "in_a_later_period": sum(set(case.placement.periods) != set(case.student.period_sets[0]) for case in cases),
    }


def _affordability(region: Region, cases: Sequence[Case]) -> Figures:
    """Hours of guidance and what they cost against the subsidy, and how much of what is there is used."""
    used = sum(_quarters(region, case) * len(case.placement.periods) for case in cases)
    fixed = {
        (one.id, case.site.id, period): qh
        for case in cases
        for one, qh in _fixed(region, case)
        for period in case.placement.periods
    }
    total = used + sum(fixed.values())
    there = sum(hours_in(region, one, period) for one in region.supervisors.values() for period in region.periods)
    spent = sum(_quarters(region, case) for case in cases) / QUARTERS * WEEKS_A_YEAR * EURO_PER_HOUR
    return {
        "hours_a_week_available": there / QUARTERS,
        "hours_a_week_used": total / QUARTERS,
        "share_of_hours_used": total / max(1, there),
        "hours_a_week_lost_to_many_sites": sum(fixed.values()) / QUARTERS,
        "euro_a_year": spent,
        "euro_a_year_per_student": spent / max(1, len(cases)),
        "subsidy_a_year": SUBSIDY * len(cases),
    }


def _quality(cases: Sequence[Case]) -> Figures:
    """Whether each student gets the hours of the norm, and who needs most gets them too."""
    norm = sum(case.need.wpb for case in cases)
    given = sum(share.qh for case in cases for share in case.placement.wpb)
    heavy = [case for case in cases if case.student.support > 1]
    return {
        "hours_given_of_norm": given / max(1, norm),
        "support_2_and_3_with_full_hours": _share([_has_full_hours(case) for case in heavy]),
        "guided_by_one_person": _share([len(case.members) == 1 for case in cases]),
        "guided_by_starter": _share([any(one.starter for one in case.members) for case in cases]),
        "at_a_school_of_their_supervisor": _share(
            [all(case.site.id in one.sites or "*" in one.sites for one in case.members) for case in cases]
        ),
    }


def _has_full_hours(case: Case) -> bool:
    return sum(share.qh for share in case.placement.wpb) >= case.need.wpb


def _is_lent(region: Region, case: Case) -> bool:
    return any(is_lent(region, one, case.site) for one in case.members)


def _quarters(region: Region, case: Case) -> int:
    """Quarter hours a week of one student, lending's overhead included."""
    overhead = region.settings.levers.lending.overhead_qh
    lent = sum(overhead for one in case.members if is_lent(region, one, case.site))
    trainers = (case.need.so if case.so else 0) + (case.need.io if case.io else 0)
    return sum(share.qh for share in case.placement.wpb) + lent + trainers


def _fixed(region: Region, case: Case) -> Iterator[tuple[Supervisor, int]]:
    fixed = {Tier.SO: region.settings.trainer_site_qh.so, Tier.IO: region.settings.trainer_site_qh.io}
    for one, tier in ((case.so, Tier.SO), (case.io, Tier.IO)):
        if one is not None:
            yield one, fixed[tier]


def _per_site(cases: Sequence[Case]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for case in cases:
        found[case.site.id] = found.get(case.site.id, 0) + 1
    return found


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 1.0


def _quantile(sorted_numbers: Sequence[int], share: float) -> float:
    return (
        float(sorted_numbers[min(len(sorted_numbers) - 1, int(share * len(sorted_numbers)))]) if sorted_numbers else 0.0
    )
