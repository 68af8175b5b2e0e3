"""Tables behind the pages for institutes."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Column, Field, SQLModel

from shared.persistence.tables import RowId, UtcDateTime


class KnownSiteRow(SQLModel, table=True):
    """Read model of `site.changed`: what a school is called."""

    __tablename__ = "known_site"

    id: str = Field(primary_key=True)
    sequence: int
    name: str
    town: str


class ReadRow(SQLModel, table=True):
    """That somebody saw personal data, in the shape of Logboek Dataverwerkingen: activity, subject (keyed), trace."""

    __tablename__ = "student_read_log"
    __table_args__ = (Index("ix_student_read_log_institute_id", "institute", "id"),)

    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True, autoincrement=True))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    activity: str
    person: str
    position: str
    institute: str
    subject: str
    trace: str
