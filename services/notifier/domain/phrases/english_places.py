"""English: why there is no place, why one was lost or changed, and what does not fit."""

from collections.abc import Mapping

from services.notifier.domain.phrases.shape import Said
from shared.contracts.placements import MoveCause, UnplacedReason
from shared.contracts.vocabulary import MismatchKind

NOTHING = "You do not have to do anything."
_FREE_AGAIN = f"{NOTHING} The place is free again for another student."

UNPLACED: Mapping[str, Said] = {
    UnplacedReason.NO_WORKPLACE_FOR_SUBJECT: Said(
        "No school in the region offers a place for this subject.",
        "Ask schools to open a place for this subject.",
        may_help="Or see whether a related subject will do.",
    ),
    UnplacedReason.NO_WORKPLACE_FOR_PHASE: Said(
        "There are places for this subject, but not for the phase of this student.",
        "Ask schools with a place for this subject whether they will also guide this phase.",
        measured="For the subject there are {workplaces-for-subject:place|places} in the region.",
    ),
    UnplacedReason.NO_WORKPLACE_IN_REACH: Said(
        "The places that fit are too far away, or at a school that is excluded for this student.",
        "Discuss with the student whether a longer journey or another school will do. Then change the registration.",
        measured="The nearest place is {nearest-min} minutes away. The limit is {limit-min} minutes.",
    ),
    UnplacedReason.NO_SITE_FOR_SUPPORT: Said(
        "No school with a place can give as much guidance as is asked for.",
        "Ask a school whether it can give more guidance, or see whether the guidance asked for is still right.",
    ),
    UnplacedReason.NO_SEAT_IN_PERIOD: Said(
        "The places that fit are not open in the period asked for.",
        "Ask schools to open the place in this period too, or give another period.",
        measured="It concerns {workplaces-in-reach:place|places} within the travel time.",
    ),
    UnplacedReason.NO_SUPERVISOR: Said(
        "At the places that fit there is no workplace supervisor who can guide this student.",
        "Ask schools to register a supervisor.",
        may_help="A team or a retired teacher can help too.",
        measured="That holds for {places-without:place|places} within the travel time.",
    ),
    UnplacedReason.NO_SUPERVISOR_HOURS: Said(
        "The workplace supervisors at the places that fit have too few hours left.",
        "Ask schools for more hours.",
        may_help="Guiding two students together (a duo) takes fewer hours per student.",
        measured="Whoever has most hours left is {short-qh:hours} a week short.",
    ),
    UnplacedReason.NO_SCHOOL_TRAINER: Said(
        "The schools with a place that fits have no school trainer.",
        "Ask whether a school trainer of another school can take this school too.",
    ),
    UnplacedReason.NO_SCHOOL_TRAINER_HOURS: Said(
        "The school trainers at the schools with a place that fits have too few hours left.",
        "Ask the school leaders for more hours, or a school trainer of another school for help.",
        measured="Whoever has most hours left is {short-qh:hours} a week short.",
    ),
    UnplacedReason.NO_INSTITUTE_TRAINER: Said(
        "No institute trainer of the institute visits a school with a place that fits.",
        "Appoint an institute trainer for such a school, or agree that another institute takes this on.",
    ),
    UnplacedReason.NO_INSTITUTE_TRAINER_HOURS: Said(
        "The institute trainers for the schools with a place that fits have too few hours left.",
        "Give an institute trainer more hours, or agree that another institute takes this on.",
        measured="Whoever has most hours left is {short-qh:hours} a week short.",
    ),
    UnplacedReason.NO_COMMON_DAYS: Said(
        "The student and the supervisors are at school together on too few days.",
        "See whether the student can come on other days, or ask the school for a supervisor on these days.",
    ),
    UnplacedReason.SEATS_TAKEN: Said(
        "All places that fit are taken.",
        "Ask schools that have guidance left to open another place.",
        measured="There are {places:place that fits|places that fit}, and all are taken.",
    ),
    UnplacedReason.MINIMUM_NOT_MET: Said(
        "The school with a place that fits starts only when enough students come together. Now there are too few.",
        "Ask the school whether it will start with fewer students.",
    ),
    UnplacedReason.TOGETHER_OR_APART: Said(
        "This student must be placed together with, or apart from, another student. That is not possible now.",
        "See whether this condition is still needed, and change the registration if it is not.",
    ),
    UnplacedReason.NO_NORM: Said(
        "The region has not laid down how much guidance this route and phase need.",
        "Ask the programme manager to fill in the norm.",
        in_region="Fill in the norm for this route and phase in Leerplek.",
    ),
    UnplacedReason.UNKNOWN_PERIOD: Said(
        "The period asked for does not exist in the region.",
        "Choose a period that the region knows, and change the registration.",
    ),
    UnplacedReason.OUTWEIGHED: Said(
        "There are places that fit, but then other students would lose theirs.",
        "More places or more hours of guidance help. Ask the programme manager which school has room.",
        in_region="More places or more hours of guidance help. Ask schools that have room to join.",
        measured="There are {places:place that fits|places that fit}, and none of them is free.",
    ),
}

LOST: Mapping[str, Said] = {
    MoveCause.STUDENT_CHANGED: Said(
        "The student's registration has changed. The place no longer fits it.",
        "Check the new registration. Every demand less gives a better chance of a place.",
        at_school=_FREE_AGAIN,
    ),
    MoveCause.STUDENT_WITHDRAWN: Said(
        "The student's registration was withdrawn.",
        f"{NOTHING} Is this not right? Then register the student again.",
        at_school=_FREE_AGAIN,
    ),
    MoveCause.GUIDANCE_ENDED: Said(
        "The guidance at this place ends, wholly or in part.",
        "Discuss whether the school can register another supervisor or a team. Then the student may be able to stay.",
        at_school="Register another supervisor or a team in Leerplek. Then the student may be able to stay.",
    ),
    MoveCause.WORKPLACE_ENDED: Said(
        "The school no longer offers this place.",
        "Discuss whether the school can open the place after all, or has another one.",
        at_school="Open the place after all, or offer another one in Leerplek.",
    ),
    MoveCause.NO_LONGER_FITS: Said(
        "The place no longer fits what was agreed in the region, for instance on hours, seats or travel.",
        "Discuss which agreement is too tight, and whether the school has room in it.",
        at_school="Check whether the hours, seats and days of your school in Leerplek are still right.",
    ),
    MoveCause.DECLINED: Said(
        "The institute declined this place.",
        "Leerplek does not offer this place again. Check whether the wishes in the registration are still right.",
        at_school=_FREE_AGAIN,
    ),
    MoveCause.REFUSED: Said(
        "The school told us that this placement cannot go on.",
        "Leerplek does not offer this place again. Discuss whether the school has another one.",
        at_school="Do you have another place for this student? Tell us in Leerplek.",
    ),
    MoveCause.MADE_ROOM: Said(
        "The place went to another student. In this way fewer students are without a place.",
        "Ask the programme manager which schools can give more places or hours.",
        at_school=f"{NOTHING} With one more place or more hours the student may be able to return.",
        in_region="Ask schools for more places or more hours of guidance.",
    ),
    MoveCause.SWITCHED: Said(
        "The student was to switch to another place. That is not possible after all.",
        "Leerplek searches again. Discuss with the programme manager what can be done.",
        at_school=_FREE_AGAIN,
        in_region="Leerplek searches again. Discuss with the institute what can be done.",
    ),
}

_LOOK = "Look at the new place in Leerplek. Does it not fit? Decline it, and Leerplek searches on."
_ANSWER = "See in Leerplek whether the new student can come, and tell us."
CHANGED: Mapping[str, Said] = {
    MoveCause.STUDENT_CHANGED: Said("The student's registration has changed.", _LOOK, at_school=_ANSWER),
    MoveCause.STUDENT_WITHDRAWN: Said("A student's registration was withdrawn.", _LOOK, at_school=_ANSWER),
    MoveCause.GUIDANCE_ENDED: Said("The guidance at the first place is no longer there.", _LOOK, at_school=_ANSWER),
    MoveCause.WORKPLACE_ENDED: Said("The school no longer offers the first place.", _LOOK, at_school=_ANSWER),
    MoveCause.NO_LONGER_FITS: Said("The first place no longer fits what was agreed.", _LOOK, at_school=_ANSWER),
    MoveCause.DECLINED: Said("The institute declined the first place.", _LOOK, at_school=_ANSWER),
    MoveCause.REFUSED: Said("The first place could not go on, the school said.", _LOOK, at_school=_ANSWER),
    MoveCause.MADE_ROOM: Said("In this way there is a place for another student too.", _LOOK, at_school=_ANSWER),
    MoveCause.SWITCHED: Said("Institute and school agreed on a switch.", NOTHING),
}

MISMATCH: Mapping[str, Said] = {
    MismatchKind.SUBJECT: Said(
        "The subject of the place does not fit the student.",
        "Discuss whether the student can have another subject or another place.",
    ),
    MismatchKind.PHASE: Said(
        "The place does not fit the phase of the studies that the student is in.",
        "Discuss whether the tasks can be adapted, or whether another place is needed.",
    ),
    MismatchKind.TRAVEL: Said(
        "The journey to the place is too long.",
        "Discuss whether other days or times help, or whether a place nearer by is needed.",
    ),
    MismatchKind.DAYS: Said(
        "The days of the student and of the place do not match.",
        "Discuss which days are possible, and change them in Leerplek.",
    ),
    MismatchKind.GUIDANCE_HOURS: Said(
        "The student gets fewer hours of guidance than was agreed.",
        "Discuss whether there are more hours, or whether a second supervisor can join.",
    ),
    MismatchKind.GUIDANCE_MATCH: Said(
        "The student and the supervisor do not get on well.",
        "Talk together. Then discuss whether another supervisor is possible.",
    ),
    MismatchKind.WORKPLACE_CONTENT: Said(
        "The work at the place does not fit what the student has to learn.",
        "Discuss which lessons or tasks do fit, and write that down together.",
    ),
}
