"""What systems read of students is logged."""

from shared.persistence.migrations import create_read_log

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    create_read_log()
