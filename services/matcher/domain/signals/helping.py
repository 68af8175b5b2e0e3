"""Which levers would help: those that are off and of which one alone is enough, beside what everybody has now.

A student without a place is helped by a lever when it opens a place at which nothing else is missing: a seat, the hours of all
three tiers, head counts, the minimum of the site. Somebody at a place who lacks guidance is helped when it adds a person who
could give it. Nobody else has to move for it. More levers may help together, or when others move: that is what a re-solve tells.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from functools import cached_property

from services.matcher.domain.ids import PeriodId, StudentId
from services.matcher.domain.needs import needs_of
from services.matcher.domain.region import Student
from services.matcher.domain.rules import may_be_at, phase_fits, support_fits, travel_limit
from services.matcher.domain.settings import Needs
from services.matcher.domain.signals.findings import Lack
from services.matcher.domain.signals.guides import Asking, Guides, Spot
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.signals.spare import Spare
from services.matcher.domain.travel import travel_minutes
from services.matcher.domain.vocabulary import Tier

LEADERSHIP = "leadership"
"""The hours that a school leader frees: no lever of the region, but what helps where nothing but hours is missing."""
SIMPLE = ("starters", "extra", "core_shell", "lending")
"""Levers by which somebody else may guide."""
ORDER = ("duo", "team", "peer", "senior", *SIMPLE, "related", "shifted", "shared_io", LEADERSHIP)
"""From what asks least of anybody to what asks most."""


class Helping:
    """Finds levers for one look; counts what is taken when it is asked for the first time."""

    def __init__(self, scene: Scene) -> None:
        """Nothing is counted yet."""
        self._scene = scene
        self._known: dict[StudentId, frozenset[str]] = {}

    @cached_property
    def _guides(self) -> Guides:
        return Guides(Spare(self._scene))

    def levers(self, lack: Lack) -> tuple[str, ...]:
        """What would help one at least of these, what helps most of them first."""
        return tuple(self.helped(lack))

    def helped(self, lack: Lack) -> dict[str, int]:
        """By lever how many of these it would help, what helps most of them first."""
        found = Counter(lever for student in lack.students for lever in self._of(student, lack))
        ranked = sorted(found, key=lambda one: (-found[one], ORDER.index(one)))
        return {one.replace("_", "-"): found[one] for one in ranked}

    def _of(self, name: StudentId, lack: Lack) -> Collection[str]:
        student = self._scene.facts.students.get(name)
        needs = None if student is None else needs_of(self._scene.region.settings, student)
        if student is None or needs is None:
            return ()
        if lack.at is not None:
            return {*self._at_place(student, needs, lack)}
        if name not in self._known:
            is_bound = student.together or student.apart
            self._known[name] = frozenset() if is_bound else frozenset(self._for_unplaced(student, needs))
        return self._known[name]

    def _at_place(self, student: Student, needs: Needs, lack: Lack) -> Iterator[str]:
        """Levers that add a person who could give the guidance of a tier to somebody at a place."""
        case, guides = self._scene.case(student.id), self._guides
        if case is None or case.workplace.id != lack.at:
            return
        asking = Asking(student, needs, (case.workplace, case.site, case.placement.periods))
        if lack.tier is Tier.IO and "shared_io" in self._off and guides.trainer(asking, Tier.IO, "shared_io"):
            yield "shared_io"
        if lack.tier is Tier.WPB:
            for lever in SIMPLE:
                if lever in self._off and guides.somebody(asking, lever, but=case.guides):
                    yield lever
            if guides.somebody_without_hours(asking, but=case.guides):
                yield LEADERSHIP

    def _for_unplaced(self, student: Student, needs: Needs) -> set[str]:
        """Levers that open a place to a student at which nothing else is missing."""
        region, guides, found = self._scene.region, self._guides, set[str]()
        sets = self._sets(student)
        now = sets if region.settings.levers.shifted.on else [one for one in sets if one == student.period_sets[0]]
        subjects = self._subjects(student, is_related="related" not in self._off)
        for spot in self._spots(student, subjects, now):
            found |= self._at_spot(Asking(student, needs, spot), found)
        others = self._subjects(student, is_related=True) - subjects
        if any(guides.is_free(Asking(student, needs, spot)) for spot in self._spots(student, others, now)):
            found.add("related")
        later = [one for one in sets if one not in now]
        if any(guides.is_free(Asking(student, needs, spot)) for spot in self._spots(student, subjects, later)):
            found.add("shifted")
        return found

    def _at_spot(self, asking: Asking, found: Collection[str]) -> set[str]:
        """Of the levers that were not found yet those that open this place: where only one tier is missing."""
        guides, asked = self._guides, {*self._off, LEADERSHIP}.difference(found)
        has_so, has_io = guides.trainer(asking, Tier.SO), guides.trainer(asking, Tier.IO)
        if not has_so and not has_io:
            return set()
        has_guide = guides.somebody(asking)
        if has_so and has_io and not has_guide:
            by_sharing = {one for one in asked & guides.together.keys() if guides.together[one](asking)}
            by_others = {one for one in asked & {*SIMPLE} if guides.somebody(asking, one)}
            by_hours = LEADERSHIP in asked and guides.somebody_without_hours(asking)
        else:
            by_sharing, by_others = set(), {"shared_io"} & asked if has_guide and has_so and not has_io else set()
            by_others = {one for one in by_others if guides.trainer(asking, Tier.IO, one)}
            by_hours = (
                has_guide and not has_so and LEADERSHIP in asked and guides.trainer_without_hours(asking, Tier.SO)
            )
        return by_sharing | by_others | ({LEADERSHIP} if by_hours else set())

    @cached_property
    def _off(self) -> frozenset[str]:
        """The levers that are off, and for which there is somebody in the region."""
        levers, there = self._scene.region.settings.levers, self._guides.possible
        return frozenset(one for one in ORDER if one != LEADERSHIP and not getattr(levers, one).on and one in there)

    def _sets(self, student: Student) -> list[tuple[PeriodId, ...]]:
        """The period sets that are to come or run."""
        facts, today = self._scene.facts, self._scene.today
        known = [one for one in student.period_sets if all(each in facts.periods for each in one)]
        return [one for one in known if any(facts.periods[each].end >= today for each in one)]

    def _subjects(self, student: Student, *, is_related: bool) -> set[str]:
        related = self._scene.region.settings.related if is_related else ()
        return {student.subject, *(one.place for one in related if one.student == student.subject)}

    def _spots(
        self, student: Student, subjects: Collection[str], sets: Collection[tuple[PeriodId, ...]]
    ) -> Iterator[Spot]:
        """Where a student could be but for the people: a seat is free, and it is allowed and within reach."""
        settings, spare = self._scene.region.settings, self._guides.spare
        for workplace, site in spare.offered(student.sector, sorted(subjects)):
            if not (phase_fits(workplace, student) and support_fits(site, student) and may_be_at(student, site.id)):
                continue
            free = [one for one in sets if spare.has_seat(workplace, one) and spare.has_minimum(site, one)]
            if free and travel_minutes(settings.travel, student, site) <= travel_limit(settings, student):
                yield from ((workplace, site, periods) for periods in free)
