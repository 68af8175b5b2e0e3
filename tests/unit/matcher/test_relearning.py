"""Places are learned again from what was published: nothing is told anew of a place that is as it was."""

from datetime import UTC, datetime

from services.matcher.domain.relearning import Published
from shared.contracts.envelope import new_event
from tests.support import matcher as told
from tests.support.regions import region, settings, site, student, supervisor, workplace
from tests.support.running_matcher import Running

RELATED = settings(
    levers={"related": {"on": True}}, related=[{"student": "wiskunde", "place": "natuurkunde", "cost": 40}]
)
PEOPLE = [supervisor("v1", subjects=["natuurkunde"]), supervisor("t1"), supervisor("i1")]
SCHOOL = region([site(), workplace(subject="natuurkunde"), *PEOPLE, student(1)], RELATED)


async def test_a_place_at_a_related_subject_comes_back_as_it_was() -> None:
    running = Running()
    await running.take(*told.events_of(SCHOOL))
    state = running.state()
    (place,) = state.places.values()
    assert (place.site, place.subject) == ("01AA01", "wiskunde")
    words = Published()
    for data in running.store.published:
        words.tell(new_event("urn:nld:leerplek:test", data, datetime.now(UTC)))
    assert state.facts.today is not None
    assert words.as_known({}, state.facts.students, state.facts.today) == {place.student: place}
