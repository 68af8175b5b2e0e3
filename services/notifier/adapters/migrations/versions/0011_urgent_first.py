"""What must be told at once goes before the digests of a morning, and the next mails to go are found without sorting all that wait."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("mail", sa.Column("rank", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE mail SET rank = 1 WHERE channel IN ('digest', 'weekly')")
    with op.batch_alter_table("mail") as table:
        table.alter_column("rank", server_default=None)
    op.drop_index("ix_mail_due", "mail")
    op.create_index("ix_mail_due", "mail", ["state", "rank", "next_try_at", "id"])
