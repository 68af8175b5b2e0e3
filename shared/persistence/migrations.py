"""Brings a service's database to the version its code expects, at start, by one process at a time."""

from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from alembic import command, context, op
from alembic.config import Config
from sqlalchemy import Connection
from sqlmodel import SQLModel

from shared.persistence.database import Database, translated_errors
from shared.persistence.tables import RowId, UtcDateTime


async def upgrade(
    database: Database, migrations: Path, to: str = "head", parts: Mapping[str, object] | None = None
) -> None:
    """Runs every migration of the folder, up to and with `to`, that the database has not had yet.

    A migration finds `parts`, such as what seals, by name in `context.config.attributes`.
    """
    async with database.exclusive("migrations"):
        with translated_errors():
            async with database.engine.connect() as connection:
                await connection.run_sync(_upgrade, migrations, to, parts or {})


def _upgrade(connection: Connection, migrations: Path, to: str, parts: Mapping[str, object]) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    config.attributes.update(parts, connection=connection)
    command.upgrade(config, to)
    connection.commit()


def run_environment() -> None:
    """What every service's `migrations/env.py` calls."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


def create_read_log() -> None:
    """The log of who read what: part of a migration of every service."""
    op.create_table(
        "read_log",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("at", UtcDateTime(), nullable=False, index=True),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("trace", sa.String(), nullable=False),
    )
    op.create_index("ix_read_log_site_id", "read_log", ["site", "id"])


def create_messaging_tables() -> None:
    """Outbox, audit, consumer offsets and given answers: part of the first migration of every service."""
    op.create_table(
        "outbox",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("region", sa.String()),
        sa.Column("partition", sa.Integer()),
        sa.Column("key", sa.LargeBinary()),
        sa.Column("value", sa.LargeBinary()),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime()),
    )
    unpublished = sa.text("published_at IS NULL")
    op.create_index("ix_outbox_unpublished", "outbox", ["id"], postgresql_where=unpublished, sqlite_where=unpublished)
    op.create_table(
        "audit",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("aggregate", sa.String(), nullable=False, index=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
    )
    op.create_table(
        "consumer_offset",
        sa.Column("consumer", sa.String(), primary_key=True),
        sa.Column("topic", sa.String(), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "given_answer",
        sa.Column("scope", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False, index=True),
    )
