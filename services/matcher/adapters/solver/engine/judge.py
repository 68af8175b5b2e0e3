"""The independent checker, asked about what changed: its own rules on the placements that an event could have made wrong."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from services.matcher.domain import checker_guidance, checker_limits
from services.matcher.domain.checker import PLACE_RULES, Violation
from services.matcher.domain.checker_facts import Case, case_of
from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Region

LEAST_RULES = frozenset({"site-minimum", "peer-group", "senior-group"})
"""Rules that ask for enough students at a site: they can be judged only where everybody at the site is looked at."""
CASE_RULES: Sequence[Callable[[Region, Case], Iterator[Violation]]] = (*PLACE_RULES, *checker_guidance.RULES)
PLAN_RULES: Sequence[Callable[[Region, Sequence[Case]], Iterator[Violation]]] = (
    *checker_guidance.PLAN_RULES,
    *checker_limits.PLAN_RULES,
)


class Bench:
    """Every placement with all that it refers to, and who uses what."""

    def __init__(self) -> None:
        """Nobody is placed."""
        self.cases: dict[StudentId, Case] = {}
        self.users: dict[str, set[StudentId]] = defaultdict(set)

    def seat(self, region: Region, placement: Placement, held: Mapping[StudentId, Placement]) -> Case:
        """Take a placement in; `held` is what holds today. Raises ValueError when it refers to something that is not there."""
        case = case_of(region, placement, held)
        if case is None:
            raise ValueError(f"the placement of {placement.student} refers to something that is not there")
        self.cases[case.id] = case
        for name in used_by(case):
            self.users[name].add(case.id)
        return case

    def unseat(self, student: StudentId) -> Case:
        """Take a placement out, and give it back."""
        case = self.cases.pop(student)
        for name in used_by(case):
            self.users[name].discard(student)
        return case


def used_by(case: Case) -> list[str]:
    """Names of the workplace, the site and the people of a placement."""
    people = [one.id for one in (*case.members, case.so, case.io) if one is not None]
    return [at_workplace(case.workplace.id), at_site(case.site.id), *(of_person(one) for one in people)]


def at_workplace(name: str) -> str:
    """The resource of a workplace."""
    return f"w/{name}"


def at_site(name: str) -> str:
    """The resource of a site."""
    return f"s/{name}"


def of_person(name: str) -> str:
    """The resource of a supervisor."""
    return f"p/{name}"


def judge(region: Region, bench: Bench, changed: Iterable[StudentId], touched: Collection[str]) -> list[Violation]:
    """Every rule that is broken by these students' placements or at these resources, all others being allowed before.

    Whoever changed is looked at alone, with all who share a resource that they did not use before or that was touched,
    and with whom they must or must not be together.
    """
    news = [bench.cases[one] for one in sorted(changed) if one in bench.cases]
    found = [violation for case in news for rule in CASE_RULES for violation in rule(region, case)]
    near = {one for name in touched for one in bench.users.get(name, ())}
    near |= {case.id for case in news}
    near |= {other for case in news for other in (*case.student.together, *case.student.apart)} & bench.cases.keys()
    duos = {bench.cases[one].placement.duo_with for one in near}  # judged as a pair, wherever the other one is used
    cases = [bench.cases[one] for one in sorted({*near, *(one for one in duos if one in bench.cases)})]
    broken = [violation for rule in PLAN_RULES for violation in rule(region, cases)]
    whole = {name.removeprefix("s/") for name in touched if name.startswith("s/")}
    return found + [one for one in broken if one.rule not in LEAST_RULES or not whole.isdisjoint(one.ids)]
