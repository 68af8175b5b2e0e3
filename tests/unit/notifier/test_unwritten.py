"""A mail that cannot be written waits by itself: the others go, its alerts stay open, and it is tried again ever less often."""

from datetime import datetime, timedelta
from itertools import pairwise

from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.notifier.adapters.composer import JinjaComposer
from services.notifier.domain.alerts import AlertKind, AlertState
from services.notifier.domain.contacts import Contact
from services.notifier.domain.letters import Letter
from services.notifier.domain.life import clear_alert
from services.notifier.domain.rules import Rules
from services.notifier.entrypoints.dispatch import Dispatcher, Dispatching
from services.notifier.handlers.dispatching import Dispatched, dispatch
from shared.messaging.retry import Wakeup
from tests.support.notifier import NOW, PEOPLE, Clock, an_alert
from tests.support.notifier_memory import MemoryStore

COMPOSER = JinjaComposer("https://leerplek.example")
ODD = an_alert(AlertKind.UNPLACED, "s-odd", reason="a reason that nobody knows")
LOSS = an_alert(AlertKind.LOST, "s-good")
SECOND = Contact("c0", PEOPLE.coordinator.organisation, PEOPLE.coordinator.role, "tweede@vu.example", "Jo Smit")


async def _store(*contacts: Contact) -> MemoryStore:
    store = MemoryStore()
    for contact in contacts or PEOPLE.all():
        await store.save_contact(contact)
    for alert in (ODD, LOSS):
        await store.save_alert(alert)
    return store


async def _pass(store: MemoryStore, now: datetime = NOW) -> Dispatched:
    return await dispatch(store, COMPOSER, now, Rules(timedelta(0)))


class FailsFor:
    """A composer that stumbles over the mail of which its words know the reader or the subject."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def compose(self, letter: Letter, page: str) -> tuple[str, str]:
        if any(word in str(letter) for word in self.words):
            raise RuntimeError("Els Vos, stage@vu.example")
        return COMPOSER.compose(letter, page)

    def invite(self, letter: Letter, written_at: datetime) -> str:
        return COMPOSER.invite(letter, written_at)


async def test_an_odd_value_in_one_alert_keeps_no_other_mail_from_going() -> None:
    store = await _store()
    done = await _pass(store)
    assert sorted(mail.contact for mail in done.mails) == ["c1", "c2"]
    assert [(each.contact, each.alerts, each.students) for each in done.unwritten] == [("c1", (ODD.id,), ("s-odd",))]
    assert store.alerts[LOSS.id].state is AlertState.MAILED
    assert store.alerts[ODD.id].state is AlertState.RAISED
    assert list(await store.unwritten()) == list(done.unwritten)


async def test_it_is_tried_again_after_pauses_that_grow_to_ten_minutes() -> None:
    store, tries, now = await _store(), [], NOW
    while now < NOW + timedelta(hours=2):
        done = await _pass(store, now)
        if done.failures:
            tries.append((now - NOW).total_seconds())
        assert len(done.unwritten) == 1
        now += timedelta(seconds=1)
    assert tries[:5] == [0, 5, 15, 35, 75]
    assert max(later - earlier for earlier, later in pairwise(tries)) == 600
    assert len(tries) < 20
    (held,) = await store.unwritten()
    assert (held.attempts, held.since) == (len(tries), NOW)


async def test_once_the_cause_is_gone_the_mail_goes_and_nothing_is_left_of_it() -> None:
    store = await _store()
    await _pass(store)
    await store.save_alert(an_alert(AlertKind.UNPLACED, "s-odd"))
    assert (await _pass(store, NOW + timedelta(seconds=4))).mails == ()
    done = await _pass(store, NOW + timedelta(seconds=5))
    assert [mail.contact for mail in done.mails] == ["c1"]
    assert await store.unwritten() == []
    assert store.alerts[ODD.id].state is AlertState.MAILED


async def test_when_its_alerts_are_cleared_it_is_no_longer_shown() -> None:
    store = await _store()
    await _pass(store)
    await store.save_alert(clear_alert(ODD, NOW))
    assert (await _pass(store, NOW + timedelta(seconds=1))).unwritten == ()
    assert await store.unwritten() == []


async def test_one_of_two_in_a_role_still_gets_the_mail_that_failed_for_them_alone() -> None:
    store = await _store(PEOPLE.coordinator, SECOND)
    await store.save_alert(clear_alert(ODD, NOW))
    await store.save_alert(clear_alert(LOSS, NOW))
    alert = an_alert(AlertKind.MISMATCH)
    await store.save_alert(alert)

    class NotForTheFirst(FailsFor):
        left = 1

        def compose(self, letter: Letter, page: str) -> tuple[str, str]:
            self.left -= 1
            if self.left == 0:
                raise RuntimeError("once")
            return COMPOSER.compose(letter, page)

    first = await dispatch(store, NotForTheFirst(), NOW, Rules(timedelta(0)))
    assert [mail.contact for mail in first.mails] == ["c1"]
    assert store.alerts[alert.id].state is AlertState.RAISED
    second = await _pass(store, NOW + timedelta(seconds=5))
    assert [mail.contact for mail in second.mails] == ["c0"]
    assert store.alerts[alert.id].state is AlertState.MAILED
    assert (await _pass(store, NOW + timedelta(seconds=10))).mails == ()


async def test_who_would_have_heard_by_a_mail_that_failed_has_not_heard() -> None:
    both = Contact("c9", PEOPLE.trainer.organisation, PEOPLE.trainer.role, PEOPLE.coordinator.email, "Els Vos")
    store = await _store(PEOPLE.coordinator, both)
    await store.save_alert(clear_alert(ODD, NOW))
    done = await dispatch(store, FailsFor("Plaatsing vervallen"), NOW, Rules(timedelta(0)))
    assert done.mails == ()
    assert store.notices == []
    assert store.alerts[LOSS.id].state is AlertState.RAISED
    done = await _pass(store, NOW + timedelta(seconds=5))
    assert len(done.mails) == 1
    assert store.alerts[LOSS.id].state is AlertState.MAILED


async def test_it_is_counted_and_logged_with_its_alerts_and_without_persons() -> None:
    store, clock = await _store(), Clock()

    def exclusive(name: str) -> object:
        raise AssertionError(name)

    how = Dispatching(exclusive, store.writing, FailsFor("Student zonder"), Rules(timedelta(0)), clock)  # type: ignore[arg-type]
    before = _sample("leerplek_mail_writing_bugs_total", kind="unplaced")
    await store.save_alert(an_alert(AlertKind.UNPLACED, "s-odd"))
    with capture_logs() as logs:
        await Dispatcher(how, Wakeup()).pass_once(clock())
    (told,) = [each for each in logs if each["event"] == "mail cannot be written"]
    assert (told["alerts"], told["log_level"], told["attempts"]) == ([ODD.id], "error", 1)
    assert told["bug"].startswith("RuntimeError at test_unwritten.py")
    assert "Vos" not in str(logs)
    assert "stage@" not in str(logs)
    assert _sample("leerplek_mails_unwritten") == 1
    assert _sample("leerplek_mail_writing_bugs_total", kind="unplaced") == before + 1


def _sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0
