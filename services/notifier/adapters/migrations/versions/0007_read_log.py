"""What systems read of people is logged."""

from shared.persistence.migrations import create_read_log

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    create_read_log()
