"""Dutch: why there is no place, why one was lost or changed, and what does not fit. Plain words, and nobody's health."""

from collections.abc import Mapping

from services.notifier.domain.phrases.shape import Said
from shared.contracts.placements import MoveCause, UnplacedReason
from shared.contracts.vocabulary import MismatchKind

NOTHING = "U hoeft niets te doen."
_FREE_AGAIN = f"{NOTHING} De plek is weer vrij voor een andere student."

UNPLACED: Mapping[str, Said] = {
    UnplacedReason.NO_WORKPLACE_FOR_SUBJECT: Said(
        "Geen school in de regio biedt een leerwerkplek voor dit vak.",
        "Vraag scholen om een plek voor dit vak te openen.",
        may_help="Of kijk of een verwant vak ook goed is.",
    ),
    UnplacedReason.NO_WORKPLACE_FOR_PHASE: Said(
        "Er zijn plekken voor dit vak, maar niet voor de fase van deze student.",
        "Vraag scholen met een plek voor dit vak of zij ook deze fase willen begeleiden.",
        measured="Voor het vak zijn er {workplaces-for-subject:plek|plekken} in de regio.",
    ),
    UnplacedReason.NO_WORKPLACE_IN_REACH: Said(
        "De plekken die passen, liggen te ver weg of op een school die voor deze student afvalt.",
        "Bespreek met de student of een langere reis of een andere school kan. Pas daarna de inschrijving aan.",
        measured="De dichtste plek is {nearest-min} minuten reizen. De grens is {limit-min} minuten.",
    ),
    UnplacedReason.NO_SITE_FOR_SUPPORT: Said(
        "Geen school met een plek kan zo veel begeleiding geven als is gevraagd.",
        "Vraag een school of zij meer begeleiding kan geven, of kijk of de gevraagde begeleiding nog klopt.",
    ),
    UnplacedReason.NO_SEAT_IN_PERIOD: Said(
        "De plekken die passen, zijn niet open in de gevraagde periode.",
        "Vraag scholen om de plek ook in deze periode te openen, of geef een andere periode op.",
        measured="Het gaat om {workplaces-in-reach:plek|plekken} binnen de reistijd.",
    ),
    UnplacedReason.NO_SUPERVISOR: Said(
        "Bij de plekken die passen, is geen werkplekbegeleider die deze student kan begeleiden.",
        "Vraag scholen om een begeleider aan te melden.",
        may_help="Ook een team of een oud-leraar kan helpen.",
        measured="Dat geldt voor {places-without:plek|plekken} binnen de reistijd.",
    ),
    UnplacedReason.NO_SUPERVISOR_HOURS: Said(
        "De werkplekbegeleiders bij de plekken die passen, hebben te weinig uren over.",
        "Vraag scholen om extra uren.",
        may_help="Twee studenten samen begeleiden (een duo) kost minder uren per student.",
        measured="Ook wie de meeste uren over heeft, komt {short-qh:hours} per week tekort.",
    ),
    UnplacedReason.NO_SCHOOL_TRAINER: Said(
        "Op de scholen met een plek die past, werkt geen schoolopleider.",
        "Vraag of een schoolopleider van een andere school deze school erbij kan nemen.",
    ),
    UnplacedReason.NO_SCHOOL_TRAINER_HOURS: Said(
        "De schoolopleiders op de scholen met een plek die past, hebben te weinig uren over.",
        "Vraag de schoolleiding om extra uren, of een schoolopleider van een andere school om hulp.",
        measured="Ook wie de meeste uren over heeft, komt {short-qh:hours} per week tekort.",
    ),
    UnplacedReason.NO_INSTITUTE_TRAINER: Said(
        "Geen instituutsopleider van de opleiding komt op een school met een plek die past.",
        "Wijs een instituutsopleider aan voor zo'n school, of spreek af dat een andere opleiding dit overneemt.",
    ),
    UnplacedReason.NO_INSTITUTE_TRAINER_HOURS: Said(
        "De instituutsopleiders voor de scholen met een plek die past, hebben te weinig uren over.",
        "Geef een instituutsopleider meer uren, of spreek af dat een andere opleiding dit overneemt.",
        measured="Ook wie de meeste uren over heeft, komt {short-qh:hours} per week tekort.",
    ),
    UnplacedReason.NO_COMMON_DAYS: Said(
        "De student en de begeleiders zijn op te weinig dagen samen op school.",
        "Kijk of de student op andere dagen kan, of vraag de school om een begeleider op deze dagen.",
    ),
    UnplacedReason.SEATS_TAKEN: Said(
        "Alle plekken die passen, zijn al bezet.",
        "Vraag scholen met begeleiding over om een extra plek te openen.",
        measured="Er zijn {places:plek die past|plekken die passen}, en alle zijn bezet.",
    ),
    UnplacedReason.MINIMUM_NOT_MET: Said(
        "De school met een plek die past, begint pas als er genoeg studenten tegelijk komen. Dat zijn er nu te weinig.",
        "Vraag de school of zij ook met minder studenten wil beginnen.",
    ),
    UnplacedReason.TOGETHER_OR_APART: Said(
        "Deze student moet samen met, of juist apart van, een andere student worden geplaatst. Dat lukt nu niet.",
        "Kijk of deze voorwaarde nog nodig is, en pas anders de inschrijving aan.",
    ),
    UnplacedReason.NO_NORM: Said(
        "De regio heeft voor deze leerroute en fase niet vastgelegd hoeveel begeleiding nodig is.",
        "Vraag de programmamanager om de norm in te vullen.",
        in_region="Vul in Leerplek de norm in voor deze leerroute en fase.",
    ),
    UnplacedReason.UNKNOWN_PERIOD: Said(
        "De gevraagde periode bestaat niet in de regio.",
        "Kies een periode die de regio kent, en pas de inschrijving aan.",
    ),
    UnplacedReason.OUTWEIGHED: Said(
        "Er zijn plekken die passen, maar dan raken andere studenten hun plek kwijt.",
        "Extra plekken of extra uren voor begeleiding helpen. Vraag de programmamanager welke school ruimte heeft.",
        in_region="Extra plekken of extra uren voor begeleiding helpen. Vraag scholen met ruimte om mee te doen.",
        measured="Er zijn {places:plek die past|plekken die passen}, en geen daarvan is vrij.",
    ),
}

LOST: Mapping[str, Said] = {
    MoveCause.STUDENT_CHANGED: Said(
        "De inschrijving van de student is veranderd. De plek past daar niet meer bij.",
        "Kijk of de nieuwe inschrijving klopt. Elke eis minder geeft meer kans op een plek.",
        at_school=_FREE_AGAIN,
    ),
    MoveCause.STUDENT_WITHDRAWN: Said(
        "De inschrijving van de student is ingetrokken.",
        f"{NOTHING} Klopt dit niet? Schrijf de student dan opnieuw in.",
        at_school=_FREE_AGAIN,
    ),
    MoveCause.GUIDANCE_ENDED: Said(
        "De begeleiding op deze plek vervalt, helemaal of voor een deel.",
        "Overleg of de school een andere begeleider of een team kan aanmelden. Dan kan de student misschien blijven.",
        at_school="Meld een andere begeleider of een team aan in Leerplek. Dan kan de student misschien blijven.",
    ),
    MoveCause.WORKPLACE_ENDED: Said(
        "De school biedt deze plek niet meer aan.",
        "Overleg of de school de plek toch kan openen, of een andere plek heeft.",
        at_school="Open de plek toch, of bied een andere plek aan in Leerplek.",
    ),
    MoveCause.NO_LONGER_FITS: Said(
        "De plek past niet meer bij de afspraken in de regio, bijvoorbeeld over uren, plaatsen of reistijd.",
        "Overleg welke afspraak knelt, en of de school daar ruimte in heeft.",
        at_school="Kijk of de uren, plaatsen en dagen van uw school in Leerplek nog kloppen.",
    ),
    MoveCause.DECLINED: Said(
        "De opleiding heeft deze plek afgewezen.",
        "Leerplek biedt deze plek niet nog eens aan. Kijk of de wensen in de inschrijving nog kloppen.",
        at_school=_FREE_AGAIN,
    ),
    MoveCause.REFUSED: Said(
        "De school heeft laten weten dat deze plaatsing niet kan doorgaan.",
        "Leerplek biedt deze plek niet nog eens aan. Overleg of de school een andere plek heeft.",
        at_school="Heeft u een andere plek voor deze student? Geef die door in Leerplek.",
    ),
    MoveCause.MADE_ROOM: Said(
        "De plek ging naar een andere student. Zo blijven in totaal minder studenten zonder plek.",
        "Vraag de programmamanager welke scholen extra plekken of uren kunnen geven.",
        at_school=f"{NOTHING} Met een extra plek of meer uren kan de student misschien terugkomen.",
        in_region="Vraag scholen om extra plekken of extra uren voor begeleiding.",
    ),
    MoveCause.SWITCHED: Said(
        "De student zou wisselen naar een andere plek. Daar kan het nu toch niet.",
        "Leerplek zoekt opnieuw. Overleg met de programmamanager wat kan.",
        at_school=_FREE_AGAIN,
        in_region="Leerplek zoekt opnieuw. Overleg met de opleiding wat kan.",
    ),
}

_LOOK = "Bekijk de nieuwe plek in Leerplek. Past die niet? Wijs haar af, dan zoekt Leerplek verder."
_ANSWER = "Kijk in Leerplek of de nieuwe student kan komen, en geef dat door."
CHANGED: Mapping[str, Said] = {
    MoveCause.STUDENT_CHANGED: Said("De inschrijving van de student is veranderd.", _LOOK, at_school=_ANSWER),
    MoveCause.STUDENT_WITHDRAWN: Said("De inschrijving van een student is ingetrokken.", _LOOK, at_school=_ANSWER),
    MoveCause.GUIDANCE_ENDED: Said("De begeleiding op de eerste plek is er niet meer.", _LOOK, at_school=_ANSWER),
    MoveCause.WORKPLACE_ENDED: Said("De school biedt de eerste plek niet meer aan.", _LOOK, at_school=_ANSWER),
    MoveCause.NO_LONGER_FITS: Said("De eerste plek past niet meer bij de afspraken.", _LOOK, at_school=_ANSWER),
    MoveCause.DECLINED: Said("De opleiding heeft de eerste plek afgewezen.", _LOOK, at_school=_ANSWER),
    MoveCause.REFUSED: Said("De eerste plek kon volgens de school niet doorgaan.", _LOOK, at_school=_ANSWER),
    MoveCause.MADE_ROOM: Said("Zo is er ook plek voor een andere student.", _LOOK, at_school=_ANSWER),
    MoveCause.SWITCHED: Said("Opleiding en school waren het eens over een wissel.", NOTHING),
}

MISMATCH: Mapping[str, Said] = {
    MismatchKind.SUBJECT: Said(
        "Het vak van de plek past niet bij de student.",
        "Overleg of de student een ander vak of een andere plek kan krijgen.",
    ),
    MismatchKind.PHASE: Said(
        "De plek past niet bij de fase van de opleiding waarin de student is.",
        "Overleg of de taken kunnen worden aangepast, of dat een andere plek nodig is.",
    ),
    MismatchKind.TRAVEL: Said(
        "De reis naar de plek is te lang.",
        "Overleg of andere dagen of tijden helpen, of dat een plek dichterbij nodig is.",
    ),
    MismatchKind.DAYS: Said(
        "De dagen van de student en van de plek passen niet bij elkaar.",
        "Overleg welke dagen wel kunnen, en pas die aan in Leerplek.",
    ),
    MismatchKind.GUIDANCE_HOURS: Said(
        "De student krijgt minder uren begeleiding dan is afgesproken.",
        "Overleg of er extra uren zijn, of dat een tweede begeleider kan meedoen.",
    ),
    MismatchKind.GUIDANCE_MATCH: Said(
        "De student en de begeleider passen niet goed bij elkaar.",
        "Voer samen een gesprek. Overleg daarna of een andere begeleider mogelijk is.",
    ),
    MismatchKind.WORKPLACE_CONTENT: Said(
        "Het werk op de plek past niet bij wat de student moet leren.",
        "Overleg welke lessen of taken wel passen, en leg dat samen vast.",
    ),
}
