"""Files that institutes send, in chunks of rows, with what became of each row."""

import sqlalchemy as sa
from alembic import op

from shared.persistence.tables import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "import_file",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("institute", sa.String()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("region", sa.String()),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("separator", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False, index=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("key", sa.String()),
        sa.Column("fingerprint", sa.String()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime()),
        sa.UniqueConstraint("actor", "key"),
    )
    op.create_table(
        "import_chunk",
        sa.Column("file", sa.String(), sa.ForeignKey("import_file.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    )
    waiting = sa.text("NOT is_done")
    op.create_index(
        "ix_import_chunk_waiting", "import_chunk", ["file", "number"], postgresql_where=waiting, sqlite_where=waiting
    )
