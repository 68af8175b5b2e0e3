"""How much a solve may compute: never a clock, so that the same input gives the same plan."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SolveLimits:
    """Deterministic time (about seconds of one core, the same on every machine) and the seed of the search."""

    deterministic_time: float
    seed: int = 1
