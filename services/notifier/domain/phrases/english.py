"""The English phrase book, for whoever asked for it; names of subjects and schools stay as they are."""

from datetime import date, datetime

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Language, Role
from services.notifier.domain.phrases import english_places, english_signals
from services.notifier.domain.phrases.english_framing import FRAMING, PARTING
from services.notifier.domain.phrases.english_week import WEEKLY
from services.notifier.domain.phrases.shape import Counted, Naming, Phrases
from shared.dutch import dutch_day, dutch_time
from shared.phases import phase_words

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_LOOKS_FOR_ANOTHER = "Leerplek keeps looking for another place."
_WATCHES = "Leerplek keeps an eye on this. When it is over, you read so in the overview."


def english_date(day: date) -> str:
    """24 November 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def english_moment(moment: datetime) -> str:
    """24 November 2026 at 15:30, on the clock of Amsterdam."""
    return f"{english_date(dutch_day(moment))} at {dutch_time(moment)}"


def english_hours(quarter_hours: int) -> str:
    """Quarter hours as hours and minutes: 45 minutes, 1 hour, 2 hours 30."""
    hours, minutes = divmod(quarter_hours * 15, 60)
    if not hours:
        return f"{minutes} minutes" if minutes else "0 hours"
    said = f"{hours} hour" if hours == 1 else f"{hours} hours"
    return f"{said} {minutes}" if minutes else said


def english_phase(slug: str) -> str:
    """year4 is year 4; what is no year has the same name in both languages."""
    return f"year {slug.removeprefix('year')}" if slug.startswith("year") else phase_words(slug)


def english_region(name: str) -> str:
    """A region within a sentence."""
    return name if name.casefold().startswith(("regio", "onderwijsregio")) else f"region {name}"


NAMING = Naming(
    roles={
        Role.INSTITUTE_COORDINATOR: "placement coordinator",
        Role.INSTITUTE_TRAINER: "institute trainer",
        Role.SCHOOL_TRAINER: "school trainer",
        Role.SCHOOL_LEADER: "school leader",
        Role.PROGRAMME_MANAGER: "programme manager",
        Role.OPERATOR: "operator",
    },
    sectors={
        "po": "primary education",
        "vo": "secondary education",
        "mbo": "vocational education",
        "so": "special education",
    },
    tiers={"wpb": "workplace supervisors", "so": "school trainers", "io": "institute trainers"},
    groups={
        "route": "route {value}",
        "support": "support class {value}",
        "subject": "subject {value}",
        "institute": "institute {value}",
        "phase": "phase {value}",
        "sector": "sector {value}",
    },
    levers={
        "duo": "guiding two students who agree to it together (a duo)",
        "team": "guidance by a team that shares the hours",
        "peer": "students at one school helping each other",
        "senior": "older students helping beginners",
        "extra": "guidance by a retired teacher, an assistant or a coach",
        "lending": "a supervisor lent by a school nearby",
        "core-shell": "guidance at a larger school next to it",
        "related": "a place at a related subject",
        "shifted": "starting in another period",
        "shared-io": "an institute trainer of another institute",
        "starters": "guidance by somebody who has just begun to teach",
        "leadership": "hours that the school leader frees",
    },
    parties={"institute": "the institute", "school": "the school"},
    school="school {id}",
    school_in="{name} in {town}",
    institute="institute {id}",
    board="board {id}",
    region=english_region,
    phase=english_phase,
    platform="Leerplek",
    role_of="{role} of {organisation}",
    student="student {code}",
    guide="supervisor {code}",
    subject=", {subject}",
    period=", period {period}",
    period_from=", period from {date}",
    at=", at {site}",
    was_at=", first at {site}",
    moved=", now at {site}, first at {before}",
    reported_by=", reported by {party}",
    parked="messages on {topic}",
    tier_concerned="It concerns the {tier}.",
    region_wide=", in the whole region",
)

ENGLISH = Phrases(
    language=Language.ENGLISH,
    date=english_date,
    moment=english_moment,
    hours=english_hours,
    subjects={
        AlertKind.PROPOSED: "New placement proposed",
        AlertKind.CHANGED: "Placement changed",
        AlertKind.SETTLED: "Placement settled",
        AlertKind.LOST: "Placement lost",
        AlertKind.UNPLACED: "Student without a place",
        AlertKind.MISMATCH: "Report: student and place do not fit",
        AlertKind.DETECTED: "Student and place fit less well",
        AlertKind.AT_RISK: "Student at risk",
        AlertKind.SHORTAGE: "Too few places or too little guidance",
        AlertKind.OVERLOADED: "Supervisor has too few hours",
        AlertKind.FAIRNESS: "One group finds a place less often",
        AlertKind.GAP: "Nobody can be reached for a role",
        AlertKind.PARKED: "Messages that Leerplek cannot read",
        AlertKind.SILENT: "A region is not heard any more",
    },
    openings={
        AlertKind.PROPOSED: Counted("A place is proposed for 1 student.", "A place is proposed for {count} students."),
        AlertKind.CHANGED: Counted("The place of 1 student changed.", "The places of {count} students changed."),
        AlertKind.SETTLED: Counted("The place of 1 student is settled.", "The places of {count} students are settled."),
        AlertKind.LOST: Counted(
            "1 student had a place and has none now.", "{count} students had a place and have none now."
        ),
        AlertKind.UNPLACED: Counted(
            "No place was found yet for 1 student.", "No place was found yet for {count} students."
        ),
        AlertKind.MISMATCH: Counted(
            "For 1 student it was reported that student and place do not fit well.",
            "For {count} students it was reported that student and place do not fit well.",
        ),
        AlertKind.DETECTED: Counted(
            "For 1 student the place fits less well, though the rules allow it.",
            "For {count} students the place fits less well, though the rules allow it.",
        ),
        AlertKind.AT_RISK: Counted("1 student is at risk.", "{count} students are at risk."),
        AlertKind.SHORTAGE: Counted(
            "For 1 subject there are too few places or there is too little guidance.",
            "At {count} points there are too few places or there is too little guidance.",
        ),
        AlertKind.OVERLOADED: Counted(
            "1 supervisor needs more hours than there are.", "{count} supervisors need more hours than there are."
        ),
        AlertKind.FAIRNESS: Counted(
            "1 group of students finds a place less often than the rest.",
            "{count} groups of students find a place less often than the rest.",
        ),
        AlertKind.GAP: Counted("Nobody can be reached for 1 role.", "Nobody can be reached for {count} roles."),
        AlertKind.PARKED: Counted(
            "In 1 place there are messages that Leerplek cannot read.",
            "In {count} places there are messages that Leerplek cannot read.",
        ),
        AlertKind.SILENT: Counted("1 region is not heard any more.", "{count} regions are not heard any more."),
    },
    lost_at_school={
        True: Counted("1 student loses the place at your school.", "{count} students lose the place at your school."),
        False: Counted("1 student loses the place at a school.", "{count} students lose the place at a school."),
    },
    closings={
        AlertKind.LOST: _LOOKS_FOR_ANOTHER,
        AlertKind.UNPLACED: "Leerplek keeps looking for a place.",
        AlertKind.MISMATCH: "Is it solved? Then withdraw the report, or ask whoever reported it to do so.",
        AlertKind.DETECTED: _WATCHES,
        AlertKind.AT_RISK: _WATCHES,
        AlertKind.SHORTAGE: _WATCHES,
        AlertKind.OVERLOADED: _WATCHES,
        AlertKind.FAIRNESS: _WATCHES,
        AlertKind.GAP: "As soon as somebody can be reached, the messages go there by themselves.",
        AlertKind.PARKED: "As soon as they are read or thrown away, this is over.",
        AlertKind.SILENT: "As soon as the region is heard again, this is over.",
    },
    no_search="Leerplek looks for no other place: the registration is gone.",
    some_search="For those who are still registered Leerplek keeps looking for another place.",
    said={
        AlertKind.PROPOSED: {"": english_signals.PROPOSED},
        AlertKind.SETTLED: {"": english_signals.SETTLED},
        AlertKind.CHANGED: english_places.CHANGED,
        AlertKind.LOST: english_places.LOST,
        AlertKind.UNPLACED: english_places.UNPLACED,
        AlertKind.MISMATCH: english_places.MISMATCH,
        AlertKind.DETECTED: english_signals.DETECTED,
        AlertKind.AT_RISK: english_signals.AT_RISK,
        AlertKind.SHORTAGE: english_signals.SHORTAGE,
        AlertKind.OVERLOADED: {"": english_signals.OVERLOADED},
        AlertKind.FAIRNESS: {"": english_signals.FAIRNESS},
        AlertKind.GAP: {"": english_signals.GAP},
        AlertKind.PARKED: {"": english_signals.PARKED},
        AlertKind.SILENT: {"": english_signals.SILENT},
    },
    still_unplaced="There is no other place yet.",
    naming=NAMING,
    framing=FRAMING,
    weekly=WEEKLY,
    parting=PARTING,
)
