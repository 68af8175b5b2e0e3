"""Which subjects a region knows: what its schools offer and what its settings relate."""

from collections.abc import Iterable

from services.capacity.domain.regions import Region


def known_subjects(region: Region, offered: Iterable[str]) -> frozenset[str]:
    """The subjects of a region; `offered` are those of its workplaces."""
    related = region.terms.settings.related
    return frozenset([*offered, *(each.student for each in related), *(each.place for each in related)])
