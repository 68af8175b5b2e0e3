"""Which records no plan was made with, which plans are behind the facts, how much was told that asked for no other plan, and whether it was known what was still to be looked at.

A worker of before 0011 says nothing of looking: an empty field keeps what is still to be looked at for the next that does.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "set_aside",
        sa.Column("topic", sa.String(), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True),
        sa.Column("position", sa.BigInteger(), primary_key=True),
        sa.Column("kept", sa.Boolean(), nullable=False),
    )
    op.add_column("region_plan", sa.Column("behind", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("region_plan", sa.Column("told", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("plan_version") as table:
        table.alter_column("looked", existing_type=sa.Boolean(), nullable=True, server_default=None)
        table.add_column(sa.Column("looks_anew", sa.Boolean(), nullable=False, server_default=sa.false()))
