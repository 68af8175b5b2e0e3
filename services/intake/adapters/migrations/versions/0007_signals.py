"""Up to where signals about students were heard."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "student_signal",
        sa.Column("signal", sa.String(), primary_key=True),
        sa.Column("student", sa.String(), nullable=False, index=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
    )
