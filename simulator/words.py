"""Dutch words for what a play tells."""

from typing import Final

from shared.contracts.placements import PlaceEvent, PlacementEvent, StudentUnplaced, UnplacedReason
from shared.dutch import counted

REASONS: Final = {
    UnplacedReason.NO_WORKPLACE_FOR_SUBJECT: "geen school biedt een plek voor het vak",
    UnplacedReason.NO_WORKPLACE_FOR_PHASE: "geen plek voor de fase van de student",
    UnplacedReason.NO_WORKPLACE_IN_REACH: "geen plek binnen de reistijd",
    UnplacedReason.NO_SITE_FOR_SUPPORT: "geen school die zoveel begeleiding kan geven",
    UnplacedReason.NO_SEAT_IN_PERIOD: "geen plek in de periode",
    UnplacedReason.NO_SUPERVISOR: "geen begeleider voor dit vak",
    UnplacedReason.NO_SUPERVISOR_HOURS: "begeleiders hebben te weinig uren",
    UnplacedReason.NO_SCHOOL_TRAINER: "geen schoolopleider",
    UnplacedReason.NO_SCHOOL_TRAINER_HOURS: "schoolopleiders hebben te weinig uren",
    UnplacedReason.NO_INSTITUTE_TRAINER: "geen instituutsopleider",
    UnplacedReason.NO_INSTITUTE_TRAINER_HOURS: "instituutsopleiders hebben te weinig uren",
    UnplacedReason.NO_COMMON_DAYS: "student en begeleider zijn op andere dagen op school",
    UnplacedReason.SEATS_TAKEN: "alle plekken zijn bezet",
    UnplacedReason.MINIMUM_NOT_MET: "te weinig studenten om een school te openen",
    UnplacedReason.TOGETHER_OR_APART: "samen of juist apart van een andere student lukt niet",
    UnplacedReason.NO_NORM: "de regio heeft geen norm voor deze student",
    UnplacedReason.UNKNOWN_PERIOD: "de periode bestaat niet",
    UnplacedReason.OUTWEIGHED: "kan alleen ten koste van anderen",
}


def reason_in_words(reason: str) -> str:
    """Why a student has no place."""
    return REASONS[UnplacedReason(reason)]


def students_in_words(count: int) -> str:
    """1 student, 3 studenten."""
    return counted(count, "student", "studenten")


def outcome_in_words(places: list[PlaceEvent]) -> str:
    """What became of the students whom something was about."""
    placed = sum(isinstance(each, PlacementEvent) for each in places)
    without = [each for each in places if isinstance(each, StudentUnplaced)]
    if len(places) == 1:
        if without:
            return f"geen plaats: {reason_in_words(without[0].reason)}"
        return "geplaatst" if placed else "de plaats is vrij voor een ander"
    if placed == len(places):
        return f"{students_in_words(placed)} opnieuw geplaatst"
    if len(without) == len(places):
        return f"{students_in_words(len(without))} zonder plaats"
    return f"{students_in_words(len(places))}: {placed} opnieuw geplaatst, {len(without)} zonder plaats"
