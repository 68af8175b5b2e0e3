"""Intake's tables of files that institutes send."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlmodel import JSON, Column, Field, SQLModel

from shared.persistence.tables import UtcDateTime

WAITING = text("NOT is_done")


class ImportFileRow(SQLModel, table=True):
    """A file; `turn` tells when a chunk of it was taken last, `key` is the Idempotency-Key it came with, `fingerprint` of what it held."""

    __tablename__ = "import_file"
    __table_args__ = (UniqueConstraint("actor", "key"),)

    id: str = Field(primary_key=True)
    actor: str
    institute: str | None = None
    kind: str
    region: str | None = None
    columns: list[str] = Field(sa_column=Column(JSON, nullable=False))
    separator: str
    status: str = Field(index=True)
    rows: int = 0
    counts: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    turn: int = 0
    key: str | None = None
    fingerprint: str | None = None
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    finished_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class ImportChunkRow(SQLModel, table=True):
    """Some rows of a file: as they came until they are worked off, then their verdicts, and of refused ones the cells."""

    __tablename__ = "import_chunk"
    __table_args__ = (
        Index("ix_import_chunk_waiting", "file", "number", postgresql_where=WAITING, sqlite_where=WAITING),
    )

    file: str = Field(
        sa_column=Column(String, ForeignKey("import_file.id", ondelete="CASCADE"), primary_key=True, nullable=False)
    )
    number: int = Field(primary_key=True)
    is_done: bool = False
    body: list[dict[str, object]] = Field(sa_column=Column(JSON, nullable=False))
