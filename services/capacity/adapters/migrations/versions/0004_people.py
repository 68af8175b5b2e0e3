"""People who sign in, their sessions and links, mails about access, and who saw what."""

import sqlalchemy as sa
from alembic import op

from shared.persistence.migrations import create_read_log
from shared.persistence.tables import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.String(), unique=True),
        sa.Column("identity", sa.String(), unique=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime()),
    )
    op.create_table(
        "account_position",
        sa.Column("account", sa.String(), sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("position", sa.String(), primary_key=True, index=True),
    )
    op.create_table(
        "web_session",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("account", sa.String(), sa.ForeignKey("account.id"), nullable=False, index=True),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False, index=True),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("id_token", sa.LargeBinary()),
    )
    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("account", sa.String(), sa.ForeignKey("account.id"), nullable=False, index=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False, index=True),
        sa.Column("used_at", UtcDateTime()),
    )
    op.create_table(
        "access_mail",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False, index=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
    )
    create_read_log()
