"""English: what the rules on risk, fit, shortage, load and fairness found, and what troubles Leerplek itself."""

from collections.abc import Mapping

from services.notifier.domain.phrases.english_places import MISMATCH, NOTHING
from services.notifier.domain.phrases.shape import Said
from shared.contracts.signals import AtRiskRule
from shared.contracts.vocabulary import MismatchKind, Tier

_MORE_HOURS = "Discuss with the school whether there are more hours, or whether a second supervisor can join."
_MORE_HOURS_AT_SCHOOL = "Free some hours, or register a second supervisor or a team in Leerplek."
_NORM = "The norm is {norm-qh:hours} a week, now it is {given-qh:hours}: {percent-missing} % too little."

AT_RISK: Mapping[str, Said] = {
    AtRiskRule.UNPLACED_30_DAYS: Said(
        "The student has no place yet, and the period starts within thirty days.",
        "Look for a place together with schools now. What stands in the way is shown with the student in Leerplek.",
        in_region="Ask schools in the region for a place or for hours of guidance.",
        measured="{days-left:day|days} to go.",
    ),
    AtRiskRule.UNPLACED_14_DAYS: Said(
        "The student has no place yet, and the period starts within two weeks or has begun.",
        "Call schools or the programme manager today. Also agree what the student does if it does not work out.",
        in_region="Call schools that have room today. Agree with the institute what happens if it does not work out.",
        measured="{days-left:day|days} to go.",
    ),
    AtRiskRule.HOURS_BELOW_80: Said(
        "The student gets less than 80 % of the guidance that the norm asks for.",
        _MORE_HOURS,
        at_school=_MORE_HOURS_AT_SCHOOL,
        measured=_NORM,
    ),
    AtRiskRule.SUPPORT_BELOW_NORM: Said(
        "The student gets less guidance than the norm for this student asks for.",
        _MORE_HOURS,
        at_school=_MORE_HOURS_AT_SCHOOL,
        measured=_NORM,
    ),
    AtRiskRule.NO_SUCCESSOR: Said(
        "Whoever guides this student is no longer there in this period, and nobody has taken over.",
        "Ask the school today who takes over. Can nobody? Then ask for another place.",
        at_school="Register another supervisor or a team in Leerplek today. Then the student can stay.",
        in_region="Ask a school nearby whether it can lend a supervisor.",
    ),
    AtRiskRule.TRAINER_OVERLOADED: Said(
        "The school trainer or institute trainer of this student has more students than hours.",
        "Discuss who can take over some of the students, or give this trainer more hours.",
        at_school="Divide the students differently, or give this trainer more hours in Leerplek.",
        measured="Asked for is {asked-qh:hours} a week, there is {available-qh:hours}.",
    ),
    AtRiskRule.SECOND_MOVE: Said(
        "The student was moved more than once in one period.",
        "Talk to the student. Settle the place in Leerplek, then the student is not moved again.",
        at_school="Settle the place in Leerplek, then the student is not moved again.",
        measured="So far there were {moves:move|moves}.",
    ),
    AtRiskRule.LONG_TRAVEL: Said(
        "The student travels more than an hour and a half to the place.",
        "Ask the student whether this can be kept up. If not, report in Leerplek that the journey is too long.",
        at_school="Discuss starting times and days with the student.",
        measured="The journey takes {minutes} minutes, one way.",
    ),
    AtRiskRule.NO_BACKUP: Said(
        "Only one person at the school can guide this student. Without that person there is nobody.",
        NOTHING,
        at_school="See whether a colleague or a team can step in, and register them in Leerplek.",
    ),
    AtRiskRule.OPEN_MISMATCH: Said(
        "A report that student and place do not fit is open for more than ten school days. There is no other place.",
        "Talk with the school and the student. Agree what can be different at this place.",
        in_region="Bring institute and school together, and see which school can offer another place.",
        measured="The report is open for {school-days:school day|school days}.",
    ),
    AtRiskRule.GUIDED_BY_STARTER: Said(
        "The student is guided by somebody who has just begun to teach.",
        NOTHING,
        at_school="See whether an experienced colleague can join, as a team.",
    ),
}

DETECTED: Mapping[str, Said] = {
    **MISMATCH,
    MismatchKind.SUBJECT: Said(
        "The student is placed at a related subject, not at their own.",
        "See whether this fits what the student has to learn. If not: report it in Leerplek.",
        at_school="Agree with the student which lessons in their own subject they join.",
    ),
    MismatchKind.TRAVEL: Said(
        "The journey to the place is long, though it stays below the limit.",
        "Ask the student whether this can be kept up.",
        at_school="If you can, consider the journey in starting times.",
        measured="The journey takes {minutes} minutes, one way.",
    ),
    MismatchKind.DAYS: Said(
        "The supervisor is there on hardly any of the student's days.",
        "See whether the student can come on other days.",
        at_school="See whether a colleague can guide on the other days, and register them in Leerplek.",
        measured="Of the student's {days:day|days} the supervisor is there on {common-days}.",
    ),
    MismatchKind.GUIDANCE_MATCH: Said(
        "Nobody who guides the student teaches the subject of the place.",
        "Ask the school whether a colleague of the subject can look in.",
        at_school="See whether a colleague of the subject can join, as a team.",
    ),
}

_ASK_HOURS = "Every half hour a week that a school frees counts. Register more hours in Leerplek."
_MISSING = "Together {missing-qh:hours} a week is missing."
_WAITING = "It concerns {students:student|students}."
SHORTAGE: Mapping[str, Said] = {
    "seats": Said(
        "There are too few places for this subject.",
        "Ask schools to open a place.",
        may_help="Or see whether a related subject will do.",
        at_school="See whether your school can open another place for this subject in Leerplek.",
        in_region="Ask schools that have guidance left to open another place.",
        measured=_WAITING,
    ),
    Tier.WORKPLACE_SUPERVISOR: Said(
        "There are places, but the workplace supervisors have too few hours.",
        "Ask schools for more hours.",
        may_help="Guiding two students together is possible too.",
        at_school=_ASK_HOURS,
        in_region="Ask school leaders to free hours, or schools with hours left to lend supervisors.",
        measured=f"{_WAITING} {_MISSING}",
    ),
    Tier.SCHOOL_TRAINER: Said(
        "There are places, but the school trainers have too few hours.",
        "Ask the schools for more hours for the school trainer.",
        at_school=_ASK_HOURS,
        in_region="See whether a school trainer can take a second school, or ask for more hours.",
        measured=f"{_WAITING} {_MISSING}",
    ),
    Tier.INSTITUTE_TRAINER: Said(
        "There are places, but the institute trainers have too few hours.",
        "Give an institute trainer more hours, or agree that another institute takes over students.",
        in_region="Ask institutes whether their institute trainers can visit each other's students.",
        measured=f"{_WAITING} {_MISSING}",
    ),
}

OVERLOADED = Said(
    "More is asked of this supervisor than the hours there are.",
    "Discuss with the school who can take over some of the students.",
    at_school="Give more hours, or let a colleague take over a part. Change that in Leerplek.",
    in_region="Ask a school nearby whether it can lend a supervisor.",
    measured="Asked for is {asked-qh:hours} a week, there is {available-qh:hours}.",
)
FAIRNESS = Said(
    "In this group clearly more students are without a place than in the whole region.",
    "Discuss with the programme manager why this group finds no place.",
    in_region="See in Leerplek what these students lack, and ask schools to make room for just that.",
    measured="Without a place: {unplaced} of {students}, or {share} %. In the whole region it is {overall} %.",
)
GAP = Said(
    "Nobody can be reached for this role now. Perhaps nobody is registered, no substitute was named, or an address is wrong. What is meant for that role now comes to you.",
    "Ask the organisation who does this now, and have that person registered or replaced in Leerplek. Please do so this week.",
)
PARKED = Said(
    "Leerplek cannot read these messages and has put them aside. What they say does not count yet.",
    "Please do so today. Look at them with the command leerplek parked list. Mend the cause, and replay them with "
    "leerplek parked replay.",
    measured="There are {parked} of them now.",
)
SILENT = Said(
    "This region began no new day, though it should each day. Leerplek sees no changes now.",
    "Please do so today. See whether capacity runs and whether Kafka can be reached. How to do that is in docs/beheer.md (Dutch).",
    measured="The last sign is {hours} hours old.",
)
PROPOSED = Said(
    "Leerplek found a place that fits all agreements.",
    "Look at the place in Leerplek. Confirm it, or decline it: then Leerplek searches on.",
    at_school="Tell us in Leerplek whether the student can come.",
    measured="The journey takes {travel-min:minute|minutes}, one way.",
)
SETTLED = Said("Institute and school agree.", NOTHING)
