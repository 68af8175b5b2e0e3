"""Of every wish that was missed it is told what stands in the way there, whatever was asked before."""

from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.insight import why_not_at
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.options import places_of
from tests.support.regions import invented_region


@effort(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_asking_about_one_site_changes_nothing_for_the_next(seed: int) -> None:
    region = invented_region(seed, 12, 5, scarcity=1.3)
    asked = Ledger(Atlas(region))
    for student in region.students.values():
        at_once = {wish: why_not_at(Ledger(Atlas(region)), student, wish) for wish in sorted(region.sites)}
        assert {wish: why_not_at(asked, student, wish) for wish in sorted(region.sites)} == at_once
        assert places_of(asked.atlas, student) == places_of(Atlas(region), student)
