"""Whether it was looked at with a plan what people must know of it: where events come together that is done later, once for all."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("plan_version", sa.Column("looked", sa.Boolean(), nullable=False, server_default=sa.true()))
