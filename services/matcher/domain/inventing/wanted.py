"""What kind of region is asked for."""

from dataclasses import dataclass

from services.matcher.domain.families import Family
from services.matcher.domain.vocabulary import Sector

__all__ = ["SCARCITY", "Family", "GivenSite", "Wanted"]

MIDDLE = (52.1, 5.4)
SCARCITY = {
    Family.HOURS: 0.05,
    Family.SEATS: 0.03,
    Family.TRAINERS: 0.05,
    Family.PERIODS: 0.02,
    Family.INCREMENTAL: 0.03,
    Family.LEVERS: 0.01,
}
"""The share of the students that the planted plan leaves out when nothing else is asked."""


@dataclass(frozen=True, slots=True)
class GivenSite:
    """A real school site to build a region around."""

    id: str
    sector: Sector
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many students, what is scarce and by how much, and the seed: the same wish gives the same region."""

    students: int
    family: Family = Family.HOURS
    seed: int = 1
    scarcity: float | None = None
    sites: tuple[GivenSite, ...] = ()
    region: str = "NL-R01"
    middle: tuple[float, float] = MIDDLE
    first_site: int = 0
    """The number of the first site that is invented, so that no two regions of a country have one of the same id."""
    mark: str = ""
    """What the ids of its people and students begin with, after the letter of their kind."""

    @property
    def left_out(self) -> float:
        """The share of the students for whom the planted plan has no place."""
        return SCARCITY[self.family] if self.scarcity is None else self.scarcity

    @property
    def has_levers(self) -> bool:
        """Whether every lever is on."""
        return self.family is Family.LEVERS
