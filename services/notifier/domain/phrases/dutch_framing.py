"""Dutch: the sentences around what is told."""

from services.notifier.domain.alerts import Level, News
from services.notifier.domain.contacts import Role
from services.notifier.domain.doors import Behind
from services.notifier.domain.phrases import dutch_places
from services.notifier.domain.phrases.shape import Counted, Framing, Parting

_FIND_BY_CODE = (
    "Welke student is dit? Namen staan niet in een bericht. Noem de korte code en het nummer als u belt of mailt. De "
    "opleiding kan daarmee opzoeken wie het is."
)
_FIND_AT_INSTITUTE = (
    "Welke student is dit? Namen staan niet in een bericht. Bij elke student staat een korte code en het hele nummer "
    "in Leerplek. Dat nummer kreeg het systeem van uw opleiding terug bij de inschrijving. Zoek de student daar op met "
    "het nummer. Staat het er niet? Vraag uw beheerder de inschrijving met dit nummer op te halen uit Leerplek. Daar "
    "staat ook het kenmerk bij dat uw opleiding zelf gaf."
)

FRAMING = Framing(
    today="vandaag ({date})",
    before="vóór {date}",
    arrange="Regel het onderstaande liefst {when}.",
    preferably="Liefst {when}.",
    advice="Wat u kunt doen:",
    nothing_to_do=dutch_places.NOTHING,
    you_reported=f"{dutch_places.NOTHING} De andere partij is gevraagd iets te doen. Het gesprek dat wordt voorgesteld, is ook voor u.",
    preview="Wat u kunt doen, liefst {when}.",
    levers=Counted(
        "Deze maatregel is op zichzelf genoeg, en niemand anders krijgt er een andere plek door: {levers}.",
        "Elk van deze maatregelen is op zichzelf genoeg, en niemand anders krijgt er een andere plek door: {levers}.",
    ),
    levers_some=Counted(
        "Deze maatregel helpt minstens één van hen, en niemand anders krijgt er een andere plek door: {levers}.",
        "Elk van deze maatregelen helpt minstens één van hen, en niemand anders krijgt er een andere plek door: {levers}.",
    ),
    helps_some="{lever}, voor {count} van de {of} studenten die zijn nagerekend",
    also_asked="Ook gevraagd: {roles}.",
    number="Nummer in Leerplek: {number}",
    call="Bel {who}: {phone}.",
    call_by_mail="Mail {who}: {email}.",
    name_and_role="{name}, {role}",
    nobody_to_call="Voor overleg is nog niemand bekend. Er staat geen {role} ingeschreven.",
    questions="Vragen? {call}",
    the_role="de {role}",
    somebody="iemand",
    somebody_of="iemand van {organisation}",
    taken_on="{who} heeft dit opgepakt, op {date}.",
    stands_in="Er is nu niemand te bereiken als {role}. Daarom krijgt u dit bericht.",
    replaces="U krijgt dit in de plaats van een collega: {role}.",
    escalated="Dit ging eerst naar: {roles}. Niemand liet weten het op te pakken. Daarom krijgt u het nu.",
    hides=Counted(
        "Over 1 student krijgt u daarom geen los bericht.",
        "Over {count} studenten krijgt u daarom geen los bericht.",
    ),
    because="U ontvangt dit omdat u in Leerplek staat als {role}.",
    and_last="{others} en {last}",
    automatic="Dit bericht is automatisch gemaakt. Uw antwoord komt niet aan.",
    news={
        News.RAISED: "",
        News.WORSENED: "Dit is erger geworden.",
        News.REMINDER: "Herinnering: dit staat nog open.",
        News.ESCALATED: "Nog niemand heeft dit opgepakt.",
        News.HANDED_OVER: "Dit is aan u doorgegeven.",
        News.RELEASED: "Wie dit oppakte, staat niet meer in Leerplek. Het staat nog open.",
        News.RESTLESS: "Dit is deze week al een paar keer gekomen en gegaan.",
        News.CLEARED: "Dit is opgelost.",
    },
    solved="Dit is opgelost. U hoeft niets te doen.",
    sections={
        Level.CRITICAL: "Regel dit eerst",
        Level.WARNING: "Let op",
        Level.INFO: "Ter informatie",
    },
    section_solved="Opgelost",
    and_more=Counted("En nog 1. Die staat in Leerplek.", "En nog {count}. Die staan in Leerplek."),
    in_short=Counted("En nog 1, in het kort:", "En nog {count}, in het kort:"),
    page="Dit bericht in Leerplek bekijken",
    all_pages="Alle meldingen bekijken",
    text_page="Dit bericht staat ook op {link}",
    text_all_pages="Alle meldingen staan op {link}",
    doors={
        Behind.STUDENT: "Bekijk deze student in Leerplek",
        Behind.STUDENTS: "Bekijk de studenten van uw school in Leerplek",
        Behind.SUPERVISOR: "Bekijk deze begeleider in Leerplek",
        Behind.SUPERVISORS: "Bekijk de begeleiders van uw school in Leerplek",
        Behind.WORKPLACES: "Bekijk de leerwerkplekken van uw school in Leerplek",
        Behind.REGION: "Bekijk uw regio in Leerplek",
        Behind.HEARERS: "Bekijk wie daar berichten krijgt",
        Behind.ALERT: "Bekijk deze melding in Leerplek",
    },
    whole="Bekijk dit bericht met wat u kunt doen",
    answer="Laat weten wat u doet",
    answering="Pakt u dit op, wilt u later een herinnering, of is dit voor een ander?",
    calmer="Liever één keer per dag een overzicht?",
    wishes="Kies zelf wat u wanneer hoort:",
    finding_guide=(
        "Welke begeleider is dit? Namen staan niet in een bericht. De schoolopleider vindt de begeleider in Leerplek met de "
        "code, bij Begeleiders."
    ),
    finding={
        Role.INSTITUTE_COORDINATOR: _FIND_AT_INSTITUTE,
        Role.INSTITUTE_TRAINER: _FIND_AT_INSTITUTE,
        Role.SCHOOL_TRAINER: _FIND_BY_CODE,
        Role.SCHOOL_LEADER: _FIND_BY_CODE,
        Role.PROGRAMME_MANAGER: _FIND_BY_CODE,
        Role.OPERATOR: _FIND_BY_CODE,
    },
    meeting=(
        "Voorstel voor een gesprek van student, opleiding en school: {moment}, op {place}. Het zit als afspraak bij dit "
        "bericht. Past dat niet? Kies samen een andere tijd."
    ),
    meeting_title="Voorstel: gesprek over student {code}",
    meeting_about=(
        "Student, opleiding en school bespreken samen wat er niet past, en wat anders kan. Past deze tijd niet? Verplaats "
        "de afspraak in uw agenda. Nummer in Leerplek: {number}"
    ),
    digest_subject="Overzicht van Leerplek",
    digest_opening=Counted(
        "Er is 1 ding dat u moet weten.",
        "Er zijn {count} dingen die u moet weten.",
    ),
    digest_urgent=Counted(
        "Eén daarvan kan niet wachten.",
        "{count} daarvan kunnen niet wachten.",
    ),
    overflow_subject="Meer meldingen van Leerplek",
    overflow_opening=Counted(
        "U kreeg vandaag al veel berichten. Daarom staat er nog 1 melding in het kort in dit bericht.",
        "U kreeg vandaag al veel berichten. Daarom staan {count} andere meldingen in het kort in dit bericht.",
    ),
)

PARTING = Parting(
    changed_subject="Uw adres in Leerplek is gewijzigd",
    changed=(
        "U stond met dit adres in Leerplek als {role}. Op {moment} is daar een ander adres voor ingevuld. Op dit adres "
        "krijgt u daarvoor geen berichten meer."
    ),
    removed_subject="U bent in Leerplek uit een rol gehaald",
    removed=(
        "U stond met dit adres in Leerplek als {role}. Op {moment} bent u daar uit gehaald. U krijgt daarvoor geen "
        "berichten meer."
    ),
    right="Klopt dit? Dan hoeft u niets te doen.",
    wrong=(
        "Klopt dit niet? Vraag een collega om het terug te zetten, bij “Wie hoort wat” in Leerplek. Leerplek bewaart wie "
        "dit wijzigde."
    ),
    because="U ontvangt dit één keer, omdat u met dit adres in Leerplek stond.",
)
