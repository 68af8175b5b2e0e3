"""Receivers of webhooks and senders of files take turns: whose a webhook is, what is due of each, and when a file had its last turn."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.drop_index("ix_webhook_institute", "webhook")
    op.execute("ALTER TABLE webhook RENAME COLUMN institute TO owner")  # as it is: messages refer to the table
    op.create_index("ix_webhook_owner", "webhook", ["owner"])
    op.drop_index("ix_webhook_delivery_next_at", "webhook_delivery")
    op.create_index("ix_webhook_delivery_due", "webhook_delivery", ["webhook", "next_at"])
    op.add_column("import_file", sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
