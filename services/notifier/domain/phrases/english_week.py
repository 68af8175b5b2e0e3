"""English: the words of a region's week."""

from services.notifier.domain.phrases.shape import Counted, Weekly
from shared.contracts.placements import UnplacedReason

WEEKLY = Weekly(
    subject="The week in your region",
    opening="How it went in {region} from {start} to {until}.",
    counts="Alerts by kind",
    count_columns=("Kind", "New", "Solved", "Open now"),
    no_counts="No alerts came this week, and none is open.",
    days="New alerts by day",
    days_told="Most came on {day}: {count}.",
    days_columns=("Day", "New alerts"),
    reasons="Why students have no place yet",
    reasons_told="For most, {count} of {total}: {reason}.",
    reasons_columns=("Reason", "Students"),
    nobody_waits="All students have a place.",
    shortages="Where the shortage is greatest",
    no_shortages="No shortage was reported anywhere.",
    oldest="What has been open longest",
    since="since {date}",
    unacknowledged=Counted(
        "For 1 urgent alert nobody has said yet that they take it on.",
        "For {count} urgent alerts nobody has said yet that they take them on.",
    ),
    mails=Counted(
        "This week 1 message went out to people in your region.",
        "This week {count} messages went out to people in your region.",
    ),
    see_table="The same figures are in the table below.",
    short_reasons={
        UnplacedReason.NO_WORKPLACE_FOR_SUBJECT: "no place for the subject",
        UnplacedReason.NO_WORKPLACE_FOR_PHASE: "no place for the phase",
        UnplacedReason.NO_WORKPLACE_IN_REACH: "too far to travel",
        UnplacedReason.NO_SITE_FOR_SUPPORT: "too much guidance needed",
        UnplacedReason.NO_SEAT_IN_PERIOD: "place not open in the period",
        UnplacedReason.NO_SUPERVISOR: "no workplace supervisor",
        UnplacedReason.NO_SUPERVISOR_HOURS: "too few hours of supervisors",
        UnplacedReason.NO_SCHOOL_TRAINER: "no school trainer",
        UnplacedReason.NO_SCHOOL_TRAINER_HOURS: "too few hours of school trainers",
        UnplacedReason.NO_INSTITUTE_TRAINER: "no institute trainer",
        UnplacedReason.NO_INSTITUTE_TRAINER_HOURS: "too few hours of institute trainers",
        UnplacedReason.NO_COMMON_DAYS: "too few days together",
        UnplacedReason.SEATS_TAKEN: "all places taken",
        UnplacedReason.MINIMUM_NOT_MET: "too few students at once",
        UnplacedReason.TOGETHER_OR_APART: "must be together or apart",
        UnplacedReason.NO_NORM: "no norm in the region",
        UnplacedReason.UNKNOWN_PERIOD: "period unknown",
        UnplacedReason.OUTWEIGHED: "other students go first",
    },
    weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
)
