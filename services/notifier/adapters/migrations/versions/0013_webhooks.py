"""Webhooks of organisations, the messages to them and every try; and by which message a mail was given to a system."""

import sqlalchemy as sa
from alembic import op

from shared.persistence.tables import UtcDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("owner", sa.String(), index=True),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary()),
        sa.Column("previous_until", UtcDateTime()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("webhook", sa.String(), sa.ForeignKey("webhook.id"), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), index=True),
    )
    op.create_index("ix_webhook_delivery_webhook", "webhook_delivery", ["webhook", "id"])
    op.create_index("ix_webhook_delivery_due", "webhook_delivery", ["webhook", "next_at"])
    op.create_table(
        "webhook_try",
        sa.Column("delivery", sa.String(), sa.ForeignKey("webhook_delivery.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
    )
    op.create_table(
        "handed_mail",
        sa.Column("mail", sa.String(), primary_key=True),
        sa.Column("organisation", sa.String(), primary_key=True),
        sa.Column("message", sa.String(), primary_key=True),
    )
