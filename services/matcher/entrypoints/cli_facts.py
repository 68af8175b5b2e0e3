"""Dutch for the facts behind a reason."""

from collections.abc import Mapping

from services.matcher.domain.reasons import Reason
from services.matcher.entrypoints.cli_words import number_text

FACTS = {
    "workplaces-for-subject": ("{} leerwerkplek voor het vak", "{} leerwerkplekken voor het vak"),
    "excluded-workplaces": ("{} leerwerkplek op een uitgesloten school", "{} leerwerkplekken op uitgesloten scholen"),
    "limit-min": ("hoogstens {} minuut reizen", "hoogstens {} minuten reizen"),
    "nearest-min": ("de dichtstbijzijnde is {} minuut ver", "de dichtstbijzijnde is {} minuten ver"),
    "workplaces-in-reach": ("{} leerwerkplek binnen bereik", "{} leerwerkplekken binnen bereik"),
    "places-with-seats": ("{} daarvan heeft plaats in de periode", "{} daarvan hebben plaats, per periode geteld"),
    "places-without": ("op {} plek ontbreekt dit", "op {} plekken ontbreekt dit"),
    "places": ("{} plek zou passen als er niemand anders was", "{} plekken zouden passen als er niemand anders was"),
    "places-free": ("{} daarvan is nu vrij", "{} daarvan zijn nu vrij"),
    "short-qh": (
        "wie het dichtst in de buurt komt heeft {} kwartier per week te weinig",
        "wie het dichtst in de buurt komt heeft {} kwartieren per week te weinig",
    ),
}
HELD_UP = {
    Reason.SEATS_TAKEN: "zijn de plaatsen vergeven",
    Reason.NO_SUPERVISOR_HOURS: "ontbreken uren van werkplekbegeleiders",
    Reason.NO_SCHOOL_TRAINER_HOURS: "ontbreken uren van schoolopleiders",
    Reason.NO_INSTITUTE_TRAINER_HOURS: "ontbreken uren van instituutsopleiders",
    Reason.MINIMUM_NOT_MET: "haalt de school haar minimum niet",
    Reason.TOGETHER_OR_APART: "past het gezelschap niet",
}
LED_TO_PLACES = frozenset(
    {"workplaces-for-subject", "excluded-workplaces", "limit-min", "nearest-min", "places-with-seats"}
)
"""How many there were on the way to the places that would fit; of no use to who knows these."""


def facts_text(reason: Reason, facts: Mapping[str, int]) -> str:
    """The facts in one line of Dutch; left out is what there is none of, and what the reason or other facts say already."""
    known = {f"places-{reason}"} | (LED_TO_PLACES if facts.get("places") else frozenset())
    return "; ".join(fact_text(name, number) for name, number in facts.items() if number and name not in known)


def fact_text(name: str, number: int) -> str:
    """One fact in Dutch; a fact without words stays as it is."""
    held_up = {f"places-{reason}": words for reason, words in HELD_UP.items()}
    if name in held_up:
        return f"op {number_text(number)} {'plek' if number == 1 else 'plekken'} {held_up[name]}"
    one, more = FACTS.get(name, (f"{name}: {{}}",) * 2)
    return (one if number == 1 else more).format(number_text(number))
