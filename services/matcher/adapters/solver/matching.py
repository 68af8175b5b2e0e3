"""Finds what a placement stands for: the place, and the guides with the hours that they give."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.guides import Guide
from services.matcher.domain.ids import SupervisorId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.levers import duo_qh, have_common_site, may_pair, needs_by_relief
from services.matcher.domain.options import Asked, Option, Place, place_at
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Student
from services.matcher.domain.vocabulary import Tier

ANYBODY = Asked(guide=0)


@dataclass(frozen=True, slots=True)
class Way:
    """A placement with what it refers to; each guide has the hours that they give."""

    place: Place
    guides: tuple[Guide, ...]
    so: SupervisorId | None
    io: SupervisorId | None

    def has_guides(self, ledger: Ledger) -> bool:
        """The guides have the hours and head counts left."""
        return all(ledger.guide_is_free(self.place, one) for one in self.guides)

    def has_trainers(self, ledger: Ledger) -> bool:
        """The trainers have the hours and head counts left."""
        trainers = ((self.so, Tier.SO), (self.io, Tier.IO))
        return all(ledger.trainer_is_free(self.place, tier, one) for one, tier in trainers)

    def fits(self, ledger: Ledger) -> bool:
        """Nothing stands in the way beside what is booked, groups and minimums apart."""
        has_room = ledger.seat_is_free(self.place) and ledger.company_fits(self.place)
        return has_room and self.has_guides(ledger) and self.has_trainers(ledger)


def option_for(atlas: Atlas, placement: Placement) -> Option | None:
    """The option with this workplace, these periods and these people; None when it is none of the student's options."""
    if placement.duo_with is not None or placement.relief is not None or len(placement.wpb) != 1:
        return None
    way = way_for(atlas, placement)
    return None if way is None else Option(way.place, way.guides[0], way.so, way.io)


def way_for(atlas: Atlas, placement: Placement) -> Way | None:
    """What the placement stands for; None when the student may not be placed so, whoever else is placed where."""
    student = atlas.region.students.get(placement.student)
    if student is None or not _shares_add_up(atlas, student, placement) or not _is_team_allowed(atlas, placement):
        return None
    place = place_at(atlas, student, placement.workplace, placement.periods, ANYBODY)
    if place is None or placement.so not in place.sos or placement.io not in place.ios:
        return None
    known = {one.supervisor: one for one in place.guides}
    guides = [with_hours(known[one.supervisor], one.qh) for one in placement.wpb if one.supervisor in known]
    return Way(place, tuple(guides), placement.so, placement.io) if len(guides) == len(placement.wpb) else None


def with_hours(guide: Guide, qh: int) -> Guide:
    """The guide who gives another number of hours."""
    return replace(guide, qh=qh, taken_qh=guide.taken_qh - guide.qh + qh)


def _shares_add_up(atlas: Atlas, student: Student, placement: Placement) -> bool:
    """The shares are the need, with its relief; those of a duo are looked at as a pair."""
    needs = atlas.needs(student.id)
    if placement.duo_with is not None:
        return needs is not None and placement.relief is None and all(share.qh >= 0 for share in placement.wpb)
    if needs is None:
        return False
    allowed = needs_by_relief(atlas.region.settings, student, needs.wpb)
    return allowed.get(placement.relief) == sum(share.qh for share in placement.wpb)


def _is_team_allowed(atlas: Atlas, placement: Placement) -> bool:
    """One guide, or with team on so many different ones who share a site, each with enough hours."""
    team, people = atlas.region.settings.levers.team, [share.supervisor for share in placement.wpb]
    if len(people) == 1:
        return True
    if not team.on or placement.duo_with is not None or not 1 < len(set(people)) == len(people) <= team.max_members:
        return False
    is_known = all(one in atlas.region.supervisors for one in people)
    has_enough = all(share.qh >= team.min_qh for share in placement.wpb)
    return is_known and has_enough and have_common_site(atlas.region, people)


def are_duo(atlas: Atlas, one: Placement, other: Placement) -> bool:
    """Two who agreed and name each other, at one place with one guide, who together get what a duo needs."""
    students, settings = atlas.region.students, atlas.region.settings
    if one.student not in students or other.student not in students:
        return False
    needs = atlas.needs(one.student), atlas.needs(other.student)
    if needs[0] is None or needs[1] is None or not may_pair(settings, students[one.student], students[other.student]):
        return False
    name_each_other = one.duo_with == other.student and other.duo_with == one.student
    share = len(one.wpb) == len(other.wpb) == 1 and one.is_same_place(other) and one.has_same_wpb(other)
    return name_each_other and share and _hours((one, other)) == duo_qh(settings, (needs[0].wpb, needs[1].wpb))


def _hours(placements: Iterable[Placement]) -> int:
    return sum(share.qh for placement in placements for share in placement.wpb)
