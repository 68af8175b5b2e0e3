"""What regions are called and when their periods end; their topic is read anew from the start."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("known_region", sa.Column("name", sa.String(), nullable=False, server_default=""))
    op.add_column("known_region", sa.Column("ends", sa.JSON(), nullable=False, server_default="{}"))
    op.execute("UPDATE known_region SET sequence = 0")
    op.execute("DELETE FROM consumer_offset WHERE topic LIKE '%region.settings'")
