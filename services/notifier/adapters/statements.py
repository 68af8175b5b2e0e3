"""Statements about many ids, in pieces."""

from collections.abc import Collection, Iterator

CHUNK = 500
"""SQLite takes 32,766 values in one statement, PostgreSQL's driver 32,767; this stays far below both."""


def chunks(ids: Collection[str]) -> Iterator[list[str]]:
    """The ids in pieces that fit in one statement, in a fixed order."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
