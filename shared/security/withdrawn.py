"""Tokens that are good no more, although they were signed by us and hold: of whom, issued before when. One file says so."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from shared.errors import Misconfigured
from shared.security.keys import stamp_of

NAMED_BY = ("org", "sub", "jti")
"""What a line may name: everything of an organisation, what was given to somebody, or one token."""

log = structlog.get_logger(__name__)


class Withdrawn:
    """Reads lines such as `institute/01VU 2026-11-30T08:00+01:00`, again when the file has changed."""

    def __init__(self, path: Path | None) -> None:
        """Without a file nothing is withdrawn. Raises Misconfigured for a line that says something else."""
        self._path = path
        self._until: Mapping[str, float] = {} if path is None else _lines_of(path)
        self._read = None if path is None else stamp_of(path)

    def holds(self, claims: Mapping[str, Any]) -> bool:
        """Whether this token was withdrawn; one that does not say when it was issued counts as old."""
        self._renew()
        issued = claims.get("iat")
        moment = issued if isinstance(issued, int | float) else 0
        return any(moment < self._until.get(str(claims.get(name)), 0) for name in NAMED_BY)

    def _renew(self) -> None:
        """A file that cannot be read any more takes back nothing of what was withdrawn."""
        if self._path is None or stamp_of(self._path) == self._read:
            return
        self._read = stamp_of(self._path)
        try:
            self._until = _lines_of(self._path)
        except Misconfigured as wrong:
            log.error("the file of withdrawn tokens cannot be read", problem=str(wrong))


def _lines_of(path: Path) -> dict[str, float]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as wrong:
        raise Misconfigured(f"{path} is niet te lezen: {type(wrong).__name__}") from wrong
    found: dict[str, float] = {}
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            who, moment = words
            when = datetime.fromisoformat(moment)
        except ValueError:
            when = None
        if when is None or when.tzinfo is None:
            detail = "verwacht: wie en sinds wanneer, zoals institute/01VU 2026-11-30T08:00+01:00"
            raise Misconfigured(f"{path}, regel {number}: {detail}")
        found[who] = max(when.timestamp(), found.get(who, 0))
    return found
