"""Small countries: invented regions whose sites are dealt out among parts."""

import random
from dataclasses import replace

from services.matcher.domain.ids import RegionId
from services.matcher.domain.region import Region
from tests.support.lever_regions import tiny_lever_region
from tests.support.regions import invented_region


def in_parts(facts: Region, seed: int, parts: int) -> Region:
    """The same region with each site in one of some parts; each part has a site where there are as many."""
    draw = random.Random(seed)
    names = sorted(facts.sites)
    draw.shuffle(names)
    of = {name: RegionId(f"part-{at if at < parts else draw.randrange(parts)}") for at, name in enumerate(names)}
    return replace(facts, sites={key: replace(one, region=of[key]) for key, one in facts.sites.items()})


def watching(facts: Region) -> Region:
    """The same region, where groups of two are watched."""
    return replace(facts, settings=replace(facts.settings, fairness=replace(facts.settings.fairness, min_size=2)))


def tiny_country(seed: int) -> Region:
    """A few students with every lever, at two sites in two parts."""
    return watching(in_parts(tiny_lever_region(seed), seed, 2))


def plain_country(seed: int, scarcity: float) -> Region:
    """A few students without levers that pool hours, at three sites in two or three parts."""
    return watching(in_parts(invented_region(seed, students=4, sites=3, scarcity=scarcity), seed, 2 + seed % 2))
