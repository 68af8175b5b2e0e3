"""What systems read of people is logged."""

from shared.persistence.migrations import create_read_log

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    create_read_log()
