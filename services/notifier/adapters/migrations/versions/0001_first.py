"""Contacts, alerts, notices, mails and the notifier's read models."""

import sqlalchemy as sa
from alembic import op

from shared.persistence.migrations import create_messaging_tables
from shared.persistence.tables import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_messaging_tables()
    op.create_table(
        "contact",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String()),
        sa.Column("phone", sa.String()),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("ix_contact_organisation", "contact", ["organisation", "role"])
    op.create_table(
        "alert",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("student", sa.String(), nullable=False, index=True),
        sa.Column("case", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False, index=True),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "notice",
        sa.Column("alert", sa.String(), primary_key=True),
        sa.Column("episode", sa.Integer(), primary_key=True),
        sa.Column("role", sa.String(), primary_key=True),
        sa.Column("contact", sa.String(), primary_key=True),
        sa.Column("mail", sa.String()),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("dedupe_key", sa.String(), nullable=False, unique=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False, index=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String()),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("students", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("claim", sa.String()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("lease_until", UtcDateTime()),
        sa.Column("sent_at", UtcDateTime()),
    )
    op.create_index("ix_mail_due", "mail", ["state", "next_try_at"])
    op.create_table(
        "notifier_region",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts", sa.JSON(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date()),
        sa.Column("day_sequence", sa.Integer(), nullable=False),
    )
    op.create_table(
        "notifier_site",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
    )
    op.create_table(
        "notifier_student",
        sa.Column("student", sa.String(), primary_key=True),
        sa.Column("site", sa.String()),
        sa.Column("periods", sa.JSON(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("registration_sequence", sa.Integer(), nullable=False),
    )
