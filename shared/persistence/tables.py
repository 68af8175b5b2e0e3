"""The tables that every service has beside its own: outbox, audit, consumer offsets, answers already given."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Index, Integer, LargeBinary, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import JSON, Column, Field, SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


RowId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts by itself only in a column of type INTEGER."""


class OutboxRow(SQLModel, table=True):
    """A message that must reach Kafka; `partition` overrides the partition of the region."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_unpublished",
            "id",
            postgresql_where=text("published_at IS NULL"),
            sqlite_where=text("published_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True, autoincrement=True))
    topic: str
    region: str | None = None
    partition: int | None = None
    key: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    value: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    headers: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    published_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class AuditRow(SQLModel, table=True):
    """Who changed what, when: written with the outbox row of the same change, and never deleted with it."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True, autoincrement=True))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    actor: str
    action: str
    aggregate: str = Field(index=True)
    sequence: int


class ConsumerOffset(SQLModel, table=True):
    """The next offset of one partition to apply; written in the transaction of the effect."""

    __tablename__ = "consumer_offset"

    consumer: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    next_offset: int = Field(sa_column=Column(BigInteger, nullable=False))


class GivenAnswer(SQLModel, table=True):
    """The answer to a request with an Idempotency-Key, so that the same request gets the same answer."""

    __tablename__ = "given_answer"

    scope: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    status: int
    headers: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    body: str
    given_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))


class ReadRow(SQLModel, table=True):
    """That somebody saw personal data, in the shape of Logboek Dataverwerkingen: activity, subject (keyed), trace.

    `person` is who looked at a page, empty for a system; `position` as what, such as board/41234.
    """

    __tablename__ = "read_log"
    __table_args__ = (Index("ix_read_log_site_id", "site", "id"),)

    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True, autoincrement=True))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    activity: str
    person: str
    position: str
    site: str
    subject: str
    trace: str
