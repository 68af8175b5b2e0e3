"""The work by name: what is looked up in a region, and, where the solver is needed, what that finds."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.matcher.adapters.workroom.library import Known, Library
from services.matcher.domain import capacity as supply
from services.matcher.domain.capacity import Guides, Spot
from services.matcher.domain.documents import plain, region_to_document
from services.matcher.domain.facts import Document
from services.matcher.domain.filing import as_filed
from services.matcher.domain.ids import PeriodId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.insight import Placed, placed, shares
from services.matcher.domain.scarcity import Limits
from services.matcher.domain.scenarios import scenario_from_document
from services.matcher.domain.viewing import UNKNOWN_STUDENT
from shared.errors import NotFound

Tell = Callable[[Document], None]
Work = Callable[[Library, Document, Tell], Document]
MOST_LIMITS = 30


def region_file(library: Library, about: Document, _tell: Tell) -> Document:
    """The region as the matcher plans for it now, with the plan as what holds, as the text of a region file."""
    known = library.region(about["region"])
    document = region_to_document(as_filed(known.region))
    return {"version": known.version, "text": json.dumps(document, ensure_ascii=False)}


def fairness(library: Library, about: Document, _tell: Tell) -> Document:
    """Which groups have how many without a place, those that carry most above their share first."""
    known = library.region(about["region"])
    found = sorted(shares(known.region, known.plan), key=lambda one: (-one.gap, one.attribute, one.group))
    students = len(known.region.students)
    groups = [
        {
            "attribute": one.attribute,
            "value": one.group,
            "students": one.size,
            "unplaced": one.unplaced,
            "share": one.unplaced / one.size,
            "gap": one.gap,
            "is_too_much": one.is_too_much,
        }
        for one in found
    ]
    unplaced = students - len(known.plan.by_student())
    return {"version": known.version, "students": students, "unplaced": unplaced, "groups": groups}


def why(library: Library, about: Document, _tell: Tell) -> Document:
    """Why a student is where they are, or who competes for what they need; the exact reason beside the plan as it is."""
    known, student = library.region(about["region"]), StudentId(about["student"])
    if student not in known.region.students:
        raise NotFound(*UNKNOWN_STUDENT)
    if student in known.ledger.placed:
        return {"version": known.version, "place": _placed(placed(known.ledger, student))}
    waiting = known.competition.about(student)
    competing = {name: list(getattr(waiting, name)) for name in ("holders", "instead_of", "rivals")}
    return {"version": known.version, "reason": plain(waiting.told), "competing": competing}


def _placed(one: Placed) -> Document:
    missed = [{"site": wish.site, "rank": wish.rank, **_reason(plain(wish.told))} for wish in one.missed]
    cheaper = [plain(each) for each in one.cheaper[:MOST_LIMITS]]
    where = {"site": one.site, "minutes": one.minutes, "wish": one.wish}
    return {**where, "missed_wishes": missed, "cheaper_places": cheaper}


def _reason(told: dict[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in ("reason", "facts")}


def scarce(library: Library, about: Document, _tell: Tell) -> Document:
    """Of the limits of the region those that hold up one student, the dearest first."""
    known, student = library.region(about["region"]), known_student(about)
    one = known.region.students.get(student)
    if one is None:
        raise NotFound(*UNKNOWN_STUDENT)
    found = limits_of(about["prices"]).of(known.openings.of(one))
    return {"limits": [plain(each) for each in found[:MOST_LIMITS]]}


def known_student(about: Document) -> StudentId:
    """Whom it is about."""
    return StudentId(about["student"])


def limits_of(prices: Document) -> Limits:
    """The prices of a region as they were told."""
    hours = {(SupervisorId(name), PeriodId(period)): points for name, period, points in prices["hours"]}
    seats = {(WorkplaceId(name), PeriodId(period)): points for name, period, points in prices["seats"]}
    return Limits(hours, seats)


def capacity(library: Library, about: Document, _tell: Tell) -> Document:
    """What there is and what is asked of it, each spot with what one more quarter hour or seat is worth there at most."""
    known = library.region(about["region"])
    region, prices = known.region, about.get("prices")
    worth = _Worth(known, prices) if prices is not None else None
    rows = [_row(spot, figures, worth) for spot, figures in supply.capacity(region).items()]
    return {
        "version": known.version,
        "today": region.today.isoformat(),
        "items": rows,
        "tiers": [plain(one) for one in supply.tiers(region)],
    }


def _row(spot: Spot, figures: supply.Figures, worth: "_Worth | None") -> Document:
    hour, seat = (None, None) if worth is None else (worth.of_hours(spot), worth.of_seats(spot))
    return {**plain(spot), **plain(figures), "quarter_hour_worth": hour, "seat_worth": seat}


class _Worth:
    """The prices of people and workplaces by the spots where they count."""

    def __init__(self, known: Known, prices: Document) -> None:
        self._guides = Guides(known.region)
        self._hours = {(name, period): points for name, period, points in prices["hours"]}
        self._seats: dict[tuple[str, str, str], float] = {}
        for name, period, points in prices["seats"]:
            workplace = known.region.workplaces.get(WorkplaceId(name))
            for site in () if workplace is None else (workplace.site, supply.WHOLE_REGION):
                key = (site, workplace.subject if workplace is not None else "", period)
                self._seats[key] = max(points, self._seats.get(key, 0))

    def of_hours(self, spot: Spot) -> int:
        """Whoever of them is worth most."""
        return round(max((self._hours.get((one, spot.period), 0) for one, _ in self._guides.at(spot)), default=0))

    def of_seats(self, spot: Spot) -> int:
        """Whichever workplace is worth most; of the whole region in whatever sector."""
        return round(self._seats.get((spot.site, spot.subject, spot.period), 0))


def scenario_check(library: Library, about: Document, _tell: Tell) -> Document:
    """Whether a scenario can be tried on this region; raises RegionProblems."""
    known = library.region(about["region"])
    return {"version": known.version, "name": scenario_from_document(about["document"], known.region).name}


def _solving(name: str) -> Work:
    """Work that needs the solver, which is loaded with the first of it."""

    def done(library: Library, about: Document, tell: Tell) -> Document:
        from services.matcher.adapters.workroom import solving

        work: Work = getattr(solving, name)
        return work(library, about, tell)

    return done


QUICK: Sequence[Work] = (region_file, fairness, why, scarce, capacity, scenario_check)
SOLVING = ("prices", "remedies", "wishes", "scenario", "levers")
JOBS: Mapping[str, Work] = {**{one.__name__: one for one in QUICK}, **{name: _solving(name) for name in SOLVING}}
