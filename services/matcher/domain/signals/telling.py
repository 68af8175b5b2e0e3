"""Signals as events."""

from collections.abc import Mapping

from services.matcher.domain.ids import RegionId
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.findings import Finding
from services.matcher.domain.signals.table import RuleName
from shared.contracts import signals as events

KINDS: Mapping[RuleName, type[events.Signal]] = {
    **dict.fromkeys(RuleName, events.StudentAtRisk),
    RuleName.MISFIT_SUBJECT: events.MismatchDetected,
    RuleName.MISFIT_TRAVEL: events.MismatchDetected,
    RuleName.MISFIT_DAYS: events.MismatchDetected,
    RuleName.MISFIT_GUIDANCE: events.MismatchDetected,
    RuleName.REPORTED: events.MismatchDetected,
    RuleName.OVERLOADED: events.SupervisorOverloaded,
    RuleName.SHORTAGE: events.ShortageDetected,
    RuleName.SHORTAGE_AT_SITE: events.ShortageDetected,
    RuleName.FAIRNESS: events.FairnessGap,
}
"""The event that tells of each rule."""


def body_of(found: Finding, helped: Mapping[str, int]) -> dict[str, object]:
    """What an event tells of a finding beside the life of its signal, as it is kept; `helped` counts by lever whom it helps.

    Of several students it is a figure how many of how many each lever helps.
    """
    asked = 0 if found.lack is None else len(found.lack.students)
    counts = {f"helped-{lever}": count for lever, count in helped.items()} if asked > 1 else {}
    return {
        **found.about,
        **found.told,
        "cause": found.cause,
        "figures": {**found.figures, **counts, **({"helped-of": asked} if counts else {})},
        "levers": list(helped),
        "next_date": None if found.next_date is None else found.next_date.isoformat(),
    }


def event_of(region: RegionId, signal: Signal) -> events.Signal:
    """The event that tells a signal as it is; of one that is over how it was told last, without a day to come."""
    over: dict[str, object] = {} if signal.is_open else {"levers": [], "next_date": None}
    return KINDS[signal.rule].model_validate(
        {
            "region": region,
            "sequence": signal.sequence,
            "signal": signal.id,
            "status": signal.status,
            "level": signal.level,
            "since": signal.since,
            **signal.body,
            **over,
        }
    )
