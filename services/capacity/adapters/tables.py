"""Capacity's tables."""

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import JSON, Column, Field, SQLModel

from services.capacity.adapters import people_tables
from shared.persistence import tables as messaging_tables
from shared.persistence.tables import RowId, UtcDateTime
from shared.webhooks import tables as webhook_tables

__all__ = [
    "GuidanceRow",
    "KeptVersionRow",
    "NewsRow",
    "OfferRow",
    "OrganisationRow",
    "PersonKeyRow",
    "PlacementRow",
    "RegionRow",
    "SchoolDecisionRow",
    "SiteCheckRow",
    "SiteRow",
    "SiteSignalRow",
    "SupervisorRow",
    "SupervisorSiteRow",
    "WorkplaceRow",
    "messaging_tables",
    "people_tables",
    "webhook_tables",
]


class RegionRow(SQLModel, table=True):
    """A region, its terms as JSON, and the day it is on."""

    __tablename__ = "region"

    id: str = Field(primary_key=True)
    sequence: int
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    day: date | None = None
    day_sequence: int = 0


class SiteRow(SQLModel, table=True):
    """A site; `core` is a column of its own so that the shells of a core are found."""

    __tablename__ = "site"

    id: str = Field(primary_key=True)
    region: str = Field(foreign_key="region.id", index=True)
    core: str | None = Field(default=None, index=True)
    board: str | None = Field(default=None, index=True)
    name: str
    town: str
    sequence: int
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class OrganisationRow(SQLModel, table=True):
    """What a board (five digits) or an institute (BRIN) is called."""

    __tablename__ = "organisation"

    code: str = Field(primary_key=True)
    name: str


class WorkplaceRow(SQLModel, table=True):
    """A workplace."""

    __tablename__ = "workplace"

    id: str = Field(primary_key=True)
    region: str = Field(index=True)
    site: str = Field(foreign_key="site.id", index=True)
    sequence: int
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class SupervisorRow(SQLModel, table=True):
    """A supervisor; the name is sealed and opens only with the person's row in `person_key`."""

    __tablename__ = "supervisor"

    id: str = Field(primary_key=True)
    region: str = Field(foreign_key="region.id", index=True)
    sequence: int
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    sealed_name: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    erased_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class SupervisorSiteRow(SQLModel, table=True):
    """Which sites a supervisor serves; `*` is every site of the region."""

    __tablename__ = "supervisor_site"

    supervisor: str = Field(primary_key=True, foreign_key="supervisor.id")
    site: str = Field(primary_key=True, index=True)


class PersonKeyRow(SQLModel, table=True):
    """A person's data key, wrapped by the master key; deleting the row erases the person."""

    __tablename__ = "person_key"

    person: str = Field(primary_key=True)
    wrapped_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class PlacementRow(SQLModel, table=True):
    """Read model of `placements`: where the plan last put a student."""

    __tablename__ = "placement"

    student: str = Field(primary_key=True)
    region: str
    sequence: int
    site: str | None = Field(default=None, index=True)
    lost_site: str | None = Field(default=None, index=True)
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class OfferRow(SQLModel, table=True):
    """Read model of `placements`: a place that is offered to a student who has another; without a site no longer."""

    __tablename__ = "offer"

    student: str = Field(primary_key=True)
    sequence: int
    site: str | None = Field(default=None, index=True)
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class GuidanceRow(SQLModel, table=True):
    """Read model of `placements`: who guides which student now."""

    __tablename__ = "guidance"

    student: str = Field(primary_key=True)
    supervisor: str = Field(primary_key=True, index=True)


class SchoolDecisionRow(SQLModel, table=True):
    """The school's last decision about a student."""

    __tablename__ = "school_decision"

    student: str = Field(primary_key=True)
    verdict: str
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class KeptVersionRow(SQLModel, table=True):
    """What a version of a region, workplace or supervisor held, to compare with and to go back to.

    Of a name the one before the last, for two days, sealed under the key of that person.
    """

    __tablename__ = "kept_version"

    aggregate: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    body: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class NewsRow(SQLModel, table=True):
    """Read model of `placements`: what happened to a student at a site, for some days."""

    __tablename__ = "plan_news"
    __table_args__ = (Index("ix_plan_news_site_at", "site", "at"),)

    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True, autoincrement=True))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    site: str
    student: str = Field(index=True)
    what: str


class SiteCheckRow(SQLModel, table=True):
    """When a school last said that what is known of it is right, for a period, and as whom."""

    __tablename__ = "site_check"

    site: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    actor: str


class SiteSignalRow(SQLModel, table=True):
    """Up to where a signal about a site was heard: what is older is no news."""

    __tablename__ = "site_signal"

    signal: str = Field(primary_key=True)
    student: str | None = Field(default=None, index=True)
    sequence: int
