"""Dutch: what the rules on risk, fit, shortage, load and fairness found, and what troubles Leerplek itself."""

from collections.abc import Mapping

from services.notifier.domain.phrases.dutch_places import MISMATCH, NOTHING
from services.notifier.domain.phrases.shape import Said
from shared.contracts.signals import AtRiskRule
from shared.contracts.vocabulary import MismatchKind, Tier

_MORE_HOURS = "Overleg met de school of er extra uren zijn, of dat een tweede begeleider kan meedoen."
_MORE_HOURS_AT_SCHOOL = "Maak uren vrij, of meld in Leerplek een tweede begeleider of een team aan."
_NORM = "De norm is {norm-qh:hours} per week, nu is er {given-qh:hours}: {percent-missing} % te weinig."

AT_RISK: Mapping[str, Said] = {
    AtRiskRule.UNPLACED_30_DAYS: Said(
        "De student heeft nog geen plek, en de periode begint binnen dertig dagen.",
        "Zoek nu samen met scholen naar een plek. Wat in de weg staat, leest u bij de student in Leerplek.",
        in_region="Vraag scholen in de regio om een plek of om uren voor begeleiding.",
        measured="Nog {days-left:dag|dagen} te gaan.",
    ),
    AtRiskRule.UNPLACED_14_DAYS: Said(
        "De student heeft nog geen plek, en de periode begint binnen twee weken of is al begonnen.",
        "Bel vandaag met scholen of met de programmamanager. Spreek ook af wat de student doet als het niet lukt.",
        in_region="Bel vandaag met scholen die ruimte hebben. Spreek met de opleiding af wat er gebeurt als het niet lukt.",
        measured="Nog {days-left:dag|dagen} te gaan.",
    ),
    AtRiskRule.HOURS_BELOW_80: Said(
        "De student krijgt minder dan 80 % van de begeleiding die de norm vraagt.",
        _MORE_HOURS,
        at_school=_MORE_HOURS_AT_SCHOOL,
        measured=_NORM,
    ),
    AtRiskRule.SUPPORT_BELOW_NORM: Said(
        "De student krijgt minder begeleiding dan de norm voor deze student vraagt.",
        _MORE_HOURS,
        at_school=_MORE_HOURS_AT_SCHOOL,
        measured=_NORM,
    ),
    AtRiskRule.NO_SUCCESSOR: Said(
        "Wie deze student begeleidt, is er deze periode niet meer, en niemand heeft dat overgenomen.",
        "Vraag de school vandaag wie het overneemt. Kan niemand dat? Vraag dan om een andere plek.",
        at_school="Meld vandaag een andere begeleider of een team aan in Leerplek. Dan kan de student blijven.",
        in_region="Vraag een school in de buurt of zij een begeleider kan uitlenen.",
    ),
    AtRiskRule.TRAINER_OVERLOADED: Said(
        "De schoolopleider of instituutsopleider van deze student heeft meer studenten dan uren.",
        "Overleg wie een deel van de studenten kan overnemen, of geef deze opleider meer uren.",
        at_school="Verdeel de studenten anders, of geef deze opleider meer uren in Leerplek.",
        measured="Gevraagd is {asked-qh:hours} per week, er is {available-qh:hours}.",
    ),
    AtRiskRule.SECOND_MOVE: Said(
        "De student kreeg in één periode al vaker dan één keer een andere plek.",
        "Spreek met de student. Maak de plek in Leerplek vast, dan verandert de plek niet nog eens.",
        at_school="Maak de plek in Leerplek vast, dan verandert de plek niet nog eens.",
        measured="Dat is nu {moves:keer|keer} gebeurd.",
    ),
    AtRiskRule.LONG_TRAVEL: Said(
        "De student reist meer dan anderhalf uur naar de plek.",
        "Vraag de student of dit vol te houden is. Meld anders in Leerplek dat de reis te lang is.",
        at_school="Overleg met de student over begintijden en dagen.",
        measured="De reis duurt {minutes} minuten, heen.",
    ),
    AtRiskRule.NO_BACKUP: Said(
        "Maar één persoon op de school kan deze student begeleiden. Valt die weg, dan is er niemand.",
        NOTHING,
        at_school="Kijk of een collega of een team kan inspringen, en meld die aan in Leerplek.",
    ),
    AtRiskRule.OPEN_MISMATCH: Said(
        "Een melding dat student en plek niet passen, staat al langer dan tien schooldagen open. Een andere plek is er niet.",
        "Voer een gesprek met school en student. Spreek af wat er op deze plek anders kan.",
        in_region="Breng opleiding en school bij elkaar, en kijk welke school een andere plek kan bieden.",
        measured="De melding staat {school-days:schooldag|schooldagen} open.",
    ),
    AtRiskRule.GUIDED_BY_STARTER: Said(
        "De student wordt begeleid door iemand die zelf net lesgeeft.",
        NOTHING,
        at_school="Kijk of een ervaren collega mee kan begeleiden, als team.",
    ),
}

DETECTED: Mapping[str, Said] = {
    **MISMATCH,
    MismatchKind.SUBJECT: Said(
        "De student staat bij een verwant vak, niet bij het eigen vak.",
        "Kijk of dit past bij wat de student moet leren. Zo niet: meld het in Leerplek.",
        at_school="Spreek met de student af bij welke lessen die meekijkt in het eigen vak.",
    ),
    MismatchKind.TRAVEL: Said(
        "De reis naar de plek is lang, al blijft die onder de grens.",
        "Vraag de student of dit vol te houden is.",
        at_school="Houd als het kan rekening met de reis bij begintijden.",
        measured="De reis duurt {minutes} minuten, heen.",
    ),
    MismatchKind.DAYS: Said(
        "De begeleider is er op bijna geen van de dagen waarop de student er is.",
        "Kijk of de student op andere dagen kan.",
        at_school="Kijk of een collega op de andere dagen kan begeleiden, en meld die aan in Leerplek.",
        measured="Van de {days:dag|dagen} van de student is de begeleider er op {common-days}.",
    ),
    MismatchKind.GUIDANCE_MATCH: Said(
        "Niemand van wie de student begeleidt, geeft het vak van de plek.",
        "Vraag de school of een collega van het vak mee kan kijken.",
        at_school="Kijk of een collega van het vak mee kan begeleiden, als team.",
    ),
}

_ASK_HOURS = "Elk half uur per week dat een school vrijmaakt, telt mee. Meld extra uren aan in Leerplek."
_MISSING = "Samen ontbreekt {missing-qh:hours} per week."
_WAITING = "Het gaat om {students:student|studenten}."
SHORTAGE: Mapping[str, Said] = {
    "seats": Said(
        "Er zijn te weinig leerwerkplekken voor dit vak.",
        "Vraag scholen om een plek te openen.",
        may_help="Of kijk of een verwant vak ook goed is.",
        at_school="Kijk of uw school een extra plek voor dit vak kan openen in Leerplek.",
        in_region="Vraag scholen met begeleiding over om een extra plek te openen.",
        measured=_WAITING,
    ),
    Tier.WORKPLACE_SUPERVISOR: Said(
        "Plekken zijn er, maar de werkplekbegeleiders hebben te weinig uren.",
        "Vraag scholen om extra uren.",
        may_help="Twee studenten samen begeleiden kan ook.",
        at_school=_ASK_HOURS,
        in_region="Vraag de schoolleiders om uren vrij te maken, of scholen met uren over om begeleiders uit te lenen.",
        measured=f"{_WAITING} {_MISSING}",
    ),
    Tier.SCHOOL_TRAINER: Said(
        "Plekken zijn er, maar de schoolopleiders hebben te weinig uren.",
        "Vraag de scholen om meer uren voor de schoolopleider.",
        at_school=_ASK_HOURS,
        in_region="Kijk of een schoolopleider een tweede school erbij kan nemen, of vraag om meer uren.",
        measured=f"{_WAITING} {_MISSING}",
    ),
    Tier.INSTITUTE_TRAINER: Said(
        "Plekken zijn er, maar de instituutsopleiders hebben te weinig uren.",
        "Geef een instituutsopleider meer uren, of spreek af dat een andere opleiding studenten overneemt.",
        in_region="Vraag opleidingen of hun instituutsopleiders ook elkaars studenten kunnen bezoeken.",
        measured=f"{_WAITING} {_MISSING}",
    ),
}

OVERLOADED = Said(
    "Van deze begeleider wordt meer gevraagd dan de uren die er zijn.",
    "Overleg met de school wie een deel van de studenten kan overnemen.",
    at_school="Geef extra uren, of laat een collega een deel overnemen. Pas dat aan in Leerplek.",
    in_region="Vraag een school in de buurt of zij een begeleider kan uitlenen.",
    measured="Gevraagd is {asked-qh:hours} per week, er is {available-qh:hours}.",
)
FAIRNESS = Said(
    "In deze groep blijven duidelijk meer studenten zonder plek dan in de hele regio.",
    "Bespreek met de programmamanager waarom juist deze groep geen plek vindt.",
    in_region="Kijk in Leerplek wat deze studenten missen, en vraag scholen om juist daarvoor ruimte te maken.",
    measured="Zonder plek: {unplaced} van {students}, ofwel {share} %. In de hele regio is dat {overall} %.",
)
GAP = Said(
    "Voor deze rol is nu niemand te bereiken. Misschien staat niemand ingeschreven, is er geen vervanger opgegeven, of klopt een adres niet meer. Wat voor die rol is, komt nu bij u terecht.",
    "Vraag de organisatie wie dit nu doet, en laat die persoon inschrijven of vervangen in Leerplek. Doe dat liefst deze week.",
)
PARKED = Said(
    "Leerplek kan deze berichten niet lezen en heeft ze opzij gelegd. Wat erin staat, telt nog niet mee.",
    "Doe dit vandaag nog. Bekijk ze met de opdracht leerplek parked list. Los de oorzaak op, en speel ze opnieuw af met "
    "leerplek parked replay.",
    measured="Het zijn er nu {parked}.",
)
SILENT = Said(
    "Van deze regio kwam geen nieuwe dag meer, terwijl er elke dag een hoort te komen. Leerplek ziet nu geen veranderingen.",
    "Doe dit vandaag nog. Kijk of capacity draait en of Kafka bereikbaar is. Hoe dat gaat, staat in docs/beheer.md.",
    measured="Het laatste teken is {hours} uur oud.",
)
PROPOSED = Said(
    "Leerplek vond een plek die past bij alle afspraken.",
    "Bekijk de plek in Leerplek. Bevestig haar, of wijs haar af: dan zoekt Leerplek verder.",
    at_school="Geef in Leerplek door of de student kan komen.",
    measured="De reis duurt {travel-min:minuut|minuten}, heen.",
)
SETTLED = Said("Opleiding en school zijn het eens.", NOTHING)
