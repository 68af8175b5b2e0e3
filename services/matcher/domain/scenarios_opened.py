"""Sites, workplaces and people that a scenario adds, written as in a region file."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from services.matcher.domain import documents_entities as entities
from services.matcher.domain.reading import Node, Problem
from services.matcher.domain.region import Region, Site, Supervisor, Workplace
from services.matcher.domain.vocabulary import EVERY_SITE


@dataclass(frozen=True, slots=True)
class Opened:
    """What there is more of."""

    sites: tuple[Site, ...] = ()
    workplaces: tuple[Workplace, ...] = ()
    supervisors: tuple[Supervisor, ...] = ()


def opened(node: Node, region: Region) -> Opened:
    """What a scenario adds to this region; ids are new, and references point to what is there or added."""
    fields = node.fields()
    found = Opened(
        fields.many("sites", entities.site),
        fields.many("workplaces", entities.workplace),
        fields.many("supervisors", entities.supervisor),
    )
    fields.close()
    _check_ids(node, "sites", [one.id for one in found.sites], region.sites)
    _check_ids(node, "workplaces", [one.id for one in found.workplaces], region.workplaces)
    _check_ids(node, "supervisors", [one.id for one in found.supervisors], region.supervisors)
    _check_references(node, found, region)
    return found


def _check_ids(node: Node, name: str, ids: list[str], taken: Collection[str]) -> None:
    seen = {*taken}
    for number, one in enumerate(ids):
        if one in seen:
            node.problems.append(Problem(f"{node.path}.{name}[{number}].id", one, "an id that is used once"))
        seen.add(one)


def _check_references(node: Node, found: Opened, region: Region) -> None:
    sites = {*region.sites, *(one.id for one in found.sites)}

    def among(path: str, used: Iterable[str], known: Collection[str], expected: str) -> None:
        where = f"{node.path}.{path}"
        node.problems.extend(Problem(where, one, expected) for one in used if one and one not in known)

    for number, site in enumerate(found.sites):
        among(f"sites[{number}].core", [site.core or ""], sites, "the id of a site")
    for number, workplace in enumerate(found.workplaces):
        among(f"workplaces[{number}].site", [workplace.site], sites, "the id of a site")
        among(f"workplaces[{number}].seats", workplace.seats, region.periods, "ids of periods")
    for number, person in enumerate(found.supervisors):
        among(f"supervisors[{number}].sites", person.sites, {*sites, EVERY_SITE}, "ids of sites, or *")
        among(f"supervisors[{number}].qh", person.qh, region.periods, "ids of periods")
