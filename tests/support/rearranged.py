"""The same region written in another way: lists and keys in another order, things under other ids."""

import json
import random
from typing import Any

from services.matcher.domain.documents import region_from_document, region_to_document
from services.matcher.domain.region import Region

THINGS = ("periods", "sites", "workplaces", "supervisors", "students", "placements")
SETS = {
    "supervisors": ("institutes", "subjects", "days", "absences"),
    "workplaces": ("phases",),
    "students": ("not_sites", "only_sites", "together", "apart", "days"),
}
"""Lists of a thing whose order says nothing; of a supervisor's sites only the first is special."""


def in_another_order(region: Region, seed: int) -> Region:
    """Every list and object whose order says nothing in another order; period sets as they were."""
    draw = random.Random(seed)
    document = _keys(draw, region_to_document(region))
    for name in THINGS:
        draw.shuffle(document[name])
    for name, lists in SETS.items():
        for one in document[name]:
            for each in lists:
                draw.shuffle(one.get(each, []))
    for one in document["supervisors"]:
        others = one["sites"][1:]
        draw.shuffle(others)
        one["sites"][1:] = others
    draw.shuffle(document["settings"]["fairness"]["groups"])
    return region_from_document(document)


def with_periods_turned(region: Region) -> Region:
    """The periods within each set of each student the other way round, which means the same."""
    document: Any = region_to_document(region)
    for one in document["students"]:
        one["period_sets"] = [periods[::-1] for periods in one["period_sets"]]
    return region_from_document(document)


def under_other_ids(region: Region, seed: int) -> Region:
    """Other ids, in another order too, for sites, workplaces, people and students, wherever they are named."""
    document: Any = region_to_document(region)
    ids = [one["id"] for name in ("sites", "workplaces", "supervisors", "students") for one in document[name]]
    assert len({*ids}) == len(ids), "an id that is used for two kinds of things could not be told apart"
    numbers = list(range(len(ids)))
    random.Random(seed).shuffle(numbers)
    renamed = {one: f"x{number:05}" for one, number in zip(ids, numbers, strict=True)}
    return region_from_document(_renamed(document, renamed))


def _keys(draw: random.Random, value: Any) -> Any:
    if isinstance(value, dict):
        names = list(value)
        draw.shuffle(names)
        return {name: _keys(draw, value[name]) for name in names}
    return [_keys(draw, one) for one in value] if isinstance(value, list) else value


def _renamed(value: Any, renamed: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _renamed(one, renamed) for name, one in value.items()}
    if isinstance(value, list):
        return [_renamed(one, renamed) for one in value]
    return renamed.get(value, value) if isinstance(value, str) else value


def written(region: Region) -> str:
    """A region as text, to see whether two are written alike."""
    return json.dumps(region_to_document(region))
