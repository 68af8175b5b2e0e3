"""What a region had when each day began, and what was tried on copies of it."""

import sqlalchemy as sa
from alembic import op

from shared.persistence.tables import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "capacity_snapshot",
        sa.Column("region", sa.String(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        *(sa.Column(name, sa.String(), primary_key=True) for name in ("sector", "subject", "site", "period")),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("seats", "taken", "qh", "qh_used", "students", "unplaced")
        ),
    )
    op.create_table(
        "scenario",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("region", sa.String(), nullable=False, index=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("kind", "name", "state", "owner")),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("plan_version", sa.Integer()),
        sa.Column("result", sa.JSON()),
        sa.Column("problem", sa.String()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
    )
    op.create_table(
        "scenario_step",
        sa.Column("scenario", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    )
