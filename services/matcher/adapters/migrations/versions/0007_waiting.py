"""What names something that was never heard of is told about after a while."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "waiting",
        sa.Column("region", sa.String(), primary_key=True),
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("names", sa.String(), primary_key=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
    )
