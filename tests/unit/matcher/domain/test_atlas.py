"""The look-up tables of a region say what its rules say of everybody."""

import pytest

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import SiteId
from services.matcher.domain.rules import guides_in_general, tie_to_site
from tests.support.regions import region, settings, site, supervisor, workplace


@pytest.mark.parametrize("on", [True, False])
def test_who_may_guide_at_a_site_is_everybody_with_a_tie_to_it_in_order(on: bool) -> None:
    sites = [
        site(1),
        site(2, role="shell", core="01AA01"),
        site(3, lat=52.11),
        site(4, lat=53.0, role="shell", core="01AA03"),
    ]
    people = [
        supervisor("v1"),
        supervisor("v2", 2),
        supervisor("v3", sites=["*"]),
        supervisor("v4", sites=["01AA02", "01AA01"], lendable=True),
        supervisor("v5", 3, lendable=True),
        supervisor("v6", sites=["*", "01AA02"], lendable=True),
        supervisor("v7", starter=True),
        supervisor("v8", sites=[]),
        supervisor("t1"),
    ]
    levers = {"lending": {"on": on}, "core_shell": {"on": on}}
    of = region([*sites, workplace(), *reversed(people)], settings(levers=levers))
    atlas, found = Atlas(of), {}
    for each in of.sites.values():
        ties = [(one, tie_to_site(of, one, each)) for one in people if guides_in_general(of.settings, one)]
        found[each.id] = atlas.tied(each)
        assert found[each.id] == [(one, tie) for one, tie in ties if tie is not None]
    names = {at: [one.id for one, _ in tied] for at, tied in found.items()}
    assert names[SiteId("01AA02")] == (["v1", "v2", "v3", "v4", "v5", "v6"] if on else ["v2", "v3", "v4", "v6"])
