"""The matcher's tables."""

from datetime import date, datetime

from sqlmodel import JSON, Column, Field, SQLModel

from shared.persistence import tables as messaging_tables
from shared.persistence.tables import UtcDateTime

__all__ = ["FactRow", "PlaceRow", "PlanVersionRow", "RegionPlanRow", "SignalRow", "messaging_tables"]


class FactRow(SQLModel, table=True):
    """The whole state of one aggregate as it was told; `document` is null when it ended."""

    __tablename__ = "fact"

    subject: str = Field(primary_key=True)
    region: str = Field(index=True)
    sequence: int
    document: dict[str, object] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class PlaceRow(SQLModel, table=True):
    """What was last published about a student; `body` holds the placement or the reason for having none."""

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
    """The plan that holds in a region; its version fences off whoever worked from an older one."""

    __tablename__ = "region_plan"

    region: str = Field(primary_key=True)
    version: int
    certificate: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class PlanVersionRow(SQLModel, table=True):
    """Every published plan: which offsets it covers, what it cost, how many places it changed.

    An improvement tells how it was found: by which turn of looking, at which version, after how many steps of proving.
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
    solve_s: float
    proposed: int
    moved: int
    ended: int
    unplaced: int
    covers: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    certificate: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
