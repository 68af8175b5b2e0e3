"""Facts, places and plans."""

import sqlalchemy as sa
from alembic import op

from shared.persistence.migrations import create_messaging_tables
from shared.persistence.tables import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_messaging_tables()
    op.create_table(
        "fact",
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("region", sa.String(), nullable=False, index=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON()),
    )
    op.create_table(
        "place",
        sa.Column("student", sa.String(), primary_key=True),
        sa.Column("region", sa.String(), nullable=False, index=True),
        sa.Column("institute", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("body", sa.JSON()),
        sa.Column("site", sa.String()),
        sa.Column("lost", sa.String()),
        sa.Column("signal_sequence", sa.Integer(), nullable=False),
    )
    op.create_table(
        "region_plan",
        sa.Column("region", sa.String(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("certificate", sa.JSON(), nullable=False),
    )
    op.create_table(
        "plan_version",
        sa.Column("region", sa.String(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("today", sa.Date(), nullable=False),
        sa.Column("effort", sa.String(), nullable=False),
        sa.Column("solve_s", sa.Float(), nullable=False),
        sa.Column("proposed", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("unplaced", sa.Integer(), nullable=False),
        sa.Column("covers", sa.JSON(), nullable=False),
        sa.Column("certificate", sa.JSON(), nullable=False),
    )
