"""An institute lists its own students only: by id, without a walk along everybody's."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_student_institute", "student", ["institute", "id"])
