"""Small countries: invented regions whose sites are dealt out among parts."""

import random
from dataclasses import replace

from services.matcher.domain.ids import RegionId
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.region import Region
from services.matcher.domain.settings import Lending, Levers
from services.matcher.domain.vocabulary import Tier
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


def lending_country(seed: int) -> Region:
    """Three parts with few teachers who have many hours, for every school near enough, and a load that costs much."""
    facts = watching(in_parts(invent(Wanted(40, Family.HOURS, seed, 0.2)).region, seed, 3))
    people = enumerate(sorted(facts.supervisors.values(), key=lambda one: one.id))
    few = {
        one.id: replace(
            one, lendable=True, max_students=None, subjects=(), qh={when: 4 * qh for when, qh in one.qh.items()}
        )
        for number, one in people
        if one.tier is not Tier.WPB or number % 4 == 0
    }
    costs = replace(facts.settings.costs, load=(0, 700, 1_900))
    levers = Levers(lending=Lending(on=True, max_min=90, overhead_qh=0))
    return replace(facts, supervisors=few, settings=replace(facts.settings, levers=levers, costs=costs))
