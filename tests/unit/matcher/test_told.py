"""Every event of the three topics is a fact, and nothing else is."""

import json
from pathlib import Path

import pytest

import shared.contracts
from services.matcher.domain.facts import RegionFacts
from services.matcher.domain.folding import fold
from services.matcher.domain.ids import RegionId
from services.matcher.domain.told import fact_of
from shared.contracts.catalogue import EVENT_TYPES, EventType
from shared.contracts.envelope import Event, UnreadableEvent, new_event
from tests.support import matcher as told
from tests.support.regions import placement

SAMPLES = Path(shared.contracts.__path__[0]) / "samples"


def sample(event_type: EventType) -> Event:
    document = json.loads((SAMPLES / f"{event_type.name}.json").read_text())
    data = document.get("data", document)
    return new_event("urn:nld:leerplek:test", event_type.model.model_validate(data), told.NOW)


@pytest.mark.parametrize("name", [one.name for one in EVENT_TYPES.values() if one.topic in told.TOPICS])
def test_every_event_that_the_matcher_reads_is_a_fact_that_can_be_folded(name: str) -> None:
    event = sample(EVENT_TYPES[name])
    fact = fact_of(event)
    assert (fact.region, fact.subject, fact.sequence) == (event.region, event.subject, event.sequence)
    facts = fold(RegionFacts(RegionId(event.region)), [fact])
    assert facts.sequences == {event.subject: event.sequence}


@pytest.mark.parametrize("name", [one.name for one in EVENT_TYPES.values() if one.topic not in told.TOPICS])
def test_an_event_of_another_topic_is_no_fact(name: str) -> None:
    with pytest.raises(UnreadableEvent, match="the matcher reads no"):
        fact_of(sample(EVENT_TYPES[name]))


def test_what_ended_has_no_document() -> None:
    (fact,) = told.facts_of([told.withdrawal("s1")])
    assert fact.document is None


def test_a_switch_is_a_decision_that_neither_agrees_nor_refuses() -> None:
    yes, no, other = told.facts_of([told.confirmed(placement()), told.declined(placement()), told.switch(placement())])
    assert [fact.document and fact.document["agrees"] for fact in (yes, no, other)] == [True, False, None]
    assert {fact.subject for fact in (yes, no, other)} == {"institute-decision/s1"}
