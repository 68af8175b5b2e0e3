"""The settings of a region as fields that a person can fill in: what each is called, what it means, how it is written."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.dutch import read_hours, written_hours
from shared.phases import phase_of, phase_words
from shared.slug import slug_of
from shared.web.forms import read_date


@dataclass(frozen=True, slots=True)
class Kind:
    """How a value is written in a field and read from it; `read` raises ValueError. `hint` says how, when it is not right."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    hint: str
    mode: str = ""
    type: str = "text"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: where it is in the settings, what people call it and what it does."""

    path: str
    label: str
    kind: Kind
    explanation: str = ""
    unit: str = ""


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,10}", text.replace(".", "")):
        raise ValueError(text)
    return int(text.replace(".", ""))


def _decimal(text: str) -> float:
    if not re.fullmatch(r"\d{1,4}([.,]\d{1,4})?", text):
        raise ValueError(text)
    return float(text.replace(",", "."))


def _hours(text: str) -> int:
    found = read_hours(text)
    if found is None:
        raise ValueError(text)
    return found


def _day(text: str) -> str:
    found = read_date(text)
    if found is None:
        raise ValueError(text)
    return found.isoformat()


def _written_decimal(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".").replace(".", ",")


def _split(text: str) -> list[str]:
    return [each.strip() for each in text.split(";") if each.strip()]


def _pairs(first: Callable[[str], Any]) -> Callable[[str], list[list[Any]]]:
    def read(text: str) -> list[list[Any]]:
        return [
            [first(left.strip()), _number(right.strip())]
            for left, _, right in (one.partition(":") for one in _split(text))
        ]

    return read


def _word(text: str) -> str:
    return "*" if text == "*" else slug_of(text)


TEXT = Kind(str.strip, str, "Vul hier iets in.")
WORD = Kind(_word, str, "Vul een woord in, of * voor alle.")
PHASE = Kind(
    lambda text: "*" if text == "*" else phase_of(text), phase_words, "Vul een fase in, zoals jaar 1, of * voor alle."
)
PHASES = Kind(
    lambda text: [phase_of(each) for each in text.split(",") if each.strip()],
    lambda value: ", ".join(map(phase_words, value)),
    "Fasen met komma’s ertussen.",
)
DATE = Kind(_day, str, "Vul een datum in die bestaat, bijvoorbeeld 24-11-2026.", type="date")
NUMBER = Kind(_number, lambda value: f"{value:,}".replace(",", "."), "Vul een heel getal in.", "numeric")
DECIMAL = Kind(_decimal, _written_decimal, "Vul een getal in, bijvoorbeeld 1,5.", "decimal")
HOURS = Kind(
    _hours, lambda value: written_hours(value) or "0", "Vul uren in per kwartier, bijvoorbeeld 1,5.", "decimal"
)
NUMBERS = Kind(
    lambda text: [_number(each) for each in _split(text)],
    lambda value: "; ".join(map(str, value)),
    "Getallen met een puntkomma ertussen, bijvoorbeeld 0; 5; 10.",
)
MINUTES = Kind(
    _pairs(_number),
    lambda value: "; ".join(f"{minutes}: {points}" for minutes, points in value),
    "Minuten en punten, bijvoorbeeld 30: 0; 60: 1.",
)
PERCENT = Kind(
    lambda text: round(_decimal(text.rstrip(" %")) / 100, 6),
    lambda share: _written_decimal(share * 100),
    "Vul een percentage in, bijvoorbeeld 2 of 2,5.",
    "decimal",
)

PERIOD = (
    Field("id", "Naam", TEXT),
    Field("start", "Eerste dag", DATE),
    Field("end", "Laatste dag", DATE),
)
NORM = (
    Field("route", "Leerroute", WORD),
    Field("phase", "Fase", PHASE),
    Field("support", "Ondersteuning (1–3)", NUMBER),
    Field("wpb", "Uren werkplekbegeleider", HOURS),
    Field("so", "Uren schoolopleider", HOURS),
    Field("io", "Uren instituutsopleider", HOURS),
)
RELATED = (
    Field("student", "Vak van de student", WORD),
    Field("place", "Vak van de plek", WORD),
    Field("cost", "Punten", NUMBER),
)
COSTS = (
    Field(
        "costs.unplaced",
        "Student zonder plek",
        NUMBER,
        "Wat het kost als één student geen plek heeft. Al het andere wordt hiermee vergeleken.",
    ),
    Field(
        "costs.break_started",
        "Begonnen plaatsing afbreken",
        NUMBER,
        "Zo zwaar weegt dat een student die al begonnen is, blijft zitten.",
    ),
    Field(
        "costs.break_settled",
        "Afspraak verbreken",
        NUMBER,
        "Zo zwaar weegt een plaatsing waar school en opleiding ja tegen zeiden.",
    ),
    Field(
        "costs.drop_proposed",
        "Voorstel intrekken",
        NUMBER,
        "Zo zwaar weegt dat een voorgestelde plek niet naar een ander gaat.",
    ),
    Field("costs.move_workplace", "Andere werkplek", NUMBER, "Wat het kost als een student een andere plek krijgt."),
    Field(
        "costs.move_supervisor",
        "Andere begeleider",
        NUMBER,
        "Wat het kost als een student een andere begeleider krijgt.",
    ),
    Field("costs.travel", "Reistijd", MINUTES, "Tot hoeveel minuten elke minuut hoeveel punten kost."),
    Field("costs.beyond", "Reistijd daarboven", NUMBER, "Punten voor elke minuut na de laatste grens."),
    Field("costs.wish", "Wensen", NUMBERS, "Punten voor de eerste wens, de tweede, de derde."),
    Field("costs.no_wish", "Geen van de wensen", NUMBER, "Punten als de plek geen wens van de student was."),
    Field("costs.later_set", "Latere periode", NUMBER, "Punten voor elke keuze van periodes na de eerste."),
    Field("costs.team_member", "Extra begeleider in een team", NUMBER, "Punten voor elke collega na de eerste."),
    Field("costs.lending", "Uitgeleende begeleider", NUMBER, "Punten als een begeleider van een andere school komt."),
    Field("costs.starter", "Startende begeleider", NUMBER, "Punten als iemand begeleidt die zelf net begint."),
    Field("costs.load", "Drukte", NUMBERS, "Punten voor de eerste student van een begeleider, de tweede, de derde."),
    Field("travel.base_min", "Vaste reistijd", DECIMAL, "Minuten die elke reis kost.", "minuten"),
    Field("travel.per_km_min", "Reistijd per kilometer", DECIMAL, "Minuten per kilometer, hemelsbreed.", "minuten"),
    Field("travel.limit_min", "Langste reis", NUMBER, "Verder weg stelt Leerplek geen plek voor.", "minuten"),
    Field(
        "min_common_days", "Dagen samen", NUMBER, "Zo veel dagen per week zijn student en begeleider samen op school."
    ),
    Field(
        "grace_days",
        "Geduld bij afwezigheid",
        NUMBER,
        "Zo veel dagen mag een begeleider weg zijn voordat een student een ander krijgt.",
        "dagen",
    ),
    Field(
        "trainer_site_qh.so",
        "Vaste uren schoolopleider per school",
        HOURS,
        "Uren die elke school kost, hoeveel studenten er ook zijn.",
        "uur",
    ),
    Field(
        "trainer_site_qh.io",
        "Vaste uren instituutsopleider per school",
        HOURS,
        "Uren die elke school kost, hoeveel studenten er ook zijn.",
        "uur",
    ),
)
FAIRNESS = (
    Field(
        "fairness.min_size",
        "Kleinste groep",
        NUMBER,
        "Groepen met minder studenten tellen niet apart mee.",
        "studenten",
    ),
)
STEP = (
    Field("0", "Tot welk deel van de groep", PERCENT, unit="procent"),
    Field("1", "Extra punten per student", NUMBER),
)
"""A step of fairness.steps, which is a pair."""
GROUPS = {
    "route": "leerroute", "support": "ondersteuning", "subject": "vak", "institute": "opleiding", "phase": "fase", "sector": "sector",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeverWords:
    """A lever in plain Dutch: what it is, what it does, and its own settings."""

    name: str
    title: str
    explanation: str
    fields: Sequence[Field] = ()


LEVERS = (
    LeverWords("duo", "Duo", "Twee studenten die dat goed vinden delen één begeleider. Samen kosten zij minder uren dan twee apart.", (
        Field("levers.duo.factor", "Deel van de uren van twee", DECIMAL, "0,75 betekent: samen driekwart van de uren van twee."),)),
    LeverWords("team", "Team", "Een student wordt begeleid door een team. De uren van de collega’s tellen bij elkaar op.", (
        Field("levers.team.max_members", "Hoogstens in een team", NUMBER, "", "collega’s"),
        Field("levers.team.min_qh", "Minstens per collega", HOURS, "", "uur"))),
    LeverWords("peer", "Leren van elkaar", "Studenten die als groep op één school zijn, begeleiden elkaar. Dat scheelt uren van de werkplekbegeleider.", (
        Field("levers.peer.min_group", "Kleinste groep", NUMBER, "", "studenten"),
        Field("levers.peer.relief_qh", "Uren minder per student", HOURS, "", "uur"))),
    LeverWords("senior", "Ouderejaars helpen", "Studenten aan het eind van hun opleiding helpen beginners op dezelfde school.", (
        Field("levers.senior.seniors", "Wie helpt", PHASES, "Fasen met komma’s ertussen."),
        Field("levers.senior.juniors", "Wie wordt geholpen", PHASES, "Fasen met komma’s ertussen."),
        Field("levers.senior.per_senior", "Beginners per ouderejaars", NUMBER),
        Field("levers.senior.relief_qh", "Uren minder per beginner", HOURS, "", "uur"))),
    LeverWords("extra", "Extra begeleiders", "Ook gepensioneerde leraren, onderwijsassistenten en coaches mogen begeleiden."),
    LeverWords("lending", "Uitlenen", "Een school met uren over helpt een school in de buurt.", (
        Field("levers.lending.max_min", "Hoogstens onderweg", NUMBER, "", "minuten"),
        Field("levers.lending.overhead_qh", "Extra uren per school", HOURS, "", "uur"))),
    LeverWords("core_shell", "Kernschool en schilschool", "De plek is op een kleine school, de begeleiding op een grote school ernaast."),
    LeverWords("related", "Verwante vakken", "Een student mag naar een plek van een verwant vak. Welke vakken dat zijn, stelt u zelf in."),
    LeverWords("shifted", "Andere periode", "Een opleiding mag een student ook in een andere periode laten beginnen. Zo worden pieken lager."),
    LeverWords("shared_io", "Gedeelde instituutsopleiders", "Opleidingen begeleiden op een school ook elkaars studenten."),
    LeverWords("starters", "Startende begeleiders", "Ook leraren die zelf net begonnen zijn, mogen begeleiden."),
)  # fmt: skip


def written_steps(steps: Sequence[tuple[float, int]]) -> str:
    """The steps of fairness on one line: tot 2 %: 0, tot 5 %: 50.000 punten."""
    return ", ".join(f"tot {PERCENT.write(share)} %: {NUMBER.write(points)}" for share, points in steps) + " punten"


def value_at(settings: Mapping[str, Any], path: str) -> Any:
    """The value of a setting."""
    found: Any = settings
    for step in path.split("."):
        found = found[step]
    return found


def put_at(settings: dict[str, Any], path: str, value: Any) -> None:
    """Changes a setting in place."""
    *steps, last = path.split(".")
    for step in steps:
        settings = settings[step]
    settings[last] = value
