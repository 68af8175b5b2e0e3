"""The settings of a region: periods, norms, levers, costs, fairness; the same words as in a region file."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.contracts.vocabulary import (
    Contract,
    Day,
    InstituteId,
    Minutes,
    PeriodId,
    PlainText,
    Points,
    QuarterHours,
    RegionId,
    Sequence,
    Slug,
    SupportClass,
)

Wildcard = Annotated[str, Field(pattern=r"^(\*|[a-z0-9][a-z0-9-]{0,59})$")]
FairnessGroup = Annotated[str, Field(pattern=r"^(route|support|subject|institute|phase|sector)$")]
Steps = tuple[tuple[Annotated[float, Field(gt=0, le=1)], Points], ...]


class Period(Contract):
    """A range of days in which students are at school; both ends included."""

    id: PeriodId
    start: Day
    end: Day

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end < self.start:
            raise ValueError("a period ends on or after the day it starts")
        return self


class Travel(Contract):
    """Travel time = base + per km over the great circle, rounded up; at most the limit."""

    base_min: Annotated[float, Field(ge=0, le=240)] = 10
    per_km_min: Annotated[float, Field(ge=0, le=60)] = 1.6
    limit_min: Minutes = 90


class Norm(Contract):
    """Hours a student needs from each tier, for a route, phase and support class; the first that matches counts."""

    route: Wildcard = "*"
    phase: Wildcard = "*"
    support: SupportClass
    wpb: QuarterHours
    so: QuarterHours
    io: QuarterHours


class RelatedSubject(Contract):
    """A student of one subject may be placed at another, at a cost; directed."""

    student: Slug
    place: Slug
    cost: Points


class TrainerSiteHours(Contract):
    """Fixed hours a trainer spends on every site at which they guide somebody."""

    so: QuarterHours = 2
    io: QuarterHours = 1


class Fairness(Contract):
    """What it costs, more and more, when a group carries a larger share of the unplaced."""

    groups: tuple[FairnessGroup, ...] = ("route", "support", "subject", "institute")
    min_size: Annotated[int, Field(ge=1)] = 10
    steps: Steps = ((0.02, 0), (0.05, 50_000), (0.10, 100_000), (0.20, 200_000), (1.0, 400_000))


class Costs(Contract):
    """Every weight of the plan, in points a person can compare: placing one more student is worth 500 moves.

    `drop_proposed` is paid for a student whose proposed place goes to others: it keeps a running region from swapping who
    is left without a place. A region file, which may be older, leaves it at 0.
    """

    unplaced: Points = 100_000
    break_started: Points = 1_000_000
    break_settled: Points = 300_000
    drop_proposed: Points = 60_000
    move_workplace: Points = 200
    move_supervisor: Points = 60
    travel: tuple[tuple[Minutes, Points], ...] = ((30, 0), (60, 1), (90, 3))
    beyond: Points = 6
    wish: tuple[Points, ...] = (0, 5, 10)
    no_wish: Points = 20
    later_set: Points = 50
    team_member: Points = 30
    lending: Points = 40
    starter: Points = 30
    load: tuple[Points, ...] = (0, 5, 15, 30)


class Lever(Contract):
    """A lever that is only on or off."""

    on: bool = False


class Duo(Lever):
    """Two consenting students share one supervisor for less than twice the hours."""

    factor: Annotated[float, Field(gt=0, le=1)] = 0.75


class Team(Lever):
    """A student is guided by several colleagues whose hours are pooled."""

    max_members: Annotated[int, Field(ge=2, le=10)] = 3
    min_qh: QuarterHours = 2


class Peer(Lever):
    """Students in a peer group at one site need fewer hours each."""

    min_group: Annotated[int, Field(ge=2)] = 4
    relief_qh: QuarterHours = 2


class Senior(Lever):
    """Seniors at a site lower the hours that juniors there need."""

    seniors: tuple[Slug, ...] = ("lio", "year4")
    juniors: tuple[Slug, ...] = ("wpl1", "year1", "year2")
    per_senior: Annotated[int, Field(ge=0)] = 2
    relief_qh: QuarterHours = 1


class Lending(Lever):
    """Hours of a site with slack serve another site nearby."""

    max_min: Minutes = 30
    overhead_qh: QuarterHours = 1


class Levers(Contract):
    """Every lever; all are off until the region puts them on."""

    duo: Duo = Duo()
    team: Team = Team()
    peer: Peer = Peer()
    senior: Senior = Senior()
    extra: Lever = Lever()
    lending: Lending = Lending()
    core_shell: Lever = Lever()
    related: Lever = Lever()
    shifted: Lever = Lever()
    shared_io: Lever = Lever()
    starters: Lever = Lever()


class RegionSettings(Contract):
    """All settings of a region, with the defaults of the region file."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    travel: Travel = Travel()
    norms: Annotated[tuple[Norm, ...], Field(min_length=1)]
    related: tuple[RelatedSubject, ...] = ()
    min_common_days: Annotated[int, Field(ge=0, le=7)] = 1
    grace_days: Annotated[int, Field(ge=0, le=366)] = 14
    trainer_site_qh: TrainerSiteHours = TrainerSiteHours()
    fairness: Fairness = Fairness()
    costs: Costs = Costs()
    levers: Levers = Levers()

    @model_validator(mode="after")
    def _prices_never_fall(self) -> Self:
        for name, prices in (
            ("fairness.steps", [c for _, c in self.fairness.steps]),
            ("costs.load", list(self.costs.load)),
        ):
            if prices != sorted(prices):
                raise ValueError(f"{name}: prices must not fall")
        return self


class RegionChanged(Contract):
    """`nl.leerplek.region.changed.v1`: a region with its periods and settings, as they hold from now on."""

    region: RegionId
    sequence: Sequence
    name: Annotated[PlainText, Field(min_length=1, max_length=120)]
    institutes: tuple[InstituteId, ...] = ()
    periods: Annotated[tuple[Period, ...], Field(min_length=1)]
    settings: RegionSettings


LONGEST_LEAP = timedelta(days=400)
"""Days only go forward: one that is a slip would keep all that come after it from being news. So far ahead of the one before
a day may be; whoever tells days and whoever reads them hold to the same."""


class DayStarted(Contract):
    """`nl.leerplek.day.started.v1`: the only way in which time enters the matcher."""

    region: RegionId
    sequence: Sequence
    day: Day
