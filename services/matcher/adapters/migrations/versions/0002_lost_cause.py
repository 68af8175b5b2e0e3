"""Why a place was lost stays known until there is another."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("place", sa.Column("lost_cause", sa.String()))
