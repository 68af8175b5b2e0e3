"""The life of a signal: raised, worsened, cleared, and raised anew; what is seen and how it was told decide, and the day."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from services.matcher.domain.signals.findings import Finding
from services.matcher.domain.signals.table import RULES, RuleName
from shared.contracts.vocabulary import SignalLevel, SignalStatus

GRAVITY = {SignalLevel.INFO: 0, SignalLevel.WARNING: 1, SignalLevel.CRITICAL: 2}


@dataclass(frozen=True, slots=True)
class Signal:
    """What was last told of one rule and subject, the whole of it in `body` until it is over; sequence 0: nothing was told yet.

    `measure` is how bad it was when that was told; `better_since` the day from which on it is better without a break;
    `about` names the case in `body`; `memo` is what the rule has to remember.
    """

    id: str
    rule: RuleName
    subject: str
    sequence: int = 0
    status: SignalStatus = SignalStatus.CLEARED
    level: SignalLevel = SignalLevel.INFO
    since: date = date.min
    measure: int = 0
    better_since: date | None = None
    about: Mapping[str, str | None] = field(default_factory=dict)
    body: Mapping[str, object] = field(default_factory=dict)
    memo: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """It was raised and has not been cleared."""
        return self.status is not SignalStatus.CLEARED


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a signal, and the finding that is to be told, None where nothing is told or it is over."""

    signal: Signal
    finding: Finding | None = None
    is_told: bool = False


def advance(known: Signal | None, found: Finding | None, today: date, *, is_gone: bool = False) -> list[Step]:
    """What becomes of a signal now; nothing when nothing changes. What it was about may be gone: then nothing is waited for."""
    if known is not None and known.is_open:
        if is_gone:
            return [_cleared(known)]
        if found is not None and dict(found.about) != dict(known.about):
            closed = _cleared(known)
            return [closed, *_raised(closed.signal, found, today)]
        return _going_on(known, found, today)
    return [] if found is None else _raised(known, found, today)


def _raised(known: Signal | None, found: Finding, today: date) -> list[Step]:
    if found.measure < RULES[found.rule].raised_from:
        return []
    signal = known or Signal(found.id, found.rule, found.subject[0])
    return [_told(replace(signal, since=today), found, SignalStatus.RAISED)]


def _going_on(known: Signal, found: Finding | None, today: date) -> list[Step]:
    rule = RULES[known.rule]
    if found is None or found.measure <= rule.better_at:
        since = known.better_since or today
        if (today - since).days >= rule.better_days:
            return [_cleared(known)]
        return [] if known.better_since is not None else [Step(replace(known, better_since=today))]
    if found.measure >= rule.worse_from(known.measure) or GRAVITY[found.level] > GRAVITY[known.level]:
        return [_told(known, found, SignalStatus.WORSENED)]
    return [] if known.better_since is None else [Step(replace(known, better_since=None))]


def _told(signal: Signal, found: Finding, status: SignalStatus) -> Step:
    signal = replace(
        signal,
        sequence=signal.sequence + 1,
        status=status,
        level=found.level,
        measure=found.measure,
        better_since=None,
        about=dict(found.about),
    )
    return Step(signal, found, is_told=True)


def _cleared(known: Signal) -> Step:
    return Step(
        replace(known, sequence=known.sequence + 1, status=SignalStatus.CLEARED, better_since=None), is_told=True
    )
