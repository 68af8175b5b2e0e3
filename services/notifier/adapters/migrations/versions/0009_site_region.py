"""In which region a school is: whoever runs the region sees which of its schools have nobody to tell."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("notifier_site", sa.Column("region", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("notifier_site") as table:
        table.alter_column("region", server_default=None)
    op.create_index("ix_notifier_site_region", "notifier_site", ["region"])
