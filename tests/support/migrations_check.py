"""In a process of its own: migrates one service's database twice, and prints where its tables differ from its models."""

import asyncio
import importlib
import sys
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, String
from sqlmodel import AutoString, SQLModel

import services
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade


def _is_another_type(_context: object, _column: object, _model: object, found: Any, wanted: Any) -> bool | None:
    """Text of any length is one type, however it is written; None leaves the judgement to alembic."""
    either = (found, wanted)
    return False if all(isinstance(each, String | AutoString) and each.length is None for each in either) else None


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": _is_another_type, "render_as_batch": True})
    return list(compare_metadata(context, SQLModel.metadata))


async def check(service: str, url: str) -> list[object]:
    """What alembic would still change after the service's migrations have run twice, the first time in two at once."""
    importlib.import_module(f"services.{service}.adapters.tables")
    folder = Path(services.__path__[0]) / service / "adapters" / "migrations"
    first, second = Database(url), Database(url)
    try:
        await asyncio.gather(upgrade(first, folder), upgrade(second, folder))
        await upgrade(first, folder)
        async with first.engine.connect() as connection:
            return await connection.run_sync(_differences)
    finally:
        await first.close()
        await second.close()


if __name__ == "__main__":
    for difference in asyncio.run(check(sys.argv[1], sys.argv[2])):
        print(difference)
