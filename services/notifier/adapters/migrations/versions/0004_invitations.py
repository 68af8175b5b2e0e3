"""A mail may bring a calendar file."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("mail", sa.Column("invitation", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("mail") as mail:
        mail.alter_column("invitation", server_default=None)
