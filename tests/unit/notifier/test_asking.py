"""Of whom an alert asks something: the rule agrees with the advice of every mail, and nobody is bothered by what asks nothing."""

from datetime import timedelta

import pytest

from services.notifier.domain.alerts import AlertKind, Channel
from services.notifier.domain.asking import asks
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.letters import write_letter
from services.notifier.domain.letters.shape import Tone
from services.notifier.domain.phrases import DUTCH
from services.notifier.domain.stages import Situation, plan_digests, plan_mails
from shared.contracts.placements import MoveCause
from tests.support.notifier import NOW, PEOPLE, an_alert, knowledge
from tests.support.notifier_letters import KNOWN, alert_of, draft_of, every_reason


def test_the_rule_says_what_the_advice_says() -> None:
    for kind, reason, reader in every_reason():
        alert = alert_of(kind, reason)
        (item,) = write_letter(draft_of(reader, alert), {}, KNOWN).sections[0].groups[0].items
        is_nothing = item.can.startswith(DUTCH.framing.nothing_to_do)
        assert asks(alert, reader.role) is not is_nothing, (kind, reason, reader.role)


@pytest.mark.parametrize("cause", [each for each in MoveCause if each is not MoveCause.STUDENT_WITHDRAWN])
@pytest.mark.parametrize("reader", [PEOPLE.coordinator, PEOPLE.trainer])
def test_of_a_lost_place_only_who_is_asked_something_hears_at_once(cause: MoveCause, reader: Contact) -> None:
    alert, known = an_alert(AlertKind.LOST, reason=cause), knowledge()
    situation = Situation(NOW + timedelta(seconds=30), timedelta(seconds=20), [alert], [alert], [])
    at_once = {notice.contact.id for draft in plan_mails(situation, known).drafts for notice in draft.notices}
    in_the_morning = {notice.contact.id for draft in plan_digests(situation, known).drafts for notice in draft.notices}
    assert (reader.id in at_once) is asks(alert, reader.role)
    assert reader.id in in_the_morning
    letter = write_letter(draft_of(reader, alert, channel=Channel.DIGEST), {}, KNOWN)
    assert (letter.sections[0].tone is Tone.URGENT) is asks(alert, reader.role)
    assert letter.is_answerable is asks(alert, reader.role)
    at_institute = write_letter(draft_of(PEOPLE.coordinator, alert), {}, KNOWN)
    (item,) = at_institute.sections[0].groups[0].items
    assert ("schoolopleider" in item.also) is asks(alert, Role.SCHOOL_TRAINER)
