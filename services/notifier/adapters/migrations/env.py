"""Alembic's way in; everything is in shared.persistence.migrations."""

from services.notifier.adapters import tables  # noqa: F401  # so that the metadata is complete
from shared.persistence.migrations import run_environment

run_environment()
