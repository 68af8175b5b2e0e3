"""Regions, sites, workplaces, supervisors, their keys, decisions, and capacity's read models."""

import sqlalchemy as sa
from alembic import op

from shared.persistence.migrations import create_messaging_tables
from shared.persistence.tables import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_messaging_tables()
    op.create_table(
        "region",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("day", sa.Date()),
        sa.Column("day_sequence", sa.Integer(), nullable=False),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("region", sa.String(), sa.ForeignKey("region.id"), nullable=False, index=True),
        sa.Column("core", sa.String(), index=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    )
    op.create_table(
        "workplace",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("region", sa.String(), nullable=False, index=True),
        sa.Column("site", sa.String(), sa.ForeignKey("site.id"), nullable=False, index=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    )
    op.create_table(
        "supervisor",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("region", sa.String(), sa.ForeignKey("region.id"), nullable=False, index=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary()),
        sa.Column("erased_at", UtcDateTime()),
    )
    op.create_table(
        "supervisor_site",
        sa.Column("supervisor", sa.String(), sa.ForeignKey("supervisor.id"), primary_key=True),
        sa.Column("site", sa.String(), primary_key=True, index=True),
    )
    op.create_table(
        "person_key",
        sa.Column("person", sa.String(), primary_key=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "placement",
        sa.Column("student", sa.String(), primary_key=True),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), index=True),
        sa.Column("body", sa.JSON(), nullable=False),
    )
    op.create_table(
        "guidance",
        sa.Column("student", sa.String(), primary_key=True),
        sa.Column("supervisor", sa.String(), primary_key=True, index=True),
    )
    op.create_table(
        "school_decision",
        sa.Column("student", sa.String(), primary_key=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    )
