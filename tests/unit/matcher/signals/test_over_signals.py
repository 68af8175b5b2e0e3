"""Of a signal that is over its number stays, and whom it was about; what it told is kept no longer."""

from tests.support import matcher as told
from tests.support.regions import student
from tests.support.running_matcher import HERE, SCHOOL, Running
from tests.support.signals import SOON


async def test_what_an_open_signal_told_is_kept_until_it_is_over_and_its_numbers_go_on() -> None:
    running = Running()
    await running.take(*told.events_of(SCHOOL), told.day_event(SOON, 2))
    await running.matcher.look(HERE)
    (name,) = [one.id for one in running.state().signals.values() if one.rule == "unplaced" and one.is_open]
    raised = running.state().signals[name]
    who = str(raised.about["student"])
    assert (raised.sequence, raised.body["student"]) == (1, who)
    await running.take(told.withdrawal(who))
    over = running.state().signals[name]
    assert (over.sequence, over.is_open, over.body, over.about) == (2, False, {}, raised.about)
    await running.take(told.student_event(student(int(who[1:])), 3))
    again = running.state().signals[name]
    assert (again.sequence, again.body["student"]) == (3, who)
    assert (await running.store.load(HERE)).signals == running.state().signals
    await running.agrees()
