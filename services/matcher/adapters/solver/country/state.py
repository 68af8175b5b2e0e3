"""The best plan of a country so far, where everybody is in it, and what it costs: kept exact as parts come in."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.matcher.adapters.solver.country.division import Division
from services.matcher.adapters.solver.country.groups import Groups
from services.matcher.adapters.solver.country.regions import People, Regions
from services.matcher.adapters.solver.country.sharing import Sharing
from services.matcher.adapters.solver.country.tasks import PlanFound, PlanTask
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.settings import Group


@dataclass(slots=True)
class Round:
    """Who is in which part's turn, taken down when the round began: its tasks do not depend on who is ready first."""

    number: int
    members: list[list[StudentId]]
    placed: Mapping[StudentId, Placement]
    left: Counter[Group]
    turns: list[tuple[int, ...]]
    people: Sequence[People]


class State:
    """An allowed plan for a country; what parts find is taken in when the whole costs less by it."""

    def __init__(self, regions: Regions, groups: Groups, begin: Plan, seed: int) -> None:
        """Begin with an allowed plan."""
        self.regions, self.groups, self._seed = regions, groups, seed
        self.country: Region = regions.country
        self.division: Division = regions.division
        self.sharing = Sharing(Atlas(self.country), self.division)
        self.begin_again(begin)
        self._held = {one.student: one for one in reversed(self.country.placements)}
        self._empty = Plan(self.country.id, self.country.today)
        self.turns: list[tuple[int, ...]] = [() for _ in self.division.names]

    def begin_again(self, plan: Plan) -> None:
        """Turn to another allowed plan."""
        self.placed = dict(sorted(plan.by_student().items()))
        for part, placements in enumerate(self._by_part()):
            self.sharing.uses[part] = self.sharing.use_of(placements)
        self.left = self.groups.left(one for one in self.country.students if one not in self.placed)
        self.value = sum(cost_parts(self.country, plan).values())

    def part_of(self, placement: Placement) -> int:
        """The part that a place is in."""
        return self.division.part_of[self.country.workplaces[placement.workplace].site]

    def plan(self) -> Plan:
        """The plan so far, without reasons."""
        return Plan(self.country.id, self.country.today, tuple(self.placed[one] for one in sorted(self.placed)))

    def cost_of(self, students: Sequence[StudentId]) -> int:
        """What some students cost, fairness apart."""
        some = {one: self.country.students[one] for one in students}
        placements = tuple(self.placed[one] for one in students if one in self.placed)
        held = tuple(self._held[one] for one in students if one in self._held)
        parts = cost_parts(
            replace(self.country, students=some, placements=held), replace(self._empty, placements=placements)
        )
        return sum(points for name, points in parts.items() if name != "fairness")

    def begin_round(self, number: int) -> "Round":
        """Everybody in one part: who has a place where it is, who has none at home, and every other round elsewhere."""
        members: list[list[StudentId]] = [[] for _ in self.division.names]
        company = {
            self.division.tied[one][0]: self.part_of(at) for one, at in self.placed.items() if one in self.division.tied
        }
        for student in sorted(self.country.students):
            placement = self.placed.get(student)
            part = self._offered(student, number, company) if placement is None else self.part_of(placement)
            members[part].append(student)
        people = [self.sharing.people_for(part, number) for part in range(len(members))]
        return Round(number, members, dict(self.placed), Counter(self.left), list(self.turns), people)

    def _offered(self, student: StudentId, number: int, company: Mapping[StudentId, int]) -> int:
        """Who must be together with somebody goes where that one is."""
        if student in self.division.tied:
            first, part = self.division.tied[student]
            return company.get(first, part)
        home, abroad = self.division.home[student], self.division.abroad(student)
        return home if number % 2 == 0 or not abroad else abroad[number // 2 % len(abroad)]

    def task(self, begun: Round, part: int, work: float) -> PlanTask:
        """A part's turn, with the groups of the country and who is left out elsewhere."""
        members = begun.members[part]
        here = self.groups.left(one for one in members if one not in begun.placed)
        fairness = self.groups.within(begun.left - here)
        region = self.regions.of(part, members, begun.people[part], fairness)
        begin = tuple(begun.placed[one] for one in members if one in begun.placed)
        return PlanTask(part, region, begin, begun.turns[part], work, self._seed)

    def take(self, begun: Round, found: PlanFound) -> bool:
        """Take in what a part found, unless the whole would cost more or somebody would be asked too much."""
        part = found.part
        self.turns[part] = found.turns
        if found.placements is None:
            return False
        use = self.sharing.use_of(found.placements)
        now = {one.student: one for one in found.placements}
        gone = [one for one in begun.members[part] if one in begun.placed and one not in now]
        new = [one for one in begun.members[part] if one not in begun.placed and one in now]
        left = Counter(self.left)
        left.update(self.groups.left(gone))
        left.subtract(self.groups.left(new))
        value = self.value + found.after - found.before + self.groups.cost(left) - self.groups.cost(self.left)
        value += self.sharing.more_load(part, use)
        if value >= self.value or not self.sharing.fits(part, use):
            return False
        for one in gone:
            del self.placed[one]
        self.placed.update(now)
        self.sharing.uses[part], self.left, self.value = use, left, value
        return True

    def _by_part(self) -> list[list[Placement]]:
        found: list[list[Placement]] = [[] for _ in self.division.names]
        for one in self.placed.values():
            found[self.part_of(one)].append(one)
        return found
