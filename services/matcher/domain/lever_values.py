"""What each lever of a region is worth: the same region with that one lever switched, or with a little more of something."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import floor

from services.matcher.domain.region import Region, Supervisor
from services.matcher.domain.vocabulary import Tier

MORE_HOURS = 0.1
"""The part by which hours grow in the trials of more hours; rounded down to quarter hours, but one at least."""


class Trying(StrEnum):
    """How a lever is tried: on where it is off, off where it is on, or as an amount of something."""

    ON = "on"
    OFF = "off"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class Trial:
    """A lever, and the region in which it is the other way round."""

    lever: str
    trying: Trying
    region: Region


@dataclass(frozen=True, slots=True)
class Result:
    """What a plan costs and how many it leaves out, with what is proven about every plan of that region."""

    value: int
    bound: float
    unplaced: int
    unplaced_bound: int


@dataclass(frozen=True, slots=True)
class LeverValue:
    """A lever with the plan without it and the plan with it."""

    lever: str
    trying: Trying
    without: Result
    having: Result

    @property
    def points(self) -> int:
        """What the lever saves in these two plans; a lever only allows more, so never less than nothing."""
        return max(0, self.without.value - self.having.value)

    @property
    def students(self) -> int:
        """How many more have a place with it; fewer than none where a promise or fairness weighs more."""
        return self.without.unplaced - self.having.unplaced

    @property
    def is_proven(self) -> bool:
        """Both plans are the best there are, so this is what the lever is worth exactly."""
        return all(one.bound >= one.value for one in (self.without, self.having))

    @property
    def most_points(self) -> float:
        """It saves no more than this, whatever plans are made."""
        return max(0.0, self.without.value - self.having.bound)


def trials(region: Region) -> Iterator[Trial]:
    """Every lever the other way round, then more hours of each tier, then one more seat wherever there are seats."""
    levers = region.settings.levers
    for name in levers.__slots__:
        lever = getattr(levers, name)
        switched = replace(levers, **{name: replace(lever, on=not lever.on)})
        settings = replace(region.settings, levers=switched)
        yield Trial(name, Trying.OFF if lever.on else Trying.ON, replace(region, settings=settings))
    for tier in Tier:
        yield Trial(f"hours-{tier}", Trying.MORE, _with_more_hours(region, tier))
    yield Trial("seats", Trying.MORE, _with_more_seats(region))


def value_of(trial: Trial, now: Result, then: Result) -> LeverValue:
    """The lever's value from the plan as the region is now and the plan of the trial."""
    without, having = (then, now) if trial.trying is Trying.OFF else (now, then)
    return LeverValue(trial.lever, trial.trying, without, having)


def ranked(found: list[LeverValue]) -> list[LeverValue]:
    """What saves most first; of equals what places most, then by name."""
    return sorted(found, key=lambda one: (-one.points, -one.students, one.lever))


def _with_more_hours(region: Region, tier: Tier) -> Region:
    def more(one: Supervisor) -> Supervisor:
        return replace(one, qh={period: _more(qh) for period, qh in one.qh.items()}) if one.tier is tier else one

    return replace(region, supervisors={name: more(one) for name, one in region.supervisors.items()})


def _more(qh: int) -> int:
    return qh + max(1, floor(qh * MORE_HOURS)) if qh else 0


def _with_more_seats(region: Region) -> Region:
    def more(seats: Mapping[str, int]) -> dict[str, int]:
        return {period: number + 1 if number else 0 for period, number in seats.items()}

    workplaces = {name: replace(one, seats=more(one.seats)) for name, one in region.workplaces.items()}  # type: ignore[arg-type]
    return replace(region, workplaces=workplaces)
