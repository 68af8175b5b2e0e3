"""A mail that no system took remembers since when it is tried as a mail."""

import sqlalchemy as sa
from alembic import op

from shared.persistence.tables import UtcDateTime

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("mail", sa.Column("fell_back_at", UtcDateTime()))
