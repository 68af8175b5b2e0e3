"""Of a signal that is over its number stays, and not what it told."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("UPDATE signal SET body = '{}' WHERE status = 'cleared'")
