"""What an invented region is made of: institutes, subjects, routes, phases and norms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.contracts.region import Norm, RegionSettings, RelatedSubject
from shared.contracts.vocabulary import Sector


@dataclass(frozen=True, slots=True)
class Institute:
    """A teacher education institute: its number, name, and the sectors it educates for."""

    id: str
    name: str
    sectors: tuple[Sector, ...]
    lat: float
    lon: float


INSTITUTES: Final = (
    Institute("01VU", "Hogeschool Windesheim", (Sector.PRIMARY, Sector.SECONDARY), 52.50, 6.08),
    Institute("07GR", "Avans Hogeschool", (Sector.PRIMARY,), 51.59, 4.78),
    Institute("10IZ", "Marnix Academie", (Sector.PRIMARY,), 52.10, 5.11),
    Institute("22OJ", "Hogeschool Rotterdam", (Sector.PRIMARY, Sector.SECONDARY), 51.92, 4.48),
    Institute("23AH", "Saxion", (Sector.PRIMARY,), 52.22, 6.89),
    Institute("25BE", "Hanzehogeschool Groningen", (Sector.PRIMARY,), 53.24, 6.53),
    Institute("25DW", "Hogeschool Utrecht", (Sector.PRIMARY, Sector.SECONDARY), 52.08, 5.18),
    Institute("25KB", "Hogeschool van Arnhem en Nijmegen", (Sector.PRIMARY, Sector.SECONDARY), 51.99, 5.95),
    Institute("28DN", "Hogeschool van Amsterdam", (Sector.PRIMARY, Sector.SECONDARY), 52.36, 4.91),
    Institute("30GB", "Fontys Hogeschool", (Sector.PRIMARY, Sector.SECONDARY), 51.45, 5.48),
    Institute("21PC", "Rijksuniversiteit Groningen", (Sector.SECONDARY,), 53.22, 6.57),
    Institute("21PD", "Universiteit Utrecht", (Sector.SECONDARY,), 52.09, 5.12),
    Institute("21PM", "Radboud Universiteit", (Sector.SECONDARY,), 51.82, 5.86),
)

SUBJECTS: Final = {
    Sector.PRIMARY: {"onderbouw": 30, "middenbouw": 36, "bovenbouw": 34},
    Sector.SECONDARY: {
        "nederlands": 20,
        "wiskunde": 18,
        "engels": 18,
        "geschiedenis": 12,
        "biologie": 12,
        "economie": 10,
        "frans": 6,
        "natuurkunde": 7,
        "informatica": 1,
    },
}
"""Subjects or class bands, and how many in a hundred students choose them."""

NOT_OFFERED: Final = {"informatica"}
"""Subjects that some students ask and no school of the region offers."""

ROUTES: Final = {"voltijd": 68, "deeltijd": 20, "zij-instroom": 7, "kopopleiding": 5}
PHASES: Final = {
    Sector.PRIMARY: {"year1": 26, "year2": 26, "year3": 24, "year4": 24},
    Sector.SECONDARY: {"wpl1": 30, "wpl2": 28, "wpl3": 24, "lio": 18},
}
SUPPORT: Final = {1: 82, 2: 13, 3: 5}
PERIOD_SETS: Final[dict[Sequence[Sequence[int]], int]] = {((0,),): 50, ((1,), (0,)): 30, ((0, 1),): 20}
"""Sets of numbers of periods: 0 is the earlier one. The first set is asked; others may be used when the region shifts periods."""


def _norms() -> tuple[Norm, ...]:
    """Hours per week: beginners more than seniors, other support classes more than the first."""
    juniors = ("wpl1", "year1", "year2")
    seniors = ("lio", "year4")
    return (
        *(Norm(phase=phase, support=1, wpb=7, so=2, io=1) for phase in juniors),
        *(Norm(phase=phase, support=1, wpb=4, so=1, io=1) for phase in seniors),
        Norm(route="zij-instroom", support=1, wpb=8, so=2, io=2),
        Norm(support=1, wpb=6, so=2, io=1),
        Norm(support=2, wpb=9, so=3, io=2),
        Norm(support=3, wpb=12, so=4, io=2),
    )


SETTINGS: Final = RegionSettings(
    norms=_norms(),
    related=(
        RelatedSubject(student="frans", place="engels", cost=40),
        RelatedSubject(student="natuurkunde", place="wiskunde", cost=40),
        RelatedSubject(student="economie", place="geschiedenis", cost=60),
    ),
)


def norm_for(route: str, phase: str, support: int) -> Norm:
    """The first norm that matches, as the region reads its table."""
    return next(
        norm
        for norm in SETTINGS.norms
        if norm.route in {"*", route} and norm.phase in {"*", phase} and norm.support == support
    )
