"""The places of a student when every lever is made use of: fewer hours may do, and teams may pool them."""

from collections.abc import Iterable

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import PeriodId, StudentId, WorkplaceId
from services.matcher.domain.levers import LeastHours, shares_guidance
from services.matcher.domain.options import Asked, Place, place_at, places_of
from services.matcher.domain.region import Student


class Openings:
    """Finds places for all students of a region, as `places_of` does where duo, team, peer and senior are off.

    Where one is on, a place names everybody who could guide in any of these ways; a guide's hours are those of the
    norm, which they may not have.
    """

    def __init__(self, atlas: Atlas) -> None:
        """Look up what is least asked of a guide."""
        self._atlas = atlas
        settings = atlas.region.settings
        self._is_wide = shares_guidance(settings)
        known = ((one.id, atlas.needs(one.id)) for one in atlas.region.students.values() if one.duo)
        agreed: list[tuple[StudentId, int]] = []
        if settings.levers.duo.on:
            agreed = [(student, needs.wpb) for student, needs in known if needs is not None]
        self._least = LeastHours(settings, agreed)

    def of(self, student: Student) -> list[Place]:
        """Every place of a student, cheapest first, ties by hash."""
        return places_of(self._atlas, student, self._asked(student))

    def at(self, student: Student, workplace: WorkplaceId, periods: Iterable[PeriodId]) -> Place | None:
        """The student's place at one workplace in these periods; None when it is none of their places."""
        return place_at(self._atlas, student, workplace, periods, self._asked(student))

    def least_qh(self, student: Student) -> int:
        """The hours that somebody must have to be named for any place of the student."""
        asked, needs = self._asked(student), self._atlas.needs(student.id)
        if asked is None:
            return 0 if needs is None else needs.wpb
        return asked.guide if asked.member is None else min(asked.guide, asked.member)

    def _asked(self, student: Student) -> Asked | None:
        needs, team = self._atlas.needs(student.id), self._atlas.region.settings.levers.team
        if not self._is_wide or needs is None:
            return None
        is_team = team.on and team.max_members > 1 and needs.wpb >= 2 * team.min_qh
        return Asked(self._least.of(student, needs.wpb), team.min_qh if is_team else None)
