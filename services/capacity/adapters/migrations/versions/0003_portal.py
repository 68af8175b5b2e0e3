"""What the portal shows: boards, places that were lost, versions to go back to, news of the plan, and what was checked."""

import sqlalchemy as sa
from alembic import op

from shared.persistence.tables import RowId, UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("site", sa.Column("board", sa.String()))
    op.create_index("ix_site_board", "site", ["board"])
    op.add_column("placement", sa.Column("lost_site", sa.String()))
    op.create_index("ix_placement_lost_site", "placement", ["lost_site"])
    op.create_table(
        "kept_version",
        sa.Column("aggregate", sa.String(), primary_key=True),
        sa.Column("sequence", sa.Integer(), primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    )
    op.create_table(
        "plan_news",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("at", UtcDateTime(), nullable=False, index=True),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("student", sa.String(), nullable=False, index=True),
        sa.Column("what", sa.String(), nullable=False),
    )
    op.create_index("ix_plan_news_site_at", "plan_news", ["site", "at"])
    op.create_table(
        "site_check",
        sa.Column("site", sa.String(), primary_key=True),
        sa.Column("period", sa.String(), primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
    )
