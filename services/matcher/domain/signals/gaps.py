"""Which groups carry more of those without a place than their share."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

from services.matcher.domain.region import Student
from services.matcher.domain.signals.findings import Finding, Lack
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.signals.shortages import MOST_HELPED
from services.matcher.domain.signals.table import RULES, RuleName

TENTHS = 1000
"""Tenths of a point in the whole."""


def gaps(scene: Scene) -> Iterator[Finding]:
    """The groups that the region watches whose share without a place is above the overall share, if they are large enough."""
    fairness, students = scene.region.settings.fairness, scene.facts.students
    left = [students[place.student] for place in scene.unplaced if place.student in students]
    if not left:
        return
    overall = len(left) / len(students)
    all_sizes = sizes_of(fairness.groups, students.values())
    for attribute in fairness.groups:
        without, sizes = Counter(map(attrgetter(attribute), left)), all_sizes[attribute]
        for value, number in without.items():
            size, group = sizes[value], str(value)
            above = round(TENTHS * number / size - TENTHS * overall)
            if size >= fairness.min_size and above > 0:
                names = sorted(one.id for one in left if getattr(one, attribute) == value)
                yield Finding(
                    RuleName.FAIRNESS,
                    (scene.facts.id, attribute, group),
                    above,
                    RULES[RuleName.FAIRNESS].level,
                    {"attribute": attribute, "value": group},
                    {"unplaced": number, "students": size, "overall_share": round(overall, 6)},
                    "more-than-their-share",
                    {"unplaced": number, "students": size, "tenths-above": above},
                    None,
                    Lack(tuple(names[:MOST_HELPED])),
                )


def sizes_of(attributes: Sequence[str], students: Iterable[Student]) -> Mapping[str, Counter[object]]:
    """How many students have each value of each attribute; who are alike in all of them are counted together first."""
    alike = Counter(map(attrgetter(*attributes), students)) if attributes else Counter[object]()
    sizes = {attribute: Counter[object]() for attribute in attributes}
    for values, number in alike.items():
        each = values if isinstance(values, tuple) and len(attributes) > 1 else (values,)
        for attribute, value in zip(attributes, each, strict=True):
            sizes[attribute][value] += number
    return sizes
