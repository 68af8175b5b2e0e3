"""An alert has a life: levels, news, what people did with it; a person has wishes, and a mail a channel."""

import sqlalchemy as sa
from alembic import op

from shared.persistence.tables import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE alert RENAME COLUMN episode TO revision")
    op.execute("ALTER TABLE notice RENAME COLUMN episode TO revision")
    _add_to_alerts()
    _add_to_mails()
    op.add_column("notifier_region", sa.Column("heard_at", UtcDateTime()))
    op.create_table(
        "notifier_round",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("day", sa.Date(), nullable=False),
    )
    op.create_table(
        "organisation_mode",
        sa.Column("organisation", sa.String(), primary_key=True),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "erased_student",
        sa.Column("student_key", sa.String(), primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
    )


def _add_to_alerts() -> None:
    for name in ("news_at", "told_at", "look_at", "escalate_at", "ended_at"):
        op.add_column("alert", sa.Column(name, UtcDateTime()))
    for name, filled in (("level", "critical"), ("news", "raised"), ("care", "{}"), ("turns", "[]")):
        kind = sa.JSON() if name in ("care", "turns") else sa.String()
        op.add_column("alert", sa.Column(name, kind, nullable=False, server_default=filled))
    op.execute("UPDATE alert SET state = 'raised', look_at = opened_at WHERE state = 'open'")
    op.execute("UPDATE alert SET state = 'closed', ended_at = opened_at WHERE state = 'cleared'")
    op.execute("UPDATE alert SET told_at = opened_at WHERE state = 'mailed'")
    op.execute("UPDATE alert SET news_at = opened_at")
    with op.batch_alter_table("alert") as alert:
        for name in ("level", "news", "care", "turns"):
            alert.alter_column(name, server_default=None)
    op.create_index("ix_alert_look_at", "alert", ["look_at"])
    op.create_index("ix_alert_of_region", "alert", ["region", "kind"])
    op.create_index("ix_notice_mail", "notice", ["mail"])


def _add_to_mails() -> None:
    op.add_column("mail", sa.Column("channel", sa.String(), nullable=False, server_default="immediate"))
    op.add_column("mail", sa.Column("person", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("mail") as mail:
        for name in ("channel", "person"):
            mail.alter_column(name, server_default=None)
    op.create_index("ix_mail_person", "mail", ["person", "created_at"])
