"""An institute's own reference is free again once its registration is withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        _rebuild_on_sqlite()
    else:
        op.drop_constraint("student_institute_reference_key", "student")
    not_withdrawn = sa.text("status <> 'withdrawn'")
    columns = ["institute", "reference"]
    op.create_index("ix_student_reference", "student", columns)
    op.create_index(
        "uq_student_reference",
        "student",
        columns,
        unique=True,
        postgresql_where=not_withdrawn,
        sqlite_where=not_withdrawn,
    )


def _rebuild_on_sqlite() -> None:
    """SQLite drops no constraint of a table, and drops no table that another refers to: the mismatches step aside."""
    op.execute("CREATE TABLE kept_mismatch AS SELECT * FROM mismatch")
    op.drop_table("mismatch")
    with op.batch_alter_table("student", naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s"}) as student:
        student.drop_constraint("uq_student_institute", type_="unique")
    op.create_table(
        "mismatch",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("student", sa.String(), sa.ForeignKey("student.id"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    )
    op.create_index("ix_mismatch_student", "mismatch", ["student"])
    op.execute("INSERT INTO mismatch SELECT * FROM kept_mismatch")
    op.drop_table("kept_mismatch")
