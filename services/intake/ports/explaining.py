"""What the matcher can tell about one student beside what it published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Remedy:
    """What was tried to give a student a place: by which lever, and what it would do to how many others."""

    lever: str
    helps: bool
    minutes: int | None = None
    moved: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why the student is not at a school that was wished, or at a place that would suit better: the reason, or reasons."""

    site: str
    reasons: tuple[str, ...]
    is_wish: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a student is where they are, or has no place; `is_complete` when there is nothing more to wait for."""

    is_placed: bool
    is_complete: bool
    reason: str = ""
    facts: Mapping[str, int] = field(default_factory=dict)
    holders: int = 0
    rivals: int = 0
    minutes: int | None = None
    wish: int | None = None
    obstacles: Sequence[Obstacle] = ()
    remedies: Sequence[Remedy] = ()


class Explaining(Protocol):
    """Whoever explains plans."""

    async def explain(self, student: str) -> Explained | None:
        """What is known so far; None when nobody answers."""
        ...
