"""The words of the pages for institutes: what people read for what the code calls otherwise. Plain Dutch (B1)."""

from collections.abc import Mapping

from services.intake.domain.columns import ImportKind
from services.intake.domain.imports import Verdict
from services.intake.domain.overview import View
from shared.contracts.vocabulary import DeclineReason, MismatchKind

VIEWS: Mapping[View, str] = {
    View.PROPOSED: "Voorstel wacht op u",
    View.OFFERED: "Andere plek aangeboden",
    View.UNPLACED: "Nog geen plek",
    View.MISMATCHED: "Past niet goed",
    View.PLACED: "Met een plek",
    View.WAITING: "In behandeling",
    View.ENDED: "Afgelopen",
    View.WITHDRAWN: "Ingetrokken",
}
STATES = {
    "proposed": ("Voorstel wacht op u", "info"),
    "confirmed": ("Bevestigd, wacht op de school", "ok"),
    "declined": ("Afgewezen, Leerplek zoekt verder", "quiet"),
    "settled": ("Afgesproken", "ok"),
    "started": ("Begonnen", "ok"),
    "unplaced": ("Nog geen plek", "danger"),
    "waiting": ("In behandeling", "quiet"),
    "ended": ("Afgelopen", "quiet"),
    "withdrawn": ("Ingetrokken", "quiet"),
}
"""Where a student stands, and the kind of badge."""
DECLINES: Mapping[DeclineReason, tuple[str, str]] = {
    DeclineReason.TRAVEL: ("De reis is te lang", "Leerplek zoekt dan dichterbij."),
    DeclineReason.SUBJECT: ("Het vak past niet", "De plek is voor een ander vak dan de student nodig heeft."),
    DeclineReason.PHASE: ("De fase past niet", "De plek past niet bij waar de student in de opleiding is."),
    DeclineReason.DAYS: ("De dagen passen niet", "De student kan niet op de dagen van de begeleiders."),
    DeclineReason.OWN_PLACE: ("De student heeft zelf een plek", "Trek daarna ook de inschrijving in."),
    DeclineReason.STUDY_DELAYED: ("De student begint later", "Geef daarna een andere periode op."),
    DeclineReason.MISMATCH: ("Student en plek passen niet", "Na een gesprek blijkt dat het niet gaat."),
}
MISMATCHES: Mapping[MismatchKind, tuple[str, str]] = {
    MismatchKind.SUBJECT: ("Het vak", "De lessen zijn niet die van het vak van de student."),
    MismatchKind.PHASE: ("De fase", "De taken zijn te moeilijk of te makkelijk voor deze fase."),
    MismatchKind.TRAVEL: ("De reis", "De reis duurt langer dan haalbaar is."),
    MismatchKind.DAYS: ("De dagen", "Student en begeleiders zijn te weinig samen op school."),
    MismatchKind.GUIDANCE_HOURS: ("De uren begeleiding", "De student krijgt minder uren dan is afgesproken."),
    MismatchKind.GUIDANCE_MATCH: ("De begeleiding", "Student en begeleider werken niet goed samen."),
    MismatchKind.WORKPLACE_CONTENT: ("Het werk op de plek", "De student kan er niet leren wat nodig is."),
}
MANY = (MismatchKind.DAYS, MismatchKind.GUIDANCE_HOURS)
"""Of which there are more than one: they do not fit."""
DONE = {
    "nl.leerplek.student.registered.v1": "ingeschreven",
    "nl.leerplek.student.changed.v1": "inschrijving gewijzigd",
    "nl.leerplek.student.withdrawn.v1": "inschrijving ingetrokken",
    "nl.leerplek.student.mismatch-reported.v1": "gemeld dat student en plek niet passen",
    "nl.leerplek.student.mismatch-withdrawn.v1": "melding gesloten: het past weer",
    "nl.leerplek.student.placement-confirmed.v1": "plek bevestigd",
    "nl.leerplek.student.placement-declined.v1": "plek afgewezen",
    "nl.leerplek.student.switch-requested.v1": "om een andere plek gevraagd",
}
"""What was done with a student, by the event that told it."""
VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.REGISTERED: ("rij nieuw ingeschreven", "rijen nieuw ingeschreven"),
    Verdict.CHANGED: ("rij gewijzigd", "rijen gewijzigd"),
    Verdict.UNCHANGED: ("rij was al zo", "rijen waren al zo"),
    Verdict.WITHDRAWN: ("rij ingetrokken", "rijen ingetrokken"),
    Verdict.REPORTED: ("rij gemeld", "rijen gemeld"),
    Verdict.REFUSED: ("rij met een fout", "rijen met een fout"),
}
KINDS: Mapping[ImportKind, str] = {
    ImportKind.REGISTRATIONS: "Inschrijvingen",
    ImportKind.MISMATCHES: "Meldingen dat iets niet past",
}
SECTORS = {
    "po": "basisonderwijs",
    "vo": "voortgezet onderwijs",
    "mbo": "middelbaar beroepsonderwijs",
    "so": "speciaal onderwijs",
}
ROUTES = (
    "voltijd", "deeltijd", "zij-instroom", "pdg", "educatieve minor", "kopopleiding", "tweede bevoegdheid", "ad-pep",
)  # fmt: skip
"""Offered while somebody types; a region may have others."""
PHASES = ("WPL 1", "WPL 2", "WPL 3", "LIO", "jaar 1", "jaar 2", "jaar 3", "jaar 4")
SUPPORT = (
    ("1", "Gewone begeleiding", "Klasse 1."),
    ("2", "Meer begeleiding", "Klasse 2."),
    ("3", "Veel begeleiding", "Klasse 3."),
)
WEEKDAYS = {
    "mon": "maandag", "tue": "dinsdag", "wed": "woensdag", "thu": "donderdag", "fri": "vrijdag", "sat": "zaterdag", "sun": "zondag",
}  # fmt: skip
OUTCOMES = {
    "taken": "De student is gewisseld.",
    "refused": "Het aanbod is geweigerd. De student houdt de plek.",
    "expired": "Niet iedereen antwoordde op tijd. De student houdt de plek.",
    "no-longer-possible": "Het kan niet meer: het plan is veranderd. De student houdt de plek.",
    "no-longer-wanted": "Er wordt niet meer om een andere plek gevraagd.",
}
"""How an offer of another place ended."""
WISHES = {
    "shorter-travel": "minder reizen",
    "own-subject": "het eigen vak",
    "more-common-days": "meer dagen samen met de begeleiders",
    "other-guides": "andere begeleiders",
    "other-place": "een andere plek",
}


def by_whom(actor: str, viewer: str) -> str:
    """Who changed something, as the audit names them; `viewer` is who looks, as it would name them."""
    kind, _, org = actor.partition("/")
    if actor == viewer and kind == "person":
        return "door u"
    match kind:
        case "person":
            return "door een collega"
        case "institute":
            return f"door het systeem van opleiding {org}"
        case "operator":
            return "door de beheerder"
        case "portaal":
            return "op deze pagina’s"
        case _:
            return "door Leerplek"


def misfit(kind: MismatchKind) -> tuple[str, str, str]:
    """What does not fit, that as a sentence, and what it means."""
    title, means = MISMATCHES[kind]
    return title, f"{title} {'passen' if kind in MANY else 'past'} niet", means
