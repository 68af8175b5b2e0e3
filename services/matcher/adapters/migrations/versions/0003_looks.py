"""An improvement tells how it was found, so that a replay finds it again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("plan_version", sa.Column("turn", sa.Integer()))
    op.add_column("plan_version", sa.Column("seen_version", sa.Integer()))
    op.add_column("plan_version", sa.Column("proof_steps", sa.Integer()))
