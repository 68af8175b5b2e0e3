"""Intake's tables."""

from sqlalchemy import Index, text
from sqlmodel import JSON, Column, Field, SQLModel

from shared.persistence import tables as messaging_tables

__all__ = [
    "DecisionRow",
    "KnownRegionRow",
    "KnownWorkplaceRow",
    "MismatchRow",
    "PlaceRow",
    "SignalRow",
    "StudentRow",
    "SwitchRow",
    "messaging_tables",
]


NOT_WITHDRAWN = text("status <> 'withdrawn'")


class StudentRow(SQLModel, table=True):
    """A registration; `reference` is the institute's own, and free again once the registration is withdrawn."""

    __tablename__ = "student"
    __table_args__ = (
        Index("ix_student_reference", "institute", "reference"),
        Index("ix_student_institute", "institute", "id"),
        Index(
            "uq_student_reference",
            "institute",
            "reference",
            unique=True,
            postgresql_where=NOT_WITHDRAWN,
            sqlite_where=NOT_WITHDRAWN,
        ),
    )

    id: str = Field(primary_key=True)
    region: str = Field(index=True)
    institute: str
    reference: str | None = None
    status: str
    sequence: int
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class MismatchRow(SQLModel, table=True):
    """A mismatch report; one open report per student and kind."""

    __tablename__ = "mismatch"
    __table_args__ = (Index("ix_mismatch_student", "student"),)

    id: str = Field(primary_key=True)
    region: str
    student: str = Field(foreign_key="student.id")
    kind: str
    is_open: bool
    sequence: int
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class KnownRegionRow(SQLModel, table=True):
    """Read model of `region.changed`."""

    __tablename__ = "known_region"

    id: str = Field(primary_key=True)
    sequence: int
    periods: list[str] = Field(sa_column=Column(JSON, nullable=False))
    institutes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    related: list[str] = Field(sa_column=Column(JSON, nullable=False))
    name: str = ""
    ends: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))


class KnownWorkplaceRow(SQLModel, table=True):
    """Read model of `workplace.changed`: which subjects the schools of a region offer."""

    __tablename__ = "known_workplace"
    __table_args__ = (Index("ix_known_workplace_subject", "region", "subject"),)

    id: str = Field(primary_key=True)
    sequence: int
    region: str
    subject: str


class PlaceRow(SQLModel, table=True):
    """Read model of `placements`: what the plan last said about a student; `state` is that of the placement in it, if there is one."""

    __tablename__ = "student_place"

    student: str = Field(primary_key=True)
    sequence: int
    status: str
    state: str | None = None
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class SignalRow(SQLModel, table=True):
    """Up to where a signal about a student was heard: what is older is no news."""

    __tablename__ = "student_signal"

    signal: str = Field(primary_key=True)
    student: str = Field(index=True)
    sequence: int


class SwitchRow(SQLModel, table=True):
    """Read model of `placements`: how the search for another place for a student stands."""

    __tablename__ = "student_switch"

    student: str = Field(primary_key=True)
    sequence: int
    status: str
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class DecisionRow(SQLModel, table=True):
    """The institute's last decision about the place of a student."""

    __tablename__ = "institute_decision"

    student: str = Field(primary_key=True)
    verdict: str
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
