"""Looks for a person in a whole database: every table, every column, and on SQLite the bytes of its files."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import inspect, text

from shared.persistence.database import Database


async def where_stored(database: Database, words: Sequence[str]) -> set[str]:
    """The tables in which one of these ASCII texts stands, as text, JSON or bytes; with the names of SQLite's files that hold it."""
    wanted = [word.encode() for word in words]
    found: set[str] = set()
    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        assert names
        for name in names:
            rows = await connection.execute(text(f'SELECT * FROM "{name}"'))
            values = [_bytes_of(value) for row in rows for value in row]
            if any(word in value for value in values for word in wanted):
                found.add(name)
    if database.is_sqlite:
        file = Path(str(database.url.database))
        found |= {each.name for each in file.parent.glob(f"{file.name}*") if _holds(each, wanted)}
    return found


def _bytes_of(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _holds(file: Path, wanted: Sequence[bytes]) -> bool:
    content = file.read_bytes()
    return any(word in content for word in wanted)
