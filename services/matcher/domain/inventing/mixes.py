"""How students, schools and people are mixed: shares in a hundred, and the norms that go with them."""

from collections.abc import Iterator
from datetime import date
from math import ceil

from services.matcher.domain.ids import PeriodId
from services.matcher.domain.region import Period
from services.matcher.domain.settings import Needs, Norm, RelatedSubject
from services.matcher.domain.vocabulary import Sector

SECTORS = {Sector.PO: 40, Sector.VO: 50, Sector.MBO: 6, Sector.SO: 4}
"""Primary and secondary training take in about as many a year; mbo and special schools a tenth together."""
SMALL_SECTORS = {Sector.PO: 45, Sector.VO: 55}
STUDENTS_PER_SITE = {Sector.PO: 4.5, Sector.VO: 11.0, Sector.MBO: 20.0, Sector.SO: 5.0}
BANDS = {"onderbouw": 30, "middenbouw": 36, "bovenbouw": 34}
SUBJECTS = {
    Sector.PO: BANDS,
    Sector.SO: BANDS,
    Sector.VO: {
        "nederlands": 15,
        "wiskunde": 12,
        "engels": 14,
        "geschiedenis": 11,
        "aardrijkskunde": 7,
        "biologie": 9,
        "economie": 8,
        "natuurkunde": 4,
        "scheikunde": 3,
        "frans": 3,
        "duits": 4,
        "lichamelijke opvoeding": 6,
        "kunst": 3,
        "techniek": 1,
    },
    Sector.MBO: {"zorg en welzijn": 35, "techniek": 25, "economie": 20, "burgerschap": 10, "nederlands": 10},
}
OFFERED = {Sector.PO: (1, 2), Sector.SO: (1, 2), Sector.VO: (4, 7), Sector.MBO: (2, 4)}
"""At least and at most so many subjects or bands per site."""
PHASES = {
    Sector.PO: {"year1": 27, "year2": 26, "year3": 24, "year4": 23},
    Sector.SO: {"year2": 30, "year3": 40, "year4": 30},
    Sector.VO: {"wpl1": 30, "wpl2": 28, "wpl3": 24, "lio": 18},
    Sector.MBO: {"wpl1": 40, "wpl2": 30, "lio": 30},
}
ROUTES = {
    Sector.PO: {"voltijd": 66, "deeltijd": 18, "zij-instroom": 9, "ad-pep": 4, "kopopleiding": 3},
    Sector.SO: {"voltijd": 70, "deeltijd": 20, "zij-instroom": 10},
    Sector.VO: {
        "voltijd": 60,
        "deeltijd": 19,
        "zij-instroom": 8,
        "educatieve-minor": 6,
        "kopopleiding": 3,
        "tweede-bevoegdheid": 4,
    },
    Sector.MBO: {"pdg": 70, "zij-instroom": 20, "deeltijd": 10},
}
SUPPORT = {1: 77, 2: 16, 3: 7}
INSTITUTES = {
    Sector.PO: {"01VU": 30, "25KB": 30, "25DW": 25, "10IZ": 15},
    Sector.SO: {"01VU": 40, "25KB": 35, "25DW": 25},
    Sector.VO: {"01VU": 26, "25KB": 30, "25DW": 24, "21PD": 20},
    Sector.MBO: {"25KB": 60, "25DW": 40},
}
RELATED = (
    RelatedSubject("natuurkunde", "wiskunde", 40),
    RelatedSubject("scheikunde", "natuurkunde", 30),
    RelatedSubject("biologie", "scheikunde", 50),
    RelatedSubject("geschiedenis", "aardrijkskunde", 50),
    RelatedSubject("aardrijkskunde", "geschiedenis", 50),
    RelatedSubject("economie", "wiskunde", 60),
    RelatedSubject("frans", "engels", 40),
    RelatedSubject("duits", "engels", 40),
    RelatedSubject("burgerschap", "nederlands", 40),
)
PERIODS = tuple(
    Period(PeriodId(name), first, last)
    for name, first, last in (
        ("2026-S1", date(2026, 8, 31), date(2027, 1, 29)),
        ("2026-S2", date(2027, 2, 1), date(2027, 7, 9)),
        ("2027-S1", date(2027, 8, 30), date(2028, 1, 28)),
    )
)
WPB_BY_ROUTE = {
    "zij-instroom": 9,
    "pdg": 8,
    "educatieve-minor": 5,
    "kopopleiding": 6,
    "tweede-bevoegdheid": 3,
    "ad-pep": 5,
}
WPB_BY_PHASE = {"year1": 7, "wpl1": 8, "year2": 6, "wpl2": 7, "year3": 5, "wpl3": 6, "year4": 4, "lio": 4}
WEIGHT_OF_SUPPORT = {1: (2, 2, 1), 2: (3, 3, 2), 3: (4, 4, 2)}
"""Per support class: halves of the wpb hours of class 1, hours of so, hours of io."""


def norms() -> tuple[Norm, ...]:
    """Needs of many sizes: special routes first, then by phase, each for the three support classes."""
    return tuple(_norms())


def _norms() -> Iterator[Norm]:
    for support, (halves, so, io) in WEIGHT_OF_SUPPORT.items():
        for route, wpb in WPB_BY_ROUTE.items():
            yield Norm(route, "*", support, Needs(ceil(wpb * halves / 2), so, io))
        for phase, wpb in WPB_BY_PHASE.items():
            yield Norm("*", phase, support, Needs(ceil(wpb * halves / 2), so, io))
