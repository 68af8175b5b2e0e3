"""How much a solve may compute: never a clock, so that the same input gives the same plan; and how much is kept at hand."""

from dataclasses import dataclass

REGIONS_AT_HAND = 32
"""Regions that a process has built up in its memory, where one of 2,400 students takes about 15 MB; whoever was asked for longest ago
makes room for the next."""


@dataclass(frozen=True, slots=True)
class SolveLimits:
    """Deterministic time (about seconds of one core, the same on every machine) and the seed of the search."""

    deterministic_time: float
    seed: int = 1
