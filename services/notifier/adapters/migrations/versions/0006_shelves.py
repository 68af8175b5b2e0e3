"""Alerts are found by who looks for them in the order in which they are shown, however many there are."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BY = {"": (), "_region": ("region",), "_institute": ("institute",), "_site": ("site",)}


def upgrade() -> None:
    op.add_column("alert", sa.Column("shelf", sa.String(), nullable=False, server_default=""))
    op.execute(
        "UPDATE alert SET shelf = (CASE WHEN state IN ('cleared', 'closed') THEN 'over' ELSE 'live' END)"
        " || (CASE WHEN kind IN ('proposed', 'changed', 'settled') THEN '-fact' ELSE '' END)"
    )
    with op.batch_alter_table("alert") as table:
        table.alter_column("shelf", server_default=None)
    op.drop_index("ix_alert_opened_at", "alert")
    for name, columns in BY.items():
        beside = () if name == "_site" else ("kind", "level")
        op.create_index(f"ix_alert_shelf{name}", "alert", [*columns, "shelf", "opened_at", "id", *beside])
    op.drop_index("ix_notice_contact", "notice")
    op.create_index("ix_notice_contact", "notice", ["contact", "alert"])
