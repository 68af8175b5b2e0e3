"""That a mail was given up is kept until the operator has heard of it."""

import sqlalchemy as sa
from alembic import op

from shared.persistence.tables import UtcDateTime

revision = "0010"
down_revision = "0009"

WORDS = ("kind", "channel", "region", "role", "organisation")


def upgrade() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("mail", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in WORDS),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("gone", sa.JSON(), nullable=False),
    )
