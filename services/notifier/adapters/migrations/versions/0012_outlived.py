"""Alerts that are over and mails that are old are found to be removed."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_index("ix_alert_ended", "alert", ["state", "ended_at"])
    op.drop_index("ix_alert_state", "alert")
    op.create_index("ix_mail_created", "mail", ["created_at"])
