"""What a page shows of a student: how the institute calls them, where they stand, where they are, what is offered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter

from services.intake.domain.overview import is_answered, is_offer_answered
from services.intake.domain.registrations import Registration, RegistrationStatus
from services.intake.entrypoints.pages.reasons import reason_of
from services.intake.entrypoints.pages.words import OUTCOMES, STATES, WISHES
from services.intake.ports import Outcome
from services.intake.ports.overview import Overview
from shared.contracts.placements import PlacementEvent, StudentUnplaced, SwitchClosed, SwitchImpossible, SwitchOffered
from shared.contracts.vocabulary import PlacementState
from shared.dutch import counted
from shared.phases import phase_words
from shared.short_code import short_code


@dataclass(frozen=True, slots=True)
class Place:
    """Where a student is or may go."""

    site: str
    workplace: str
    subject: str
    periods: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Another place, and until when it can be answered."""

    number: int
    place: Place
    now: str
    minutes_now: int
    answer_by: date
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A student on a page; `may` is what the institute can do about the place: confirm, decline, switch."""

    id: str
    called: str
    code: str
    subject: str
    about: str
    state: tuple[str, str]
    is_registered: bool
    place: Place | None
    reason: str
    since: date | None
    offer: Offer | None
    search: str
    may: frozenset[str]
    plan: int

    @property
    def where(self) -> str:
        """In a few words where the student is, or why nowhere."""
        return self.place.site if self.place is not None else reason_of(self.reason).short if self.reason else ""


async def shown(overview: Overview, outcomes: Sequence[Outcome]) -> list[Shown]:
    """These students as pages show them."""
    sites = {site for each in outcomes for site in _sites(each)}
    names = await overview.site_names(sites)
    return [show_student(each, names) for each in outcomes]


def show_student(outcome: Outcome, names: Mapping[str, str]) -> Shown:
    """One student; `names` are those of schools."""
    held, student = outcome.registration, outcome.registration.student
    is_registered = held.status is RegistrationStatus.REGISTERED
    placed = _placed(outcome) if is_registered else None
    unplaced = _unplaced(outcome) if is_registered else None
    standing = _standing(outcome, placed)
    return Shown(
        student.id,
        called_of(held),
        short_code(student.id),
        in_words(student.subject),
        f"{in_words(student.route)}, {phase_words(student.phase)}",
        STATES[standing],
        is_registered,
        None if placed is None else _place_of(placed, names),
        "" if unplaced is None else unplaced.reason,
        None if unplaced is None else unplaced.since,
        _offer(outcome, names) if is_registered else None,
        _search(outcome) if is_registered else "",
        _may(standing, outcome) if placed is not None else frozenset(),
        outcome.place.sequence if outcome.place is not None else 0,
    )


def called_of(held: Registration) -> str:
    """How the institute calls a student, or a short code where it does not."""
    return held.reference or short_code(held.student.id)


def in_words(slug: str) -> str:
    """A lower-case word of the region's own lists, as people write it."""
    return slug.replace("-", " ")


def _standing(outcome: Outcome, placed: PlacementEvent | None) -> str:
    if outcome.registration.status is RegistrationStatus.WITHDRAWN:
        return "withdrawn"
    if placed is None:
        return "waiting" if outcome.state == "withdrawn" else outcome.state
    state, decision = placed.placement.state, outcome.decision
    if state is not PlacementState.PROPOSED:
        return state.value
    if decision is None or not is_answered(decision, placed.placement.workplace, placed.placement.periods):
        return "proposed"
    return {"confirm": "confirmed", "decline": "declined", "switch": "proposed"}[decision.verdict]


def _may(standing: str, outcome: Outcome) -> frozenset[str]:
    """What can be done about the place now; a place that began is not declined, another can be asked for."""
    allowed = {"proposed": {"confirm", "decline", "switch"}, "confirmed": {"decline", "switch"}}
    found = allowed.get(standing, {"switch"} if standing in ("settled", "started") else set[str]())
    found |= {"decline"} if standing == "settled" else set()
    is_asked = outcome.decision is not None and outcome.decision.verdict == "switch"
    return frozenset(found - ({"switch"} if is_asked else set()))


_PLACED = TypeAdapter(PlacementEvent)


def _placed(outcome: Outcome) -> PlacementEvent | None:
    """What the plan said; of what is newer than this only the fields that all have are read."""
    if outcome.place is None or outcome.place.status != "placed":
        return None
    fields = {name: value for name, value in outcome.place.body.items() if name in PlacementEvent.model_fields}
    return _PLACED.validate_python(fields, strict=False)


def _unplaced(outcome: Outcome) -> StudentUnplaced | None:
    if outcome.place is None or outcome.place.status != "unplaced":
        return None
    return StudentUnplaced.model_validate(outcome.place.body)


def _place_of(event: PlacementEvent, names: Mapping[str, str]) -> Place:
    placement = event.placement
    return Place(
        names.get(event.site, event.site),
        placement.workplace,
        in_words(event.subject),
        ", ".join(placement.periods),
        event.travel_min,
    )


def _offer(outcome: Outcome, names: Mapping[str, str]) -> Offer | None:
    switch = outcome.switch
    if switch is None or switch.status != "offered":
        return None
    told = SwitchOffered.model_validate(switch.body)
    place = Place(
        names.get(told.site, told.site),
        told.workplace,
        in_words(told.subject),
        ", ".join(told.periods),
        told.travel_min,
    )
    return Offer(
        switch.sequence,
        place,
        names.get(told.site_now, told.site_now),
        told.travel_now_min,
        told.answer_by,
        is_offer_answered(outcome.decision, switch.sequence),
    )


def _search(outcome: Outcome) -> str:
    """How the search for another place stands, when there is no offer."""
    switch = outcome.switch
    if switch is None or switch.status == "offered":
        is_asked = outcome.decision is not None and outcome.decision.verdict == "switch"
        return "Leerplek zoekt een andere plek. De student houdt intussen deze." if is_asked and switch is None else ""
    if switch.status == "closed":
        return OUTCOMES[SwitchClosed.model_validate(switch.body).outcome]
    told = SwitchImpossible.model_validate(switch.body)
    wished = ", ".join(WISHES[each] for each in told.wishes) or "een andere plek"
    if told.obstacle is None:
        free = counted(told.free_places, "vrije plek", "vrije plekken")
        why = f"Er {'is' if told.free_places == 1 else 'zijn'} {free}, maar geen is beter."
    else:
        why = f"Bij andere plekken: {reason_of(told.obstacle).short}."
    return f"Er is nu niets beters ({wished}). {why} Leerplek kijkt elke dag opnieuw."


def _sites(outcome: Outcome) -> set[str]:
    bodies = [each.body for each in (outcome.place, outcome.switch) if each is not None]
    return {str(body[name]) for body in bodies for name in ("site", "site_now") if body.get(name)}
