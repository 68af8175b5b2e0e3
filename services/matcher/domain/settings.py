"""The settings of a region: norms, prices, fairness and levers, with the defaults of the region file."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import ceil

Group = tuple[str, str]
"""An attribute of students and its value."""
Ranks = tuple[tuple[int, int], ...]
"""Prices by rank: (up to this one, the price); the last price counts for all beyond."""


@dataclass(frozen=True, slots=True)
class Travel:
    """How minutes follow from kilometres, and how long a journey may be."""

    base_min: Decimal = Decimal(10)
    per_km_min: Decimal = Decimal("1.6")
    limit_min: int = 90


@dataclass(frozen=True, slots=True)
class Needs:
    """Quarter hours a week of each tier that guide one student."""

    wpb: int
    so: int
    io: int


@dataclass(frozen=True, slots=True)
class Norm:
    """The hours for a route, phase and support class; `*` stands for every route or phase."""

    route: str
    phase: str
    support: int
    needs: Needs


@dataclass(frozen=True, slots=True)
class RelatedSubject:
    """A student of one subject may be placed at another, at a cost; directed."""

    student: str
    place: str
    cost: int


@dataclass(frozen=True, slots=True)
class TrainerSiteHours:
    """Fixed quarter hours that a trainer spends on each site where they guide somebody."""

    so: int = 2
    io: int = 1


@dataclass(frozen=True, slots=True)
class Step:
    """Up to this share of a group's students each unplaced one costs this much extra."""

    upto: Decimal
    cost: int


@dataclass(frozen=True, slots=True)
class Fairness:
    """Which groups are watched, and what it costs when one carries a larger share of the unplaced."""

    groups: tuple[str, ...] = ("route", "support", "subject", "institute")
    min_size: int = 10
    steps: tuple[Step, ...] = (
        Step(Decimal("0.02"), 0),
        Step(Decimal("0.05"), 50_000),
        Step(Decimal("0.10"), 100_000),
        Step(Decimal("0.20"), 200_000),
        Step(Decimal("1.0"), 400_000),
    )

    def ranks_of(self, group: Group, size: int) -> Ranks | None:  # noqa: ARG002 - the same for every group
        """What each unplaced of a group of so many costs extra, by rank; None when the group is not watched."""
        if size < self.min_size:
            return None
        return tuple((ceil(Fraction(step.upto) * size), step.cost) for step in self.steps)


@dataclass(frozen=True, slots=True)
class FairnessWithin(Fairness):
    """The fairness of a whole, as it is felt in a part of it: prices by rank, beside those who are left out elsewhere.

    It is in no file: a country is planned in parts, and its groups are those of the country.
    """

    prices: tuple[tuple[Group, Ranks], ...] = ()

    def ranks_of(self, group: Group, size: int) -> Ranks | None:  # noqa: ARG002 - the size is that of the whole
        """What each further unplaced of a group costs extra, by rank; None when the group is not watched."""
        return dict(self.prices).get(group)


@dataclass(frozen=True, slots=True)
class Costs:
    """Every price of a plan, in points."""

    unplaced: int = 100_000
    break_started: int = 1_000_000
    break_settled: int = 300_000
    move_workplace: int = 200
    move_supervisor: int = 60
    travel: tuple[tuple[int, int], ...] = ((30, 0), (60, 1), (90, 3))
    beyond: int = 6
    wish: tuple[int, ...] = (0, 5, 10)
    no_wish: int = 20
    later_set: int = 50
    team_member: int = 30
    lending: int = 40
    starter: int = 30
    load: tuple[int, ...] = (0, 5, 15, 30)
    drop_proposed: int = 0


@dataclass(frozen=True, slots=True)
class Lever:
    """A lever that is only on or off."""

    on: bool = False


@dataclass(frozen=True, slots=True)
class Duo:
    """Two consenting students share one supervisor for less than twice the hours."""

    on: bool = False
    factor: Decimal = Decimal("0.75")


@dataclass(frozen=True, slots=True)
class Team:
    """Several supervisors pool their hours for one student."""

    on: bool = False
    max_members: int = 3
    min_qh: int = 2


@dataclass(frozen=True, slots=True)
class Peer:
    """Students in a peer group at one site need fewer hours each."""

    on: bool = False
    min_group: int = 4
    relief_qh: int = 2


@dataclass(frozen=True, slots=True)
class Senior:
    """Seniors at a site lower the hours that juniors there need."""

    on: bool = False
    seniors: tuple[str, ...] = ("lio", "year4")
    juniors: tuple[str, ...] = ("wpl1", "year1", "year2")
    per_senior: int = 2
    relief_qh: int = 1


@dataclass(frozen=True, slots=True)
class Lending:
    """Hours of a site with slack serve another site nearby."""

    on: bool = False
    max_min: int = 30
    overhead_qh: int = 1


@dataclass(frozen=True, slots=True)
class Levers:
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


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a region."""

    norms: tuple[Norm, ...]
    seed: int = 1
    travel: Travel = Travel()
    related: tuple[RelatedSubject, ...] = ()
    min_common_days: int = 1
    grace_days: int = 14
    trainer_site_qh: TrainerSiteHours = TrainerSiteHours()
    fairness: Fairness = field(default_factory=Fairness)
    costs: Costs = field(default_factory=Costs)
    levers: Levers = field(default_factory=Levers)
