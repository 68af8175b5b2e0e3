"""The rules by which signals are raised, made worse and cleared: every number of them, in one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.vocabulary import SignalLevel

NEAR_DAYS, SOON_DAYS = 30, 14
"""A period is near, and soon, when it begins within so many days."""
STOOD_DAYS = 3
"""A proposal for a period that is not near is looked at when it has stood unchanged for so many days."""
WINDOW_DAYS = 42
"""Days away count as a part of what is left of a period, but of six weeks at least: a short absence does not count as a long one."""


class RuleName(StrEnum):
    """Each rule by its name; with the subject it is about it makes the id of a signal."""

    UNPLACED = "unplaced"
    HOURS_BELOW_80 = "hours-below-80"
    SUPPORT_BELOW_NORM = "support-below-norm"
    NO_SUCCESSOR = "no-successor"
    TRAINER_OVERLOADED = "trainer-overloaded"
    SECOND_MOVE = "second-move"
    LONG_TRAVEL = "long-travel"
    NO_BACKUP = "no-backup"
    OPEN_MISMATCH = "open-mismatch"
    GUIDED_BY_STARTER = "guided-by-starter"
    MISFIT_SUBJECT = "misfit-subject"
    MISFIT_TRAVEL = "misfit-travel"
    MISFIT_DAYS = "misfit-days"
    MISFIT_GUIDANCE = "misfit-guidance-match"
    REPORTED = "reported"
    OVERLOADED = "overloaded"
    SHORTAGE = "shortage"
    SHORTAGE_AT_SITE = "shortage-at-site"
    FAIRNESS = "fairness"


@dataclass(frozen=True, slots=True)
class Rule:
    """Raised when the measure is `raised_from` or more; better when it is `better_at` or less, and cleared after so many days of that.

    In between nothing happens. It is worse when the measure has grown by `worse_by` since it was told, and by
    `worse_percent` of what it was then; or when its level is a graver one.
    """

    sentence: str
    measure: str
    level: SignalLevel
    raised_from: int
    better_at: int
    better_days: int
    worse_by: int
    worse_percent: int = 0

    def worse_from(self, told: int) -> int:
        """From where on it is worse than what was told."""
        return told + max(self.worse_by, told * self.worse_percent // 100)


CRITICAL, WARNING, INFO = SignalLevel.CRITICAL, SignalLevel.WARNING, SignalLevel.INFO
RULES: Mapping[RuleName, Rule] = {
    RuleName.UNPLACED: Rule(
        "no place 30 days before the first day of the period; worse (critical) 14 days before, and on the first day",
        "steps: 1 at 30 days, 2 at 14 days, 3 when it has begun", WARNING, 1, 0, 0, 1,
    ),
    RuleName.HOURS_BELOW_80: Rule(
        "less than 80 % of the guidance of the norm in the tier that has least, counted over what is left of the period",
        "percent missing", WARNING, 21, 15, 2, 20,
    ),
    RuleName.SUPPORT_BELOW_NORM: Rule(
        "support class 2 or 3, and less guidance than the norm", "percent missing", WARNING, 5, 2, 2, 20,
    ),
    RuleName.NO_SUCCESSOR: Rule(
        "who guided has gone, and nobody has taken over: the place was lost by it, or the plan still names only them",
        "1 when so", CRITICAL, 1, 0, 0, 1,
    ),
    RuleName.TRAINER_OVERLOADED: Rule(
        "the school trainer or institute trainer is overloaded", "1 when so", INFO, 1, 0, 0, 1,
    ),
    RuleName.SECOND_MOVE: Rule(
        "moved twice in one period, counted from 30 days before it or from when the place was agreed upon",
        "moves", WARNING, 2, 1, 0, 1,
    ),
    RuleName.LONG_TRAVEL: Rule(
        "more than 90 minutes of travel one way", "minutes", WARNING, 91, 80, 0, 15,
    ),
    RuleName.NO_BACKUP: Rule(
        "only one person at the site could guide this subject: nobody is there to take over",
        "1 when so", INFO, 1, 0, 3, 1,
    ),
    RuleName.OPEN_MISMATCH: Rule(
        "a mismatch that was reported is open for more than ten school days, and no other place is on offer",
        "school days", WARNING, 11, 0, 0, 10,
    ),
    RuleName.GUIDED_BY_STARTER: Rule(
        "guided by somebody who has just begun as a teacher", "1 when so", INFO, 1, 0, 0, 1,
    ),
    RuleName.MISFIT_SUBJECT: Rule(
        "placed at a related subject instead of the own one", "1 when so", INFO, 1, 0, 0, 1,
    ),
    RuleName.MISFIT_TRAVEL: Rule(
        "a very long journey, though within the limit", "minutes", INFO, 76, 65, 0, 15,
    ),
    RuleName.MISFIT_DAYS: Rule(
        "the guide is at school on hardly any of the student's days", "percent of the days without", INFO, 60, 50, 2, 25,
    ),
    RuleName.MISFIT_GUIDANCE: Rule(
        "nobody who guides the student teaches the subject of the workplace", "1 when so", INFO, 1, 0, 0, 1,
    ),
    RuleName.REPORTED: Rule(
        "somebody reported a mismatch, it has not been withdrawn, and the student has a place", "1 when so", WARNING, 1, 0, 0, 1,
    ),
    RuleName.OVERLOADED: Rule(
        "more asked of somebody than the hours they have, days away taken off, in a period that is near or has begun",
        "percent of the hours", WARNING, 101, 100, 3, 25,
    ),
    RuleName.SHORTAGE: Rule(
        "two students or more of a subject have no place in a period for want of the same: seats, or hours of one tier",
        "students", WARNING, 2, 0, 1, 2, 25,
    ),
    RuleName.SHORTAGE_AT_SITE: Rule(
        "the same at one site: so many students without a place could be there if it had more of it",
        "students", INFO, 3, 1, 1, 2, 25,
    ),
    RuleName.FAIRNESS: Rule(
        "the share of a group without a place exceeds the overall share by more than five points",
        "tenths of points", WARNING, 51, 30, 1, 20,
    ),
}  # fmt: skip
