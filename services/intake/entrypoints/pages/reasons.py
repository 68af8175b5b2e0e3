"""Why there is no place, what may be done about it, and what would help, in plain Dutch for an institute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.intake.ports.explaining import Explained, Remedy
from shared.contracts.placements import UnplacedReason
from shared.dutch import counted, dutch_hours


@dataclass(frozen=True, slots=True)
class Words:
    """A reason in a few words, as a sentence, and what an institute can do."""

    short: str
    sentence: str
    advice: str


REASONS: Mapping[str, Words] = {
    UnplacedReason.NO_WORKPLACE_FOR_SUBJECT: Words(
        "geen plek voor dit vak",
        "Geen enkele school in de regio heeft een leerwerkplek voor dit vak.",
        "Overleg met de regio welke school een plek kan openen, of kies een verwant vak.",
    ),
    UnplacedReason.NO_WORKPLACE_FOR_PHASE: Words(
        "geen plek voor deze fase",
        "Er zijn plekken voor dit vak, maar de scholen nemen deze fase niet aan.",
        "Vraag die scholen of deze fase toch kan.",
    ),
    UnplacedReason.NO_WORKPLACE_IN_REACH: Words(
        "geen plek binnen de reistijd",
        "Geen enkele plek die past ligt binnen de reistijd.",
        "Bespreek of de student langer kan reizen, of een school mag die nu is uitgesloten.",
    ),
    UnplacedReason.NO_SITE_FOR_SUPPORT: Words(
        "te weinig begeleiding op school",
        "Geen school met een plek kan zo veel begeleiding geven als de student nodig heeft.",
        "Bespreek met de regio welke school meer begeleiding kan geven.",
    ),
    UnplacedReason.NO_SEAT_IN_PERIOD: Words(
        "geen plek in deze periode",
        "De plekken die passen zijn in deze periode niet open.",
        "Geef ook een andere periode op, of vraag een school om de plek eerder te openen.",
    ),
    UnplacedReason.NO_SUPERVISOR: Words(
        "geen werkplekbegeleider",
        "Op de scholen met een plek is niemand die deze student kan begeleiden.",
        "Vraag een school om een begeleider aan te melden.",
    ),
    UnplacedReason.NO_SUPERVISOR_HOURS: Words(
        "te weinig uren van werkplekbegeleiders",
        "De werkplekbegeleiders op de scholen met een plek hebben te weinig uren over.",
        "Vraag een school om extra uren. Samen met een andere student (duo) zijn er minder nodig.",
    ),
    UnplacedReason.NO_SCHOOL_TRAINER: Words(
        "geen schoolopleider",
        "Op de scholen met een plek is geen schoolopleider.",
        "Vraag de regio of een schoolopleider van een andere school kan helpen.",
    ),
    UnplacedReason.NO_SCHOOL_TRAINER_HOURS: Words(
        "te weinig uren van schoolopleiders",
        "De schoolopleiders op de scholen met een plek hebben te weinig uren over.",
        "Vraag de school of de regio om extra uren.",
    ),
    UnplacedReason.NO_INSTITUTE_TRAINER: Words(
        "geen instituutsopleider",
        "Op de scholen met een plek komt geen instituutsopleider van uw opleiding.",
        "Wijs een instituutsopleider aan, of spreek af dat een andere opleiding dit overneemt.",
    ),
    UnplacedReason.NO_INSTITUTE_TRAINER_HOURS: Words(
        "te weinig uren van instituutsopleiders",
        "De instituutsopleiders voor de scholen met een plek hebben te weinig uren over.",
        "Geef een instituutsopleider meer uren, of spreek af dat een andere opleiding dit overneemt.",
    ),
    UnplacedReason.NO_COMMON_DAYS: Words(
        "te weinig dagen samen op school",
        "Student en begeleiders zijn te weinig dagen samen op school.",
        "Kijk of de student op andere dagen kan, en pas de inschrijving aan.",
    ),
    UnplacedReason.SEATS_TAKEN: Words(
        "alle plekken zijn bezet",
        "Alle plekken die passen zijn bezet.",
        "Vraag een school met ruimte om een plek erbij.",
    ),
    UnplacedReason.MINIMUM_NOT_MET: Words(
        "te weinig studenten op deze school",
        "De school begint pas als er genoeg studenten tegelijk komen. Dat zijn er nu te weinig.",
        "Vraag de school of zij met minder studenten wil beginnen.",
    ),
    UnplacedReason.TOGETHER_OR_APART: Words(
        "samen of apart lukt niet",
        "De student moet samen met of juist apart van een ander. Dat lukt nu niet.",
        "Kijk of deze voorwaarde nog nodig is, en pas de inschrijving aan.",
    ),
    UnplacedReason.NO_NORM: Words(
        "geen norm in de regio",
        "De regio heeft niet vastgelegd hoeveel begeleiding deze leerroute en fase nodig hebben.",
        "Vraag de programmamanager om de norm in te vullen.",
    ),
    UnplacedReason.UNKNOWN_PERIOD: Words(
        "de periode bestaat niet",
        "De gevraagde periode bestaat niet in de regio.",
        "Kies een periode die de regio kent, en pas de inschrijving aan.",
    ),
    UnplacedReason.OUTWEIGHED: Words(
        "alleen ten koste van anderen",
        "Er zijn plekken die passen, maar dan raken andere studenten hun plek kwijt.",
        "Extra plekken of uren helpen. Vraag de programmamanager welke school ruimte heeft.",
    ),
}
_UNKNOWN = Words("reden nog niet bekend", "De reden is nog niet bekend.", "Kijk later opnieuw.")
YOURS, REGIONS = "Dat bepaalt uw opleiding.", "Daarover gaat de regio."
LEVERS: Mapping[str, tuple[str, str]] = {
    "nothing": ("De plekken anders verdelen", "Dat doet Leerplek zelf, zodra het voor iedereen beter is."),
    "longer-journey": ("Deze student langer laten reizen", YOURS),
    "other-period": ("Deze student in een andere periode", YOURS),
    "related-subject": ("Deze student bij een verwant vak", YOURS),
    "duo": ("Twee studenten samen laten begeleiden (duo)", REGIONS),
    "team": ("Begeleiding door een team", REGIONS),
    "peer": ("Studenten die elkaar begeleiden", REGIONS),
    "senior": ("Ouderejaars die beginners helpen", REGIONS),
    "extra": ("Gepensioneerde leraren, onderwijsassistenten en coaches laten begeleiden", REGIONS),
    "lending": ("Uren lenen van een school in de buurt", REGIONS),
    "core_shell": ("Een plek op een kleine school, met begeleiding van een grote", REGIONS),
    "related": ("Verwante vakken toestaan", REGIONS),
    "shifted": ("Andere periodes toestaan", REGIONS),
    "shared_io": ("Instituutsopleiders delen met andere opleidingen", REGIONS),
    "starters": ("Startende leraren laten begeleiden", REGIONS),
}
"""What may give a student a place, and who decides on it."""


def reason_of(code: str) -> Words:
    """The words of a reason."""
    return REASONS.get(code, _UNKNOWN)


def facts_of(facts: Mapping[str, int]) -> list[str]:
    """The numbers behind a reason that an institute can do something with."""
    told = []
    if places := facts.get("places"):
        told.append(f"Er {_is(places)} {counted(places, 'plek die past', 'plekken die passen')}.")
    elif in_reach := facts.get("workplaces-in-reach"):
        told.append(f"Binnen de reistijd {_is(in_reach)} er {counted(in_reach, 'plek', 'plekken')} voor dit vak.")
    if "nearest-min" in facts and "limit-min" in facts and facts["nearest-min"] > facts["limit-min"]:
        told.append(
            f"De dichtste plek is {facts['nearest-min']} minuten reizen. De grens is {facts['limit-min']} minuten."
        )
    if short := facts.get("short-qh"):
        told.append(f"Bij wie de meeste uren over heeft, ontbreekt {dutch_hours(short)} per week.")
    return told


def helping(remedies: Sequence[Remedy]) -> list[tuple[str, str, str]]:
    """What would help: by what, with what effect, and who decides on it."""
    return [(LEVERS[one.lever][0], _effect(one), LEVERS[one.lever][1]) for one in _known(remedies) if one.helps]


def useless(remedies: Sequence[Remedy]) -> list[str]:
    """What was tried and would not help now."""
    return [LEVERS[one.lever][0] for one in _known(remedies) if not one.helps]


def obstacles(found: Explained, names: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Why the student is not at a wished school, and not at a place that would suit better; each a line."""
    wished, better = list[str](), list[str]()
    for one in found.obstacles:
        why = " en ".join(reason_of(each).short for each in one.reasons)
        line = f"{names.get(one.site, one.site)}: {why or 'het kan, maar dan gaan anderen er te veel op achteruit'}"
        (wished if one.is_wish else better).append(line)
    return wished, list(dict.fromkeys(better))[:3]


def _known(remedies: Sequence[Remedy]) -> list[Remedy]:
    return [one for one in remedies if one.lever in LEVERS]


def _effect(one: Remedy) -> str:
    told = [f"{one.minutes} minuten reizen"] if one.minutes is not None else []
    if one.moved:
        told.append(f"{counted(one.moved, 'andere student krijgt', 'andere studenten krijgen')} een andere plek")
    if one.lost:
        told.append(f"{counted(one.lost, 'andere student', 'andere studenten')} zonder plek")
    else:
        told.append("niemand raakt een plek kwijt")
    return ", ".join(told)


def _is(count: int) -> str:
    return "is" if count == 1 else "zijn"
