"""Dutch for what the domain says in English: problems of files, rules, reasons, parts of the cost."""

import re

from services.matcher.domain.reading import MISSING, Problem

EXPECTED = (
    (r"a whole number from (\S+) to (\S+)", "een heel getal van {0} tot en met {1}"),
    (r"a number from (\S+) to (\S+)", "een getal van {0} tot en met {1}"),
    (r"a number of at most 18 digits", "een gewoon getal van hoogstens 18 cijfers"),
    (r"a text", "een tekst die niet leeg is"),
    (r"true or false", "true of false"),
    (r"a date such as (\S+)", "een datum zoals {0}"),
    (r"one of (.+)", "een van: {0}"),
    (r"a list of at least (\d+)", "een lijst van minstens {0}"),
    (r"a list", "een lijst"),
    (r"an object", "een object met velden"),
    (r"this field", "dit veld; het is verplicht"),
    (r"no field of this name", "geen veld met deze naam"),
    (r"an id that is used once", "een id dat één keer voorkomt"),
    (r"each key once", "elke sleutel één keer"),
    (r"each period once", "elke periode één keer"),
    (r"whole characters", "tekst zonder halve tekens"),
    (r"prices that never fall", "prijzen die nooit dalen"),
    (r"shares that never fall", "aandelen die nooit dalen"),
    (r"minutes that never fall", "minuten die nooit dalen"),
    (r"a pair of a limit and a price", "een paar: grens en prijs"),
    (r"an end on or after the start", "een einde op of na het begin"),
    (r"a core, since the role is shell", "een kernschool (core), want de rol is shell"),
    (r"the region file's (.+)", "{0}, zoals in het regiobestand"),
    (r"the id of a site or a workplace", "het id van een vestiging of leerwerkplek uit het bestand"),
    (r"a plan that leerplek check allows", "een plan dat mag; leerplek check zegt wat er niet mag"),
    (r"the id of a (\w+)", "het id van een {0} uit het bestand"),
    (r"ids of sites, or \*", "id's van vestigingen uit het bestand, of *"),
    (r"ids of (.+)", "id's van {0} uit het bestand"),
    (r"(\w+) of the region", "{0} die de regio kent"),
    (r"a norm for (.+)", "een norm voor {0}"),
    (r"JSON \((.+)\)", "geldige JSON ({0})"),
    (r"a file that exists", "een bestand dat bestaat"),
    (r"a file that can be read", "een bestand dat gelezen mag worden"),
    (r"a file that can be written", "een bestand dat geschreven kan worden"),
    (r"a directory that exists", "een map die bestaat"),
    (r"a directory that can be written", "een map waarin geschreven mag worden"),
    (r"a file that is not nested this deep", "een bestand dat minder diep genest is"),
    (r"a name that ends in .svg or .png", "een naam die op .svg of .png eindigt"),
    (
        r"a name that ends in .svg; .* is not installed",
        "een naam die op .svg eindigt; voor .png ontbreekt hier vl-convert-python",
    ),
    (r"a file", "een bestand"),
    (r"a column of this name", "een kolom met deze naam"),
    (
        r"a code, a sector \(po, vo, mbo, so\), a latitude and a longitude",
        "een vestigingscode, een sector (po, vo, mbo, so), en lat en lon",
    ),
    (r"a code, a latitude and a longitude", "een vestigingscode, en lat en lon"),
)
FOUND = {
    "no file": "geen bestand",
    "a directory": "een map",
    "an empty file": "een leeg bestand",
    "no ending": "een naam zonder uitgang",
    "no such directory": "geen map met die naam",
    "no permission": "geen toestemming",
    "Permission denied": "geen toestemming",
    "nothing": "niets",
}
NOUNS = {
    "site": "vestiging",
    "student": "student",
    "workplace": "leerwerkplek",
    "supervisor": "begeleider",
    "sites": "vestigingen",
    "periods": "perioden",
    "workplaces": "leerwerkplekken",
    "supervisors": "begeleiders",
    "other students": "andere studenten",
    "subjects": "vakken",
    "institutes": "opleidingen",
    "routes": "routes",
    "sectors": "sectoren",
}
PARTS = {
    "unplaced": "niet geplaatst",
    "fairness": "eerlijkheid",
    "promises": "verbroken afspraken",
    "moves": "verhuizingen",
    "travel": "reistijd",
    "wishes": "wensen",
    "later_set": "latere periode",
    "related": "verwant vak",
    "team": "team",
    "lending": "uitlenen",
    "starter": "startende begeleider",
    "load": "drukte per begeleider",
}
REASONS = {
    "no-norm": "De regio heeft geen norm voor deze route, fase en ondersteuning.",
    "unknown-period": "Geen van de gevraagde perioden bestaat in de regio.",
    "no-workplace-for-subject": "Geen school biedt een leerwerkplek voor dit vak.",
    "no-workplace-for-phase": "Er zijn leerwerkplekken voor het vak, maar niet voor deze fase.",
    "no-site-for-support": "Geen school met dit vak kan de ondersteuning geven die nodig is.",
    "no-workplace-in-reach": "Geen passende leerwerkplek ligt binnen de reistijd.",
    "no-seat-in-period": "Binnen bereik is in deze periode nergens een plaats.",
    "no-supervisor": "Binnen bereik mag niemand dit vak met deze ondersteuning begeleiden.",
    "no-common-days": "Wie kan begeleiden, is er niet op de dagen van de student.",
    "no-supervisor-hours": "De werkplekbegeleiders binnen bereik hebben te weinig uren over.",
    "no-school-trainer": "Binnen bereik is er geen schoolopleider.",
    "no-school-trainer-hours": "De schoolopleiders binnen bereik hebben te weinig uren over.",
    "no-institute-trainer": "De opleiding heeft binnen bereik geen instituutsopleider.",
    "no-institute-trainer-hours": "De instituutsopleiders hebben te weinig uren over.",
    "seats-taken": "Alle plaatsen binnen bereik zijn vergeven.",
    "minimum-not-met": "De scholen met ruimte gaan pas open als er meer studenten samen komen.",
    "together-or-apart": "De enige ruimte is bij iemand van wie de student gescheiden moet blijven, of juist niet bij wie hij hoort.",
    "outweighed": "Elke plek wordt door iets anders tegengehouden: deze student kan alleen in plaats van anderen, tegen hogere kosten.",
}
REASONS_AT = {
    "no-norm": "de regio heeft geen norm voor deze route, fase en ondersteuning",
    "unknown-period": "geen van de gevraagde perioden bestaat in de regio",
    "no-workplace-for-subject": "de school biedt geen leerwerkplek voor dit vak in deze sector",
    "no-workplace-for-phase": "de school neemt voor dit vak geen studenten van deze fase",
    "no-site-for-support": "de school kan de ondersteuning die nodig is niet geven",
    "no-workplace-in-reach": "de school ligt verder weg dan de student mag reizen",
    "no-seat-in-period": "de school heeft in deze periode geen plaatsen",
    "no-supervisor": "niemand mag hier dit vak met deze ondersteuning begeleiden",
    "no-common-days": "wie hier kan begeleiden, is er niet op de dagen van de student",
    "no-supervisor-hours": "de werkplekbegeleiders hebben hier te weinig uren",
    "no-school-trainer": "de school heeft geen schoolopleider",
    "no-school-trainer-hours": "de schoolopleiders hebben hier te weinig uren",
    "no-institute-trainer": "de opleiding heeft op deze school geen instituutsopleider",
    "no-institute-trainer-hours": "de instituutsopleiders hebben hier te weinig uren",
    "seats-taken": "alle plaatsen op de school zijn vergeven",
    "minimum-not-met": "de school gaat pas open als er meer studenten samen komen",
    "together-or-apart": "op de school is iemand van wie de student gescheiden moet blijven, of wie bij de student hoort is elders",
    "outweighed": "elke plek op de school wordt door iets anders tegengehouden",
}
"""The same reasons for one school; within a sentence."""
GROUPS = {
    "route": "route",
    "support": "ondersteuning",
    "subject": "vak",
    "institute": "opleiding",
    "phase": "fase",
    "sector": "sector",
}
LEVERS = {
    "duo": "duo's",
    "team": "teams",
    "peer": "groepen medestudenten",
    "senior": "hulp van ouderejaars",
    "extra": "extra begeleiders",
    "lending": "uitlenen tussen scholen",
    "core_shell": "kern- en schilscholen",
    "related": "verwante vakken",
    "shifted": "andere perioden",
    "shared_io": "gedeelde instituutsopleiders",
    "starters": "startende leraren begeleiden",
}
TIERS = {"wpb": "werkplekbegeleiders", "so": "schoolopleiders", "io": "instituutsopleiders"}


def problem_text(problem: Problem) -> str:
    """One problem in Dutch: where, what is there, what was expected."""
    shown = "niets" if problem.value is MISSING else FOUND.get(str(problem.value), repr(problem.value)[:80])
    where = problem.path or "het bestand"
    return f"{where}: gevonden {shown}, verwacht {expected_text(problem.expected)}"


def expected_text(expected: str) -> str:
    """What was expected, in Dutch; words that have no translation stay as they are."""
    for pattern, dutch in EXPECTED:
        match = re.fullmatch(pattern, expected)
        if match:
            return dutch.format(*(NOUNS.get(group, group) for group in match.groups()))
    return expected


def number_text(number: float) -> str:
    """A whole number with dots between thousands, as Dutch writes it."""
    return f"{number:,.0f}".replace(",", ".")


def signed_text(number: float) -> str:
    """A difference: with a plus where there is more."""
    return f"+{number_text(number)}" if number > 0 else number_text(number)


def percent_text(share: float, decimals: int = 1) -> str:
    """A share as a percentage with a decimal comma."""
    return f"{100 * share:.{decimals}f} %".replace(".", ",")


def certificate_text(unplaced: int, unplaced_bound: int, *, is_proven: bool) -> str:
    """The certificate told in students."""
    told = f"{unplaced} niet geplaatst"
    if is_proven:
        return f"{told}; bewezen: geen enkel plan is beter."
    if unplaced_bound >= unplaced:
        return f"{told}; geen enkel plan kan met minder."
    if unplaced_bound > 0:
        return f"{told}; geen enkel plan kan met minder dan {unplaced_bound}."
    return f"{told}; hoeveel er minstens overblijven is nog niet bewezen."
