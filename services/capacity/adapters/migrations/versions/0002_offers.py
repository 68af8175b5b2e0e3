"""Places that are offered to students who have another."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "offer",
        sa.Column("student", sa.String(), primary_key=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), index=True),
        sa.Column("body", sa.JSON(), nullable=False),
    )
