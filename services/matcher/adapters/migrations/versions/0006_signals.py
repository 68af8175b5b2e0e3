"""Signals: what was last told of each rule and subject."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "signal",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("region", sa.String(), nullable=False, index=True),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("measure", sa.Integer(), nullable=False),
        sa.Column("better_since", sa.Date()),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("memo", sa.JSON(), nullable=False),
    )
