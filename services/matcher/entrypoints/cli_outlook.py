"""What another minute of a solve is likely to bring, from how the plan became better so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile
from math import log2

from services.matcher.adapters.solver.country.reporting import CountryProgress
from services.matcher.adapters.solver.portfolio import Progress
from services.matcher.entrypoints.cli_words import number_text

MINUTE_S = 60.0
BEGINNING = ("start", "stopgap")
"""Steps that say nothing of those to come."""
FIRST_OF_ALL = "stage"
"""In a country the step at which every part was looked at; before that it only tells how many were."""
SHORTEST_S = 0.1
FEW_DOUBLINGS = 0.5
"""Over less than this part of a doubling of the time nothing can be said of a whole one: what it brought is not scaled up more."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Points and students that another minute is likely to bring."""

    points: int
    students: int


def next_minute(steps: Sequence[Progress], seconds: float) -> Outlook | None:
    """From what the last doubling of the time brought; None when no plan was found yet.

    Each doubling brings about half of what the one before did (measured, hours, trainers and levers, 500 to 1,000 students:
    between a tenth and all of it), so n more bring 1 - 2^-n of it. Never more than what is proven to be possible.
    """
    found = [step for step in steps if step.stage not in BEGINNING]
    if isinstance(steps[-1], CountryProgress):
        found = [*dropwhile(lambda step: step.stage != FIRST_OF_ALL, found)]
    if not found:
        return None
    now, end = steps[-1], max(seconds, SHORTEST_S)
    before = max((step for step in found if step.seconds <= end / 2), key=lambda step: step.seconds, default=found[0])
    doublings = max(FEW_DOUBLINGS, log2(end / max(before.seconds, end / 2, SHORTEST_S)))
    share = MINUTE_S / (end + MINUTE_S) / doublings
    return Outlook(
        round(min(now.value - now.bound, max(0, before.value - now.value) * share)),
        round(min(now.unplaced - now.unplaced_bound, max(0, before.unplaced - now.unplaced) * share)),
    )


def outlook_text(outlook: Outlook | None) -> str:
    """The same in a sentence."""
    if outlook is None:
        return "Er is nog geen beter plan gevonden; met meer tijd (--time) komt er een."
    more = {0: "", 1: ", met 1 student meer op een plek"}
    students = more.get(outlook.students, f", met {number_text(outlook.students)} studenten meer op een plek")
    return (
        f"Nog een minuut rekenen maakt het plan naar schatting {number_text(outlook.points)} punten goedkoper{students}; "
        "afgaand op de laatste helft van de tijd."
    )
