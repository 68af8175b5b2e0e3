"""Which board a school has: a board sees the alerts of its sites."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("notifier_site", sa.Column("board", sa.String()))
    op.create_index("ix_notifier_site_board", "notifier_site", ["board"])
