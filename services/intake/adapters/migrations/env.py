"""Alembic's way in; everything is in shared.persistence.migrations."""

from services.intake.adapters import tables, tables_imports, tables_pages  # noqa: F401  # so that the metadata is complete
from shared.persistence.migrations import run_environment
from shared.webhooks import tables as tables_of_webhooks  # noqa: F401

run_environment()
