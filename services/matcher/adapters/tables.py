"""The matcher's tables."""

from datetime import date, datetime

from sqlmodel import JSON, BigInteger, Column, Field, SQLModel

from shared.persistence import tables as messaging_tables
from shared.persistence.tables import UtcDateTime

__all__ = [
    "AsideRow",
    "CapacityRow",
    "FactRow",
    "PlaceRow",
    "PlanVersionRow",
    "RegionPlanRow",
    "ScenarioRow",
    "ScenarioStepRow",
    "SignalRow",
    "SwitchRow",
    "WaitingRow",
    "messaging_tables",
]


class FactRow(SQLModel, table=True):
    """The whole state of one aggregate as it was told; `document` is null when it ended, `board` is that of a site."""

    __tablename__ = "fact"

    subject: str = Field(primary_key=True)
    region: str = Field(index=True)
    sequence: int
    document: dict[str, object] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    board: str | None = Field(default=None, index=True)


class PlaceRow(SQLModel, table=True):
    """What was last published about a student; `body` holds the placement, also one that ended, or the reason for having none."""

    __tablename__ = "place"

    student: str = Field(primary_key=True)
    region: str = Field(index=True)
    institute: str
    subject: str
    sequence: int
    status: str
    since: date
    body: dict[str, object] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    site: str | None = None
    lost: str | None = None
    lost_cause: str | None = None
    signal_sequence: int


class SwitchRow(SQLModel, table=True):
    """The search for another place for a student, as it was last told."""

    __tablename__ = "switch"

    student: str = Field(primary_key=True)
    region: str = Field(index=True)
    status: str
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class SignalRow(SQLModel, table=True):
    """What was last told of one rule and subject; `body` holds the rest of it, `sequence` 0 means that nothing was told yet."""

    __tablename__ = "signal"

    id: str = Field(primary_key=True)
    region: str = Field(index=True)
    rule: str
    subject: str
    sequence: int
    status: str
    level: str
    since: date
    measure: int
    better_since: date | None = None
    about: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    memo: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))


class RegionPlanRow(SQLModel, table=True):
    """The plan that holds in a region; its version fences off whoever worked from an older one. It is `behind` where it does not answer
    all that was told; `told` counts what asked for no other plan."""

    __tablename__ = "region_plan"

    region: str = Field(primary_key=True)
    version: int
    certificate: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    behind: bool = False
    told: int = 0


class PlanVersionRow(SQLModel, table=True):
    """Every published plan: which offsets it covers, what it cost, how many places it changed.

    An improvement tells how it was found: by which turn of improving, at which version, after how many steps of proving. Where it was
    not `looked` at, what people must know of it is told by a later version (empty: a worker that looked at its own news alone); it
    `looks_anew` where what was still to be looked at was no longer known.
    """

    __tablename__ = "plan_version"

    region: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    published_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    today: date
    effort: str
    turn: int | None = None
    seen_version: int | None = None
    proof_steps: int | None = None
    looked: bool | None = None
    looks_anew: bool = False
    solve_s: float
    proposed: int
    moved: int
    ended: int
    unplaced: int
    covers: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    certificate: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class CapacityRow(SQLModel, table=True):
    """What there was of a subject at a site in a period when a day began; a site without a name is the whole region."""

    __tablename__ = "capacity_snapshot"

    region: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    sector: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    site: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    seats: int
    taken: int
    qh: int
    qh_used: int
    students: int
    unplaced: int


class ScenarioRow(SQLModel, table=True):
    """Work that somebody asked for on a copy of a region, how far it is and what came of it; `owner` is the process that does it."""

    __tablename__ = "scenario"

    id: str = Field(primary_key=True)
    region: str = Field(index=True)
    kind: str
    name: str
    state: str
    owner: str
    seconds: int
    document: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    plan_version: int | None = None
    result: dict[str, object] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    problem: str | None = None
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    seen_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class ScenarioStepRow(SQLModel, table=True):
    """How far a scenario was at one moment."""

    __tablename__ = "scenario_step"

    scenario: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class AsideRow(SQLModel, table=True):
    """A record that no plan was made with: it was parked, or its facts are `kept`."""

    __tablename__ = "set_aside"

    topic: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    position: int = Field(sa_column=Column(BigInteger, primary_key=True))
    kept: bool


class WaitingRow(SQLModel, table=True):
    """Something that names what was never heard of, since when, and whether that was told."""

    __tablename__ = "waiting"

    region: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    names: str = Field(primary_key=True)
    since: date
    told: bool
