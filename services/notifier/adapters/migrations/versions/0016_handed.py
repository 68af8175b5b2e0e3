"""What was given to systems is kept only of mails that wait for one: what is looked for is then only what is left."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("DELETE FROM handed_mail WHERE mail NOT IN (SELECT id FROM mail WHERE state = 'handed-over')")
