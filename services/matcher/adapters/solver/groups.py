"""Groups of students at one site that a rule needs to be large enough, or allows to be only so large."""

from collections.abc import Iterator

from services.matcher.domain.ids import PeriodId, SiteId, StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.vocabulary import Relief

Broken = tuple[set[StudentId], int | None]
"""The students of a group, and how many of them have to go; None: all."""


def broken_groups(ledger: Ledger) -> Iterator[Broken]:
    """Sites below their minimum, peer groups that are too small, and juniors for whom there are too few seniors."""
    sites, levers = ledger.atlas.region.sites, ledger.atlas.region.settings.levers
    for (site, period), number in sorted(ledger.at_site.items()):
        if 0 < number < sites[site].min_students:
            yield _at(ledger, site, period), None
    for (relief, site, period), number in sorted(ledger.relieved.items()):
        if relief is Relief.PEER and 0 < number < levers.peer.min_group:
            yield _at(ledger, site, period, relief), None
        if relief is Relief.SENIOR and number and ledger.helped_is_free(site, period) < 0:
            yield _at(ledger, site, period, relief), -ledger.helped_is_free(site, period)


def _at(ledger: Ledger, site: SiteId, period: PeriodId, relief: Relief | None = None) -> set[StudentId]:
    return {
        one
        for one, at in ledger.site_of.items()
        if at == site
        and period in ledger.placed[one].periods
        and (relief is None or ledger.placed[one].relief is relief)
    }
