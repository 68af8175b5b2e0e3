"""Which subjects a region knows, from its schools and its settings, and where schools are; both topics are read anew from the start."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "known_workplace",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
    )
    op.create_index("ix_known_workplace_subject", "known_workplace", ["region", "subject"])
    op.add_column("known_region", sa.Column("related", sa.JSON(), nullable=False, server_default="[]"))
    for name in ("lat", "lon"):
        op.add_column("known_site", sa.Column(name, sa.Float(), nullable=False, server_default="0"))
    op.execute("UPDATE known_region SET sequence = 0")
    op.execute("UPDATE known_site SET sequence = 0")
    op.execute("DELETE FROM consumer_offset WHERE topic LIKE '%supervisor.availability' OR topic LIKE '%region.settings'")
