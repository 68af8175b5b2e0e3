"""What is kept of files that institutes send."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.intake.domain.imports import FileRow, Import, RowVerdict


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a row of a file, in which chunk; the cells are kept of what was refused."""

    chunk: int
    verdict: RowVerdict
    cells: tuple[str, ...]


class Imports(Protocol):
    """Files that institutes send, within one transaction, as one institute sees them; raises NotFound for those of others."""

    async def begin(self, file: Import) -> None:
        """A file begins to arrive."""
        ...

    async def add_rows(self, file: str, number: int, rows: Sequence[FileRow]) -> None:
        """A chunk of it has arrived; chunks count from 1."""
        ...

    async def complete(self, file: str, rows: int, key: str | None, fingerprint: str) -> Import:
        """All of it has arrived, under this Idempotency-Key; raises IntegrityError when another file has the key."""
        ...

    async def with_key(self, key: str) -> tuple[Import, str] | None:
        """The file that came with this key, and its fingerprint."""
        ...

    async def discard(self, file: str) -> None:
        """Nothing of it stays."""
        ...

    async def get(self, file: str) -> Import:
        """How far a file is."""
        ...

    async def listed(self, after: str | None, limit: int) -> Sequence[Import]:
        """The first files that arrived, by id, of those with an id beyond `after`."""
        ...

    async def newest(self, limit: int) -> Sequence[Import]:
        """The files that arrived last, the newest first."""
        ...

    async def judged(self, file: str, after: int) -> Sequence[Judged]:
        """The rows of the first chunk beyond `after` that is worked off; none when there is no such chunk."""
        ...

    async def take(self) -> tuple[Import, int, Sequence[FileRow]] | None:
        """The first chunk that waits, of whoever had no turn for longest; without rows when that was the last."""
        ...

    async def judge(self, file: str, number: int, rows: Sequence[FileRow], verdicts: Sequence[RowVerdict]) -> None:
        """A chunk is worked off."""
        ...

    async def finish(self, file: str, now: datetime) -> None:
        """All of it is worked off."""
        ...

    async def forget(self, now: datetime, arriving: timedelta, done: timedelta) -> None:
        """Deletes files that began to arrive, or were done, so long ago."""
        ...
