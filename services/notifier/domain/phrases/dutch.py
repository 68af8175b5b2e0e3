"""The Dutch phrase book: plain words (B1), and never a hint at anybody's health."""

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Language, Role
from services.notifier.domain.phrases import dutch_places, dutch_signals
from services.notifier.domain.phrases.dutch_framing import FRAMING, PARTING
from services.notifier.domain.phrases.dutch_week import WEEKLY
from services.notifier.domain.phrases.shape import Counted, Naming, Phrases
from shared.dutch import called_region, dutch_date, dutch_hours, dutch_moment
from shared.phases import phase_words

_LOOKS_FOR_ANOTHER = "Leerplek blijft zoeken naar een andere plek."
_LOOKS = "Leerplek blijft zoeken naar een plek."
_WATCHES = "Leerplek blijft dit volgen. Is het voorbij, dan leest u dat in het overzicht."
NAMING = Naming(
    roles={
        Role.INSTITUTE_COORDINATOR: "stagecoördinator",
        Role.INSTITUTE_TRAINER: "instituutsopleider",
        Role.SCHOOL_TRAINER: "schoolopleider",
        Role.SCHOOL_LEADER: "schoolleider",
        Role.PROGRAMME_MANAGER: "programmamanager",
        Role.OPERATOR: "beheerder",
    },
    sectors={
        "po": "basisonderwijs",
        "vo": "voortgezet onderwijs",
        "mbo": "mbo",
        "so": "speciaal onderwijs",
    },
    tiers={"wpb": "werkplekbegeleiders", "so": "schoolopleiders", "io": "instituutsopleiders"},
    groups={
        "route": "leerroute {value}",
        "support": "ondersteuningsklasse {value}",
        "subject": "vak {value}",
        "institute": "opleiding {value}",
        "phase": "fase {value}",
        "sector": "sector {value}",
    },
    levers={
        "duo": "twee studenten die dat goed vinden samen laten begeleiden (een duo)",
        "team": "een team laten begeleiden, dat de uren deelt",
        "peer": "studenten op één school elkaar laten helpen",
        "senior": "ouderejaars beginners laten helpen",
        "extra": "een oud-leraar, onderwijsassistent of coach laten begeleiden",
        "lending": "een begeleider lenen van een school in de buurt",
        "core-shell": "de begeleiding op een grotere school ernaast geven",
        "related": "een plek bij een verwant vak",
        "shifted": "in een andere periode beginnen",
        "shared-io": "een instituutsopleider van een andere opleiding",
        "starters": "iemand die net lesgeeft laten begeleiden",
        "leadership": "uren die de schoolleider vrijmaakt",
    },
    parties={"institute": "de opleiding", "school": "de school"},
    school="school {id}",
    school_in="{name} in {town}",
    institute="opleiding {id}",
    board="bestuur {id}",
    region=called_region,
    phase=phase_words,
    platform="Leerplek",
    role_of="{role} van {organisation}",
    student="student {code}",
    guide="begeleider {code}",
    subject=", {subject}",
    period=", periode {period}",
    period_from=", periode vanaf {date}",
    at=", op {site}",
    was_at=", eerst op {site}",
    moved=", nu op {site}, eerst op {before}",
    reported_by=", gemeld door {party}",
    parked="berichten op {topic}",
    tier_concerned="Het gaat om de {tier}.",
    region_wide=", in de hele regio",
)

DUTCH = Phrases(
    language=Language.DUTCH,
    date=dutch_date,
    moment=dutch_moment,
    hours=dutch_hours,
    subjects={
        AlertKind.PROPOSED: "Nieuwe plaatsing voorgesteld",
        AlertKind.CHANGED: "Plaatsing veranderd",
        AlertKind.SETTLED: "Plaatsing staat vast",
        AlertKind.LOST: "Plaatsing vervallen",
        AlertKind.UNPLACED: "Student zonder leerwerkplek",
        AlertKind.MISMATCH: "Melding: student en plek passen niet",
        AlertKind.DETECTED: "Student en plek passen minder goed",
        AlertKind.AT_RISK: "Student loopt risico",
        AlertKind.SHORTAGE: "Te weinig plekken of begeleiding",
        AlertKind.OVERLOADED: "Begeleider heeft te weinig uren",
        AlertKind.FAIRNESS: "Eén groep vindt minder vaak een plek",
        AlertKind.GAP: "Voor een rol is niemand te bereiken",
        AlertKind.PARKED: "Berichten die Leerplek niet kan lezen",
        AlertKind.SILENT: "Een regio laat niets meer horen",
    },
    openings={
        AlertKind.PROPOSED: Counted(
            "Voor 1 student is een plek voorgesteld.", "Voor {count} studenten is een plek voorgesteld."
        ),
        AlertKind.CHANGED: Counted(
            "Voor 1 student is de plek veranderd.", "Voor {count} studenten is de plek veranderd."
        ),
        AlertKind.SETTLED: Counted("Voor 1 student staat de plek vast.", "Voor {count} studenten staat de plek vast."),
        AlertKind.LOST: Counted(
            "1 student had een leerwerkplek en nu niet meer.",
            "{count} studenten hadden een leerwerkplek en nu niet meer.",
        ),
        AlertKind.UNPLACED: Counted(
            "Voor 1 student is nog geen leerwerkplek gevonden.",
            "Voor {count} studenten is nog geen leerwerkplek gevonden.",
        ),
        AlertKind.MISMATCH: Counted(
            "Bij 1 student is gemeld dat de student en de plek niet goed bij elkaar passen.",
            "Bij {count} studenten is gemeld dat de student en de plek niet goed bij elkaar passen.",
        ),
        AlertKind.DETECTED: Counted(
            "Bij 1 student past de plek minder goed, al mag het volgens de regels.",
            "Bij {count} studenten past de plek minder goed, al mag het volgens de regels.",
        ),
        AlertKind.AT_RISK: Counted("1 student loopt risico.", "{count} studenten lopen risico."),
        AlertKind.SHORTAGE: Counted(
            "Voor 1 vak zijn er te weinig plekken of te weinig uren begeleiding.",
            "Op {count} punten zijn er te weinig plekken of te weinig uren begeleiding.",
        ),
        AlertKind.OVERLOADED: Counted(
            "Bij 1 begeleider zijn meer uren nodig dan er zijn.",
            "Bij {count} begeleiders zijn meer uren nodig dan er zijn.",
        ),
        AlertKind.FAIRNESS: Counted(
            "1 groep studenten vindt minder vaak een plek dan de rest.",
            "{count} groepen studenten vinden minder vaak een plek dan de rest.",
        ),
        AlertKind.GAP: Counted("Voor 1 rol is niemand te bereiken.", "Voor {count} rollen is niemand te bereiken."),
        AlertKind.PARKED: Counted(
            "Op 1 plaats zijn er berichten die Leerplek niet kan lezen.",
            "Op {count} plaatsen zijn er berichten die Leerplek niet kan lezen.",
        ),
        AlertKind.SILENT: Counted("1 regio laat niets meer horen.", "{count} regio's laten niets meer horen."),
    },
    lost_at_school={
        True: Counted(
            "Bij 1 student vervalt de plaatsing op uw school.",
            "Bij {count} studenten vervalt de plaatsing op uw school.",
        ),
        False: Counted(
            "Bij 1 student vervalt de plaatsing op een school.",
            "Bij {count} studenten vervalt de plaatsing op een school.",
        ),
    },
    closings={
        AlertKind.LOST: _LOOKS_FOR_ANOTHER,
        AlertKind.UNPLACED: _LOOKS,
        AlertKind.MISMATCH: "Is het opgelost? Trek de melding dan in, of vraag dat aan wie meldde.",
        AlertKind.DETECTED: _WATCHES,
        AlertKind.AT_RISK: _WATCHES,
        AlertKind.SHORTAGE: _WATCHES,
        AlertKind.OVERLOADED: _WATCHES,
        AlertKind.FAIRNESS: _WATCHES,
        AlertKind.GAP: "Zodra iemand te bereiken is, gaan de berichten vanzelf daarheen.",
        AlertKind.PARKED: "Zodra ze zijn gelezen of weggedaan, is deze melding voorbij.",
        AlertKind.SILENT: "Zodra de regio weer iets laat horen, is deze melding voorbij.",
    },
    no_search="Leerplek zoekt geen andere plek: de inschrijving is er niet meer.",
    some_search="Voor wie nog is ingeschreven, blijft Leerplek zoeken naar een andere plek.",
    said={
        AlertKind.PROPOSED: {"": dutch_signals.PROPOSED},
        AlertKind.SETTLED: {"": dutch_signals.SETTLED},
        AlertKind.CHANGED: dutch_places.CHANGED,
        AlertKind.LOST: dutch_places.LOST,
        AlertKind.UNPLACED: dutch_places.UNPLACED,
        AlertKind.MISMATCH: dutch_places.MISMATCH,
        AlertKind.DETECTED: dutch_signals.DETECTED,
        AlertKind.AT_RISK: dutch_signals.AT_RISK,
        AlertKind.SHORTAGE: dutch_signals.SHORTAGE,
        AlertKind.OVERLOADED: {"": dutch_signals.OVERLOADED},
        AlertKind.FAIRNESS: {"": dutch_signals.FAIRNESS},
        AlertKind.GAP: {"": dutch_signals.GAP},
        AlertKind.PARKED: {"": dutch_signals.PARKED},
        AlertKind.SILENT: {"": dutch_signals.SILENT},
    },
    still_unplaced="Er is nog geen andere plek.",
    naming=NAMING,
    framing=FRAMING,
    weekly=WEEKLY,
    parting=PARTING,
)
