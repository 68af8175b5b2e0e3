"""What a school may see of the students at its site: a code, the place, who guides them, and what is asked of the school."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.capacity.domain.decisions import Decision, Offer, Place
from services.capacity.domain.guidance import Gap, begins_on, gap_of
from services.capacity.domain.supervisors import SupervisorRecord
from services.capacity.entrypoints.pages.portal import Where
from services.capacity.entrypoints.pages.views import Card, title_of
from services.capacity.entrypoints.pages.words import STATES, words_of
from services.capacity.ports import Store
from shared.contracts.vocabulary import PlacementState, Tier
from shared.dutch import dutch_date
from shared.short_code import short_code


@dataclass(frozen=True, slots=True)
class Student:
    """A student at a site or offered to it; `waits` for the school's answer, `missing` is who should guide them and is not there.

    `gap` is how they are not there (the worst of them), `begins` the next day at school when that is later than today.

    `offer` is the number of the offer of a place to a student who has another; None of one who is placed here. `version`
    is that of the last answer about the student, 0 where there is none.
    """

    id: str
    code: str
    subject: str
    periods: str
    guides: str
    state: tuple[str, str]
    waits: bool
    missing: str = ""
    gap: Gap | None = None
    begins: str = ""
    offer: int | None = None
    answer_by: str = ""
    answered: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """Who of a student's guides is not there, how, and the next day at school when that is later than today."""

    guides: tuple[str, ...]
    gap: Gap | None
    begins: str


async def read_students(store: Store, where: Where, cards: Iterable[Card]) -> list[Student]:
    """Who is placed at the site; `cards` are those of its supervisors."""
    places = await store.places_at(where.site.site.id)
    subjects = await _subjects(store, {each.workplace for each in places})
    decisions = await store.decisions([each.student for each in places])
    guides = await store.supervisors({guide for each in places for guide in each.guides})
    titles = {card.id: card.title for card in cards}
    missing = await store.names([each for each in guides if each not in titles])
    titles |= {each: title_of(record, missing.get(each)) for each, record in guides.items() if each not in titles}
    return [
        _student(each, subjects, decisions.get(each.student), titles, _missing(each, guides, where)) for each in places
    ]


async def read_offers(store: Store, where: Where) -> list[Student]:
    """Places here that are offered to students who have another, and that the school did not answer yet."""
    offers = await store.offers_at(where.site.site.id)
    subjects = await _subjects(store, {each.workplace for each in offers})
    decisions = await store.decisions([each.student for each in offers])
    open_ones = [each for each in offers if not _is_answered(each, decisions.get(each.student))]
    return [
        Student(
            each.student,
            short_code(each.student),
            subjects.get(each.workplace, ""),
            ", ".join(each.periods),
            "",
            ("Aanbod", "info"),
            waits=True,
            offer=each.sequence,
            answer_by=dutch_date(date.fromisoformat(each.answer_by)),
            version=_version(decisions.get(each.student)),
        )
        for each in open_ones
    ]


def _is_answered(about: Place | Offer, decision: Decision | None) -> bool:
    if decision is None:
        return False
    event = decision.event
    if isinstance(about, Offer):
        return event.offer == about.sequence
    return event.offer is None and (event.workplace, event.periods) == (about.workplace, about.periods)


def _student(
    place: Place,
    subjects: Mapping[str, str],
    decision: Decision | None,
    titles: Mapping[str, str],
    missing: Missing,
) -> Student:
    answered = decision.verdict if decision is not None and _is_answered(place, decision) else ""
    is_proposed = place.state == PlacementState.PROPOSED
    state = STATES.get(place.state, (place.state, "quiet"))
    if is_proposed and answered:
        state = ("Aangenomen, wacht op de opleiding", "ok") if answered == "accept" else ("Geweigerd", "quiet")
    return Student(
        place.student,
        short_code(place.student),
        subjects.get(place.workplace, ""),
        ", ".join(place.periods),
        ", ".join(titles.get(each, "iemand van elders") for each in place.guides),
        state,
        waits=is_proposed and not answered,
        missing=", ".join(titles.get(each, "iemand van elders") for each in missing.guides),
        gap=missing.gap,
        begins=missing.begins,
        answered=answered,
        version=_version(decision),
    )


def _version(decision: Decision | None) -> int:
    return decision.event.sequence if decision is not None else 0


def _missing(place: Place, guides: Mapping[str, SupervisorRecord], where: Where) -> Missing:
    """Of the workplace supervisors; trainers are missed less soon."""
    periods = [each for each in where.region.terms.periods if each.id in place.periods]
    begins = begins_on(periods, where.today)
    gaps = {
        each: gap
        for each in place.guides
        if each in guides and guides[each].supervisor.tier is Tier.WORKPLACE_SUPERVISOR
        if (gap := gap_of(guides[each], place.state, periods, where.today)) is not None
    }
    worst = next((each for each in Gap if each in gaps.values()), None)
    later = dutch_date(begins) if begins is not None and begins > where.today else ""
    return Missing(tuple(each for each, gap in gaps.items() if gap is worst), worst, later)


async def _subjects(store: Store, workplaces: set[str]) -> Mapping[str, str]:
    found = await store.workplaces(workplaces)
    return {identifier: words_of(each.workplace.subject) for identifier, each in found.items()}
