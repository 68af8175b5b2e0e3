"""What people of an institute look at: which students, and what waits for them."""

from enum import StrEnum

from services.intake.domain.decisions import Decision


class View(StrEnum):
    """A selection of an institute's students; the value stands in addresses."""

    PROPOSED = "voorstel"
    OFFERED = "aanbod"
    UNPLACED = "zonder-plek"
    MISMATCHED = "past-niet"
    PLACED = "geplaatst"
    WAITING = "in-behandeling"
    ENDED = "afgelopen"
    WITHDRAWN = "ingetrokken"


WAIT_FOR_SOMEBODY = (View.PROPOSED, View.OFFERED, View.UNPLACED, View.MISMATCHED)
"""What somebody of the institute must do something about."""


def is_answered(decision: Decision | None, workplace: str, periods: tuple[str, ...]) -> bool:
    """Whether the institute said already what it thinks of this place."""
    if decision is None or decision.event.offer is not None:
        return False
    return (decision.event.workplace, decision.event.periods) == (workplace, periods)


def is_offer_answered(decision: Decision | None, offer: int) -> bool:
    """Whether the institute answered this offer of another place."""
    return decision is not None and decision.event.offer == offer
