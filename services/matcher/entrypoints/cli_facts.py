"""Dutch for the facts behind a reason."""

from services.matcher.domain.reasons import Reason

FACTS = {
    "workplaces-for-subject": "leerwerkplekken voor het vak",
    "excluded-workplaces": "leerwerkplekken op uitgesloten scholen",
    "limit-min": "grens aan de reistijd in minuten",
    "nearest-min": "minuten naar de dichtstbijzijnde",
    "workplaces-in-reach": "leerwerkplekken binnen bereik",
    "places-with-seats": "daarvan met plaatsen, per periode geteld",
    "places-without": "plekken waar dit ontbreekt",
    "places": "plekken die zouden passen als er niemand anders was",
    "places-free": "daarvan nu vrij",
    "short-qh": "kwartieren per week te kort bij wie het dichtst in de buurt komt",
}
HELD_UP = {
    Reason.SEATS_TAKEN: "plekken waar de plaatsen vergeven zijn",
    Reason.NO_SUPERVISOR_HOURS: "plekken waar uren van werkplekbegeleiders ontbreken",
    Reason.NO_SCHOOL_TRAINER_HOURS: "plekken waar uren van schoolopleiders ontbreken",
    Reason.NO_INSTITUTE_TRAINER_HOURS: "plekken waar uren van instituutsopleiders ontbreken",
    Reason.MINIMUM_NOT_MET: "plekken op scholen die hun minimum niet halen",
    Reason.TOGETHER_OR_APART: "plekken waar het gezelschap niet past",
}


def fact_text(name: str) -> str:
    """What a fact counts, in Dutch."""
    held_up = {f"places-{reason}": text for reason, text in HELD_UP.items()}
    return FACTS.get(name) or held_up.get(name, name)
