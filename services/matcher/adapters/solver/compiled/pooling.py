"""What duo, team, peer and senior make of each student and guide, as arrays: which hours would do, and who may share them."""

from dataclasses import dataclass

import numpy as np

from services.matcher.adapters.solver.compiled.indexing import Bools, Index, Ints
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import SiteId
from services.matcher.domain.levers import duo_qh, is_senior, may_be_member, needs_by_relief
from services.matcher.domain.openings import Openings
from services.matcher.domain.region import Supervisor
from services.matcher.domain.vocabulary import EVERY_SITE, Relief

NOT_ALLOWED = -1


@dataclass(frozen=True, slots=True)
class Pooling:
    """Per student the hours with relief by peers and by a senior, whether they are a senior and agreed to a duo.

    `least` are the hours that somebody must have to be of any use; `home` is per supervisor the one site that they serve,
    -1 for none or several; `duo_qh` is by the sum of two needs; `team_qh` is 0 without teams.
    """

    relieved: Ints
    least: Ints
    is_senior: Bools
    agreed: Bools
    home: Ints
    duo_qh: Ints
    team_qh: int
    group_size: int
    per_senior: int
    team_cost: int
    lending_cost: int
    starter_cost: int


def pooling_of(atlas: Atlas, index: Index) -> Pooling:
    """The levers of a region in numbers."""
    settings, openings = atlas.region.settings, Openings(atlas)
    students = [atlas.region.students[one] for one in index.students]
    needs = [found.wpb if found is not None else 0 for found in (atlas.needs(one) for one in index.students)]
    reliefs = [needs_by_relief(settings, student, need) for student, need in zip(students, needs, strict=True)]
    levers, sums = settings.levers, range(2 * max(needs, default=0) + 1)
    columns = [[one.get(relief, NOT_ALLOWED) for relief in (Relief.PEER, Relief.SENIOR)] for one in reliefs]
    return Pooling(
        np.array(columns, np.int32).reshape(-1, 2),
        np.array([openings.least_qh(one) for one in students], np.int32),
        np.array([is_senior(settings, one) and levers.senior.on for one in students], np.bool_),
        np.array([one.duo and levers.duo.on and need > 0 for one, need in zip(students, needs, strict=True)], np.bool_),
        np.array([_home(index, atlas.region.supervisors[one]) for one in index.supervisors], np.int32),
        np.array([duo_qh(settings, (one, 0)) for one in sums], np.int32),
        levers.team.min_qh if may_be_member(settings, levers.team.min_qh) and levers.team.max_members > 1 else 0,
        levers.peer.min_group,
        levers.senior.per_senior,
        settings.costs.team_member,
        settings.costs.lending,
        settings.costs.starter,
    )


def _home(index: Index, person: Supervisor) -> int:
    """People who serve one site, the same one, may be a team; of others it is not asked here."""
    sites = {*person.sites}
    return index.site_at.get(SiteId(sites.pop()), -1) if len(sites) == 1 and EVERY_SITE not in sites else -1
