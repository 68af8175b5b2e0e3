"""What a set of placements uses: seats, hours, head counts, sites visited; and what stands in an option's way."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.guides import Guide, site_hours, trainer_need
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.levers import is_senior
from services.matcher.domain.options import Option, Place
from services.matcher.domain.plan import Placement
from services.matcher.domain.rules import Tie, tie_to_site
from services.matcher.domain.settings import Needs
from services.matcher.domain.vocabulary import Relief, Tier


class Ledger:
    """Books placements in and out, and knows what is left. Placements of students who are gone are not booked."""

    def __init__(self, atlas: Atlas, placements: Iterable[Placement] = ()) -> None:
        """Book these placements."""
        self.atlas = atlas
        self.placed: dict[StudentId, Placement] = {}
        self.site_of: dict[StudentId, SiteId] = {}
        self.seats: Counter[tuple[WorkplaceId, PeriodId]] = Counter()
        self.at_site: Counter[tuple[SiteId, PeriodId]] = Counter()
        self.qh: Counter[tuple[SupervisorId, PeriodId]] = Counter()
        self.heads: Counter[tuple[SupervisorId, PeriodId]] = Counter()
        self.visits: dict[tuple[SupervisorId, PeriodId], Counter[SiteId]] = defaultdict(Counter)
        self.relieved: Counter[tuple[Relief, SiteId, PeriodId]] = Counter()
        self.seniors: Counter[tuple[SiteId, PeriodId]] = Counter()
        self._partners = partners_of(atlas)
        for placement in placements:
            self.add(placement)

    def add(self, placement: Placement) -> None:
        """Book a placement."""
        self._book(placement, 1)

    def remove(self, student: StudentId) -> Placement:
        """Take a student's placement out and give it back."""
        placement = self.placed[student]
        self._book(placement, -1)
        return placement

    def _book(self, placement: Placement, sign: int) -> None:
        workplace = self.atlas.region.workplaces.get(placement.workplace)
        site = self.atlas.region.sites.get(workplace.site) if workplace else None
        needs = self.atlas.needs(placement.student) if placement.student in self.atlas.region.students else None
        if workplace is None or site is None or needs is None:
            return
        if sign > 0:
            self.placed[placement.student], self.site_of[placement.student] = placement, site.id
        else:
            del self.placed[placement.student], self.site_of[placement.student]
        is_a_senior = is_senior(self.atlas.region.settings, self.atlas.region.students[placement.student])
        for period in placement.periods:
            self.seats[workplace.id, period] += sign
            self.at_site[site.id, period] += sign
            self.seniors[site.id, period] += sign * is_a_senior
            if placement.relief is not None:
                self.relieved[placement.relief, site.id, period] += sign
            for share in placement.wpb:
                self.heads[share.supervisor, period] += sign
                self.qh[share.supervisor, period] += sign * (share.qh + self._overhead(share.supervisor, site.id))
            self._book_trainer((placement.so, Tier.SO), needs, (site.id, period), sign)
            self._book_trainer((placement.io, Tier.IO), needs, (site.id, period), sign)

    def _overhead(self, supervisor: SupervisorId, site_id: SiteId) -> int:
        region = self.atlas.region
        person = region.supervisors.get(supervisor)
        if not region.settings.levers.lending.on or person is None:
            return 0
        tie = tie_to_site(region, person, region.sites[site_id])
        return region.settings.levers.lending.overhead_qh if tie is Tie.LENT else 0

    def _book_trainer(
        self, who: tuple[SupervisorId | None, Tier], needs: Needs, where: tuple[SiteId, PeriodId], sign: int
    ) -> None:
        (trainer, tier), (site, period) = who, where
        if trainer is None:
            return
        visits = self.visits[trainer, period]
        before = visits[site] > 0
        visits[site] += sign
        self.heads[trainer, period] += sign
        opened = (visits[site] > 0) - before
        self.qh[trainer, period] += sign * trainer_need(needs, tier) + opened * site_hours(self.atlas, tier)

    def seat_is_free(self, place: Place) -> bool:
        """In every period of the place a seat is left."""
        workplace, taken = place.workplace, self.seats
        seats = self.atlas.region.workplaces[workplace].seats
        for period in place.periods:  # noqa: SIM110 - a generator takes twice as long, and this is asked a hundred times for every student
            if taken[workplace, period] >= seats.get(period, 0):
                return False
        return True

    def guide_is_free(self, place: Place, guide: Guide) -> bool:
        """In every period the supervisor has the hours and the head count left."""
        return self.short_qh(guide.supervisor, guide.taken_qh, place.periods) <= 0 and self._has_head(
            guide.supervisor, place.periods
        )

    def trainer_is_free(self, place: Place, tier: Tier, trainer: SupervisorId | None) -> bool:
        """In every period the trainer has the hours, a new site's fixed hours included, and the head count left."""
        if trainer is None:
            return True
        return self._has_head(trainer, place.periods) and self.short_trainer_qh(place, tier, trainer) <= 0

    def short_trainer_qh(self, place: Place, tier: Tier, trainer: SupervisorId) -> int:
        """How many hours too few a trainer has left for the place, a new site's fixed hours included."""
        needs, atlas = self.atlas.needs(place.student), self.atlas
        need = trainer_need(needs, tier) if needs is not None else 0
        per_site = site_hours(atlas, tier)
        return max(
            [
                need
                + (0 if self.visits[trainer, period][place.site] else per_site)
                - atlas.qh(trainer, period)
                + self.qh[trainer, period]
                for period in place.periods
            ]
        )

    def short_qh(self, supervisor: SupervisorId, qh: int, periods: Iterable[PeriodId]) -> int:
        """How many hours too few somebody has left in the tightest period; 0 or less when there is room."""
        available, booked = self.atlas.qh, self.qh
        return max([qh - available(supervisor, period) + booked[supervisor, period] for period in periods])

    def _has_head(self, supervisor: SupervisorId, periods: Iterable[PeriodId]) -> bool:
        limit = self.atlas.region.supervisors[supervisor].max_students
        return limit is None or all(self.heads[supervisor, period] < limit for period in periods)

    def minimum_is_met(self, place: Place) -> bool:
        """With this student the site has its minimum in every period."""
        least = self.atlas.region.sites[place.site].min_students
        return all(self.at_site[place.site, period] + 1 >= least for period in place.periods)

    def company_fits(self, place: Place) -> bool:
        """Nobody who belongs with this student is placed elsewhere, nobody to be kept apart is at the site."""
        company = self._partners.get(place.student)
        if company is None:
            return True
        together, apart = company
        return all(self.site_of.get(one, place.site) == place.site for one in together) and all(
            self.site_of.get(one) != place.site for one in apart
        )

    def helped_is_free(self, site: SiteId, period: PeriodId) -> int:
        """How many more juniors the seniors at a site could help; below 0 when too many are helped."""
        most = self.atlas.region.settings.levers.senior.per_senior * self.seniors[site, period]
        return most - self.relieved[Relief.SENIOR, site, period]

    def fits(self, option: Option) -> bool:
        """Nothing stands in the way of the option, the site's minimum apart."""
        place = option.place
        return (
            self.seat_is_free(place)
            and self.company_fits(place)
            and self.guide_is_free(place, option.guide)
            and self.trainer_is_free(place, Tier.SO, option.so)
            and self.trainer_is_free(place, Tier.IO, option.io)
        )


Partners = tuple[frozenset[StudentId], frozenset[StudentId]]
NOBODY: Partners = (frozenset(), frozenset())


def partners_of(atlas: Atlas) -> dict[StudentId, Partners]:
    """Whom each student must be with and kept from, whichever of the two named the other."""
    together: dict[StudentId, set[StudentId]] = defaultdict(set)
    apart: dict[StudentId, set[StudentId]] = defaultdict(set)
    for student in atlas.region.students.values():
        for named, book in ((student.together, together), (student.apart, apart)):
            for other in named:
                book[student.id].add(other)
                book[other].add(student.id)
    everyone = {*together, *apart}
    return {one: (frozenset(together[one]), frozenset(apart[one])) for one in everyone}
