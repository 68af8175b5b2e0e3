"""Dutch: the words of a region's week."""

from services.notifier.domain.phrases.shape import Counted, Weekly
from shared.contracts.placements import UnplacedReason

WEEKLY = Weekly(
    subject="De week in uw regio",
    opening="Zo ging het in {region} van {start} tot en met {until}.",
    counts="Meldingen per soort",
    count_columns=("Soort", "Nieuw", "Opgelost", "Nu open"),
    no_counts="Er kwamen deze week geen meldingen en er staan er geen open.",
    days="Nieuwe meldingen per dag",
    days_told="De meeste kwamen op {day}: {count}.",
    days_columns=("Dag", "Nieuwe meldingen"),
    reasons="Waarom studenten nog geen plek hebben",
    reasons_told="Bij de meeste, {count} van {total}: {reason}.",
    reasons_columns=("Reden", "Studenten"),
    nobody_waits="Alle studenten hebben een plek.",
    shortages="Waar het tekort het grootst is",
    no_shortages="Er is nergens een tekort gemeld.",
    oldest="Wat het langst openstaat",
    since="sinds {date}",
    unacknowledged=Counted(
        "Bij 1 dringende melding heeft nog niemand gezegd dat die het oppakt.",
        "Bij {count} dringende meldingen heeft nog niemand gezegd dat die het oppakt.",
    ),
    mails=Counted(
        "In deze week ging 1 bericht uit naar mensen in uw regio.",
        "In deze week gingen {count} berichten uit naar mensen in uw regio.",
    ),
    see_table="Dezelfde getallen staan in de tabel hieronder.",
    short_reasons={
        UnplacedReason.NO_WORKPLACE_FOR_SUBJECT: "geen plek voor het vak",
        UnplacedReason.NO_WORKPLACE_FOR_PHASE: "geen plek voor de fase",
        UnplacedReason.NO_WORKPLACE_IN_REACH: "te ver reizen",
        UnplacedReason.NO_SITE_FOR_SUPPORT: "te veel begeleiding nodig",
        UnplacedReason.NO_SEAT_IN_PERIOD: "plek niet open in de periode",
        UnplacedReason.NO_SUPERVISOR: "geen werkplekbegeleider",
        UnplacedReason.NO_SUPERVISOR_HOURS: "te weinig uren werkplekbegeleider",
        UnplacedReason.NO_SCHOOL_TRAINER: "geen schoolopleider",
        UnplacedReason.NO_SCHOOL_TRAINER_HOURS: "te weinig uren schoolopleider",
        UnplacedReason.NO_INSTITUTE_TRAINER: "geen instituutsopleider",
        UnplacedReason.NO_INSTITUTE_TRAINER_HOURS: "te weinig uren instituutsopleider",
        UnplacedReason.NO_COMMON_DAYS: "te weinig dagen samen",
        UnplacedReason.SEATS_TAKEN: "alle plekken bezet",
        UnplacedReason.MINIMUM_NOT_MET: "te weinig studenten tegelijk",
        UnplacedReason.TOGETHER_OR_APART: "moet samen of juist apart",
        UnplacedReason.NO_NORM: "geen norm in de regio",
        UnplacedReason.UNKNOWN_PERIOD: "periode onbekend",
        UnplacedReason.OUTWEIGHED: "andere studenten gaan voor",
    },
    weekdays=("ma", "di", "wo", "do", "vr", "za", "zo"),
)
