"""The Dutch of the mails: what each reason means and what can be done. Plain words (B1), and never a hint at anybody's health."""

from datetime import date

from services.notifier.domain.contacts import Role
from shared.contracts.placements import MoveCause, UnplacedReason
from shared.contracts.vocabulary import MismatchKind
from shared.dutch import counted, dutch_date

ROLE_NAMES = {
    Role.INSTITUTE_COORDINATOR: "stagecoördinator",
    Role.SCHOOL_TRAINER: "schoolopleider",
    Role.PROGRAMME_MANAGER: "programmamanager",
}

UNPLACED = {
    UnplacedReason.NO_WORKPLACE_FOR_SUBJECT: (
        "Geen school in de regio biedt een leerwerkplek voor dit vak.",
        "Vraag scholen om een plek voor dit vak te openen, of kijk of een verwant vak ook goed is.",
    ),
    UnplacedReason.NO_WORKPLACE_FOR_PHASE: (
        "Er zijn plekken voor dit vak, maar niet voor de fase van deze student.",
        "Vraag scholen met een plek voor dit vak of zij ook deze fase willen begeleiden.",
    ),
    UnplacedReason.NO_WORKPLACE_IN_REACH: (
        "De plekken die passen, liggen te ver weg of op een school die voor deze student afvalt.",
        "Bespreek met de student of een langere reis of een andere school kan. Pas daarna de inschrijving aan.",
    ),
    UnplacedReason.NO_SITE_FOR_SUPPORT: (
        "Geen school met een plek kan zo veel begeleiding geven als is gevraagd.",
        "Vraag een school of zij meer begeleiding kan geven, of kijk of de gevraagde begeleiding nog klopt.",
    ),
    UnplacedReason.NO_SEAT_IN_PERIOD: (
        "De plekken die passen, zijn niet open in de gevraagde periode.",
        "Vraag scholen om de plek ook in deze periode te openen, of geef een andere periode op.",
    ),
    UnplacedReason.NO_SUPERVISOR: (
        "Bij de plekken die passen, is geen werkplekbegeleider die deze student kan begeleiden.",
        "Vraag scholen om een begeleider aan te melden. Ook een team of een oud-leraar kan helpen.",
    ),
    UnplacedReason.NO_SUPERVISOR_HOURS: (
        "De werkplekbegeleiders bij de plekken die passen, hebben te weinig uren over.",
        "Vraag scholen om extra uren. Twee studenten samen begeleiden (een duo) kost minder uren per student.",
    ),
    UnplacedReason.NO_SCHOOL_TRAINER: (
        "Op de scholen met een plek die past, werkt geen schoolopleider.",
        "Vraag of een schoolopleider van een andere school deze school erbij kan nemen.",
    ),
    UnplacedReason.NO_SCHOOL_TRAINER_HOURS: (
        "De schoolopleiders op de scholen met een plek die past, hebben te weinig uren over.",
        "Vraag de schoolleiding om extra uren, of een schoolopleider van een andere school om hulp.",
    ),
    UnplacedReason.NO_INSTITUTE_TRAINER: (
        "Geen instituutsopleider van de opleiding komt op een school met een plek die past.",
        "Wijs een instituutsopleider aan voor zo'n school, of spreek af dat een andere opleiding dit overneemt.",
    ),
    UnplacedReason.NO_INSTITUTE_TRAINER_HOURS: (
        "De instituutsopleiders voor de scholen met een plek die past, hebben te weinig uren over.",
        "Geef een instituutsopleider meer uren, of spreek af dat een andere opleiding dit overneemt.",
    ),
    UnplacedReason.NO_COMMON_DAYS: (
        "De student en de begeleiders zijn op te weinig dagen samen op school.",
        "Kijk of de student op andere dagen kan, of vraag de school om een begeleider op deze dagen.",
    ),
    UnplacedReason.SEATS_TAKEN: (
        "Alle plekken die passen, zijn al bezet.",
        "Vraag scholen met begeleiding over om een extra plek te openen.",
    ),
    UnplacedReason.MINIMUM_NOT_MET: (
        "De school met een plek die past, begint pas als er genoeg studenten tegelijk komen. Dat zijn er nu te weinig.",
        "Vraag de school of zij ook met minder studenten wil beginnen.",
    ),
    UnplacedReason.TOGETHER_OR_APART: (
        "Deze student moet samen met, of juist apart van, een andere student worden geplaatst. Dat lukt nu niet.",
        "Kijk of deze voorwaarde nog nodig is, en pas anders de inschrijving aan.",
    ),
    UnplacedReason.NO_NORM: (
        "De regio heeft voor deze leerroute en fase niet vastgelegd hoeveel begeleiding nodig is.",
        "Vraag de programmamanager om de norm in te vullen.",
    ),
    UnplacedReason.UNKNOWN_PERIOD: (
        "De gevraagde periode bestaat niet in de regio.",
        "Kies een periode die de regio kent, en pas de inschrijving aan.",
    ),
    UnplacedReason.OUTWEIGHED: (
        "Er zijn plekken die passen, maar dan raken andere studenten hun plek kwijt.",
        "Extra plekken of extra uren voor begeleiding helpen. Vraag de programmamanager welke school ruimte heeft.",
    ),
}

NOTHING_TO_DO = "U hoeft niets te doen."

LOST = {
    MoveCause.STUDENT_CHANGED: (
        "De inschrijving van de student is veranderd. De plek past daar niet meer bij.",
        "Kijk of de nieuwe inschrijving klopt. Elke eis minder geeft meer kans op een plek.",
    ),
    MoveCause.STUDENT_WITHDRAWN: (
        "De inschrijving van de student is ingetrokken.",
        f"{NOTHING_TO_DO} Klopt dit niet? Schrijf de student dan opnieuw in.",
    ),
    MoveCause.GUIDANCE_ENDED: (
        "De begeleiding op deze plek vervalt, helemaal of voor een deel.",
        "Overleg of de school een andere begeleider of een team kan aanmelden. Dan kan de student misschien blijven.",
    ),
    MoveCause.WORKPLACE_ENDED: (
        "De school biedt deze plek niet meer aan.",
        "Overleg of de school de plek toch kan openen, of een andere plek heeft.",
    ),
    MoveCause.NO_LONGER_FITS: (
        "De plek past niet meer bij de afspraken in de regio, bijvoorbeeld over uren, plaatsen of reistijd.",
        "Overleg welke afspraak knelt, en of de school daar ruimte in heeft.",
    ),
    MoveCause.DECLINED: (
        "De opleiding heeft deze plek afgewezen.",
        "Leerplek biedt deze plek niet nog eens aan. Kijk of de wensen in de inschrijving nog kloppen.",
    ),
    MoveCause.REFUSED: (
        "De school heeft laten weten dat deze plaatsing niet kan doorgaan.",
        "Leerplek biedt deze plek niet nog eens aan. Overleg of de school een andere plek heeft.",
    ),
    MoveCause.MADE_ROOM: (
        "De plek ging naar een andere student. Zo blijven in totaal minder studenten zonder plek.",
        "Vraag de programmamanager welke scholen extra plekken of uren kunnen geven.",
    ),
    MoveCause.SWITCHED: (
        "De student zou wisselen naar een andere plek. Daar kan het nu toch niet.",
        "Leerplek zoekt opnieuw. Overleg met de programmamanager wat kan.",
    ),
}

LOST_AT_SCHOOL = {
    MoveCause.STUDENT_CHANGED: f"{NOTHING_TO_DO} De plek is weer vrij voor een andere student.",
    MoveCause.STUDENT_WITHDRAWN: f"{NOTHING_TO_DO} De plek is weer vrij voor een andere student.",
    MoveCause.GUIDANCE_ENDED: (
        "Meld een andere begeleider of een team aan in Leerplek. Dan kan de student misschien blijven."
    ),
    MoveCause.WORKPLACE_ENDED: "Open de plek toch, of bied een andere plek aan in Leerplek.",
    MoveCause.NO_LONGER_FITS: "Kijk of de uren, plaatsen en dagen van uw school in Leerplek nog kloppen.",
    MoveCause.DECLINED: f"{NOTHING_TO_DO} De plek is weer vrij voor een andere student.",
    MoveCause.REFUSED: "Heeft u een andere plek voor deze student? Geef die door in Leerplek.",
    MoveCause.MADE_ROOM: f"{NOTHING_TO_DO} Met een extra plek of meer uren kan de student misschien terugkomen.",
    MoveCause.SWITCHED: f"{NOTHING_TO_DO} De plek is weer vrij voor een andere student.",
}
"""What a school can do; the reason is told in the words of LOST."""

MISMATCH = {
    MismatchKind.SUBJECT: (
        "Het vak van de plek past niet bij de student.",
        "Overleg of de student een ander vak of een andere plek kan krijgen.",
    ),
    MismatchKind.PHASE: (
        "De plek past niet bij de fase van de opleiding waarin de student is.",
        "Overleg of de taken kunnen worden aangepast, of dat een andere plek nodig is.",
    ),
    MismatchKind.TRAVEL: (
        "De reis naar de plek is te lang.",
        "Overleg of andere dagen of tijden helpen, of dat een plek dichterbij nodig is.",
    ),
    MismatchKind.DAYS: (
        "De dagen van de student en van de plek passen niet bij elkaar.",
        "Overleg welke dagen wel kunnen, en pas die aan in Leerplek.",
    ),
    MismatchKind.GUIDANCE_HOURS: (
        "De student krijgt minder uren begeleiding dan is afgesproken.",
        "Overleg of er extra uren zijn, of dat een tweede begeleider kan meedoen.",
    ),
    MismatchKind.GUIDANCE_MATCH: (
        "De student en de begeleider passen niet goed bij elkaar.",
        "Voer samen een gesprek. Overleg daarna of een andere begeleider mogelijk is.",
    ),
    MismatchKind.WORKPLACE_CONTENT: (
        "Het werk op de plek past niet bij wat de student moet leren.",
        "Overleg welke lessen of taken wel passen, en leg dat samen vast.",
    ),
}


FINDING = {
    Role.INSTITUTE_COORDINATOR: (
        "Welke student is dit? Namen staan niet in een bericht. Bij elke student staat een korte code en het hele nummer "
        "in Leerplek. Dat nummer kreeg het systeem van uw opleiding terug bij de inschrijving. Zoek de student daar op met "
        "het nummer. Staat het er niet? Vraag uw beheerder de inschrijving met dit nummer op te halen uit Leerplek. Daar "
        "staat ook het kenmerk bij dat uw opleiding zelf gaf."
    ),
    Role.SCHOOL_TRAINER: (
        "Welke student is dit? Namen staan niet in een bericht. Noem de korte code en het nummer als u belt of mailt. De "
        "opleiding kan daarmee opzoeken wie het is."
    ),
    Role.PROGRAMME_MANAGER: (
        "Welke student is dit? Namen staan niet in een bericht. Noem de korte code en het nummer als u belt of mailt. De "
        "opleiding kan daarmee opzoeken wie het is."
    ),
}
"""How a reader finds a student; the institute's own reference is known to intake only."""


def asks_something(can: str) -> bool:
    """Whether what can be done is more than knowing of it."""
    return not can.startswith(NOTHING_TO_DO)


def before(deadline: date, today: date) -> str:
    """By when to act: `vandaag` when there is no time left."""
    return f"vandaag ({dutch_date(today)})" if deadline <= today else f"vóór {dutch_date(deadline)}"


def students(count: int) -> str:
    """One student or several, as a phrase."""
    return counted(count, "student", "studenten")
