"""The state of a placement has a column of its own: reading it from the JSON of thousands took most of the time of an institute's page."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("student_place", sa.Column("state", sa.String()))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    state = "json_extract(body, '$.placement.state')" if is_sqlite else "body #>> '{placement,state}'"
    op.execute("UPDATE student_place SET state = " + state)
