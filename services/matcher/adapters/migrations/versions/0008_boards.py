"""Which board a site has: a board reads the answers about its sites."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("fact", sa.Column("board", sa.String()))
    op.create_index("ix_fact_board", "fact", ["board"])
