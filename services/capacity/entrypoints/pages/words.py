"""The words of the portal: what a school reads for what the code calls otherwise. Plain Dutch (B1)."""

from collections.abc import Mapping

from services.capacity.domain.news import What
from services.capacity.handlers import RENAMED
from services.capacity.handlers.undoing import CHECKED
from shared.contracts.vocabulary import RefusalReason, SupervisorKind, Tier, Weekday
from shared.dutch import counted
from shared.messaging.outbox import ERASED

TIERS = {
    Tier.WORKPLACE_SUPERVISOR: "werkplekbegeleider",
    Tier.SCHOOL_TRAINER: "schoolopleider",
    Tier.INSTITUTE_TRAINER: "instituutsopleider",
}
KINDS = {
    SupervisorKind.TEACHER: "leraar",
    SupervisorKind.RETIRED: "gepensioneerd",
    SupervisorKind.ASSISTANT: "onderwijsassistent",
    SupervisorKind.COACH: "coach",
}
DAYS = {
    Weekday.MONDAY: "maandag",
    Weekday.TUESDAY: "dinsdag",
    Weekday.WEDNESDAY: "woensdag",
    Weekday.THURSDAY: "donderdag",
    Weekday.FRIDAY: "vrijdag",
    Weekday.SATURDAY: "zaterdag",
    Weekday.SUNDAY: "zondag",
}
DONE = {
    "nl.leerplek.supervisor.registered.v1": "aangemeld",
    "nl.leerplek.supervisor.hours-changed.v1": "uren of gegevens gewijzigd",
    "nl.leerplek.supervisor.absence-reported.v1": "afwezigheid gemeld",
    "nl.leerplek.supervisor.returned.v1": "terugkeer gemeld",
    "nl.leerplek.supervisor.departed.v1": "vertrek gemeld",
    "nl.leerplek.workplace.changed.v1": "plaatsen of gegevens gewijzigd",
    "nl.leerplek.site.changed.v1": "gegevens van de vestiging gewijzigd",
    "nl.leerplek.placement.accepted.v1": "voorstel aangenomen",
    "nl.leerplek.placement.refused.v1": "voorstel geweigerd",
    "nl.leerplek.region.changed.v1": "instellingen gewijzigd",
    RENAMED: "naam gewijzigd",
    ERASED: "naam en eerdere gegevens gewist",
    CHECKED: "gegevens nagekeken: er is niets gewijzigd",
}
BY = {
    "portaal": "in dit portaal",
    "operator": "door de beheerder",
    "school": "door het systeem van school ",
    "region": "door het systeem van regio ",
    "schoolsysteem": "door het systeem van de school",
    "regiosysteem": "door het systeem van de regio",
}
"""By whom, or what kind of organisation; the last two stand in what is older than tokens."""
REFUSALS = {
    RefusalReason.NO_HOURS: ("Geen uren", "Er is niemand met tijd voor deze student."),
    RefusalReason.NO_SEAT: ("Geen plaats", "De leerwerkplek is al bezet of gaat niet door."),
    RefusalReason.SUBJECT: ("Het vak past niet", "De school kan dit vak nu niet bieden."),
    RefusalReason.DAYS: ("De dagen passen niet", "Student en begeleiders zijn niet op dezelfde dagen op school."),
    RefusalReason.CONFLICT_OF_INTEREST: ("Er is een te nauwe band", "Bijvoorbeeld familie van iemand op school."),
}
STATES = {
    "proposed": ("Voorgesteld", "info"),
    "settled": ("Afgesproken", "ok"),
    "started": ("Begonnen", "ok"),
}
NEWS = {
    What.PROPOSED: ("student is hier nieuw voorgesteld", "studenten zijn hier nieuw voorgesteld"),
    What.ARRIVED: ("student komt van een andere school hierheen", "studenten komen van een andere school hierheen"),
    What.LEFT: ("student gaat naar een andere school", "studenten gaan naar een andere school"),
    What.MOVED: ("student krijgt hier een andere plek", "studenten krijgen hier een andere plek"),
    What.REGUIDED: ("student krijgt een andere begeleider", "studenten krijgen een andere begeleider"),
    What.SETTLED: ("plaatsing is afgesproken", "plaatsingen zijn afgesproken"),
    What.LOST: ("student heeft hier geen plaats meer", "studenten hebben hier geen plaats meer"),
    What.WITHDRAWN: ("student is uitgeschreven", "studenten zijn uitgeschreven"),
    What.ENDED: ("plaatsing is voorbij", "plaatsingen zijn voorbij"),
}
LANGUAGES = frozenset(
    {"arabisch", "chinees", "duits", "engels", "frans", "fries", "grieks", "italiaans", "latijn", "nederlands", "papiaments",
     "russisch", "spaans", "turks"}
)  # fmt: skip


def news_in_words(news: dict[What, int]) -> list[str]:
    """Each kind of news with its number: 2 studenten krijgen een andere begeleider."""
    return [counted(news[what], *NEWS[what]) for what in NEWS if news.get(what)]


def words_of(slug: str) -> str:
    """A lower-case word of the region's own lists, as people write it: a language has a capital."""
    return " ".join(each.capitalize() if each in LANGUAGES else each for each in slug.split("-"))


def by_whom(actor: str, names: Mapping[str, str]) -> str:
    """Who changed something, as the audit names them: `portaal`, `operator`, `school/01AA`, `person/…`; `names` of who is still there."""
    kind, _, org = actor.partition("/")
    if kind == "person":
        return f"door {names.get(actor, 'iemand die geen toegang meer heeft')}"
    return BY[kind] + org if kind in BY else f"door {actor}"
