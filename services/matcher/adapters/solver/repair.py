"""Takes out of a plan what the facts no longer allow, and as little else as possible."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from services.matcher.adapters.solver.matching import option_for
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.options import Option, site_hours, tie_break, trainer_need
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState, Tier


class LostCause(StrEnum):
    """Why a placement cannot stay; the words of events."""

    STUDENT_WITHDRAWN = "student-withdrawn"
    WORKPLACE_ENDED = "workplace-ended"
    GUIDANCE_ENDED = "guidance-ended"
    NO_LONGER_FITS = "no-longer-fits"


@dataclass(frozen=True, slots=True)
class Lost:
    """A placement that was taken out, and why."""

    placement: Placement
    cause: LostCause


FIRMNESS = {PlacementState.STARTED: 0, PlacementState.SETTLED: 1, PlacementState.PROPOSED: 2}


def drop_invalid(region: Region, plan: Plan) -> tuple[Plan, tuple[Lost, ...]]:
    """The plan without the placements that break a rule now; started ones are kept before settled and proposed ones."""
    ledger = Ledger(Atlas(region))
    lost = book_allowed(ledger, plan.by_student().values())
    kept = tuple(with_states(ledger.atlas, (ledger.placed[student] for student in sorted(ledger.placed))))
    return replace(plan, region=region.id, today=region.today, placements=kept, certificate=None), tuple(lost)


def book_allowed(ledger: Ledger, placements: Iterable[Placement]) -> list[Lost]:
    """Book those that are allowed beside what is booked already; give back the others, by student."""
    lost: list[Lost] = []
    booked: set[StudentId] = set()
    for placement in _firmest_first(ledger.atlas, placements):
        cause = _book(ledger, placement)
        if cause is None:
            booked.add(placement.student)
        else:
            lost.append(Lost(placement, cause))
    while below := [student for student in _first_below(ledger) if student in booked]:
        lost.extend(Lost(ledger.remove(student), LostCause.NO_LONGER_FITS) for student in below)
    return sorted(lost, key=lambda one: one.placement.student)


def _with_state(atlas: Atlas, placement: Placement) -> Placement:
    held = atlas.held.get(placement.student)
    same = held is not None and held.is_same_place(placement)
    return replace(placement, state=held.state if held is not None and same else PlacementState.PROPOSED)


def with_states(atlas: Atlas, placements: Iterable[Placement]) -> list[Placement]:
    """Each placement in the state that today's placement at the same place has, else proposed."""
    return [_with_state(atlas, placement) for placement in placements]


def _firmest_first(atlas: Atlas, placements: Iterable[Placement]) -> list[Placement]:
    """Started before settled before proposed, then those who need least, so that few are lost."""

    def rank(placement: Placement) -> tuple[int, int, bytes]:
        needs = atlas.needs(placement.student) if placement.student in atlas.region.students else None
        hash_ = tie_break(atlas.region.settings.seed, placement.student)
        return (FIRMNESS[placement.state], needs.wpb if needs is not None else 0, hash_)

    return sorted(with_states(atlas, placements), key=rank)


def _book(ledger: Ledger, placement: Placement) -> LostCause | None:
    region = ledger.atlas.region
    student = region.students.get(placement.student)
    if student is None:
        return LostCause.STUDENT_WITHDRAWN
    option = option_for(ledger.atlas, placement)
    if option is not None and ledger.fits(option):
        ledger.add(placement)
        return None
    return _cause(ledger, placement, option)


def _cause(ledger: Ledger, placement: Placement, option: Option | None) -> LostCause:
    atlas, periods = ledger.atlas, placement.periods
    workplace = atlas.region.workplaces.get(placement.workplace)
    if workplace is None or any(ledger.seats[workplace.id, one] >= workplace.seats.get(one, 0) for one in periods):
        return LostCause.WORKPLACE_ENDED
    if option is not None:
        place = option.place
        trainers = ((option.so, Tier.SO), (option.io, Tier.IO))
        has_guides = ledger.guide_is_free(place, option.guide) and all(
            ledger.trainer_is_free(place, tier, one) for one, tier in trainers
        )
        return LostCause.NO_LONGER_FITS if has_guides else LostCause.GUIDANCE_ENDED
    return LostCause.GUIDANCE_ENDED if _is_short(atlas, placement) else LostCause.NO_LONGER_FITS


def _is_short(atlas: Atlas, placement: Placement) -> bool:
    """Somebody who guides has too few hours for this placement alone."""
    asked = [(share.supervisor, share.qh) for share in placement.wpb]
    needs = atlas.needs(placement.student)
    for trainer, tier in ((placement.so, Tier.SO), (placement.io, Tier.IO)):
        if trainer is not None and needs is not None:
            asked.append((trainer, trainer_need(needs, tier) + site_hours(atlas, tier)))
    return any(atlas.qh(one, period) < qh for one, qh in asked for period in placement.periods)


def _first_below(ledger: Ledger) -> list[StudentId]:
    """The students of a site that does not reach its minimum; one site at a time, since periods hang together."""
    sites = ledger.atlas.region.sites
    for (site, period), number in sorted(ledger.at_site.items()):
        if 0 < number < sites[site].min_students:
            return sorted(
                one for one, at in ledger.site_of.items() if at == site and period in ledger.placed[one].periods
            )
    return []
