"""Alerts are looked up by whom they concern, the newest first."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for name in ("institute", "site"):
        op.add_column("alert", sa.Column(name, sa.String(), nullable=False, server_default=""))
    alert = sa.table(
        "alert", sa.column("id"), sa.column("case", sa.JSON()), sa.column("institute"), sa.column("site")
    )
    values = [_of(row.id, row.case) for row in op.get_bind().execute(sa.select(alert.c.id, alert.c.case))]
    if values:
        named: dict[str, Any] = {"institute": sa.bindparam("own_institute"), "site": sa.bindparam("own_site")}
        op.get_bind().execute(sa.update(alert).where(alert.c.id == sa.bindparam("own_id")).values(named), values)
    with op.batch_alter_table("alert") as table:
        for name in ("institute", "site"):
            table.alter_column(name, server_default=None)
    op.create_index("ix_alert_opened_at", "alert", ["opened_at", "id"])
    op.create_index("ix_notice_contact", "notice", ["contact"])


def _of(alert: str, case: Any) -> dict[str, str]:
    content = json.loads(case) if isinstance(case, str) else case
    return {
        "own_id": alert,
        "own_institute": content.get("institute") or "",
        "own_site": content.get("site") or "",
    }
