"""A talk that is proposed stands in the calendars of both parties, at the same time, and goes from both when it is not needed any more."""

from icalendar import Calendar, Event

from tests.support.notifier import PEOPLE
from tests.support.notifier_events import agreed, reported, withdrawn_report
from tests.support.notifier_story import Story

INSTITUTE, SCHOOL = PEOPLE.coordinator, PEOPLE.trainer


async def talks(story: Story, email: str) -> list[tuple[str, Event]]:
    """The method and the one event of every calendar file that went to this address."""
    found = []
    for mail in reversed(await story.mails()):
        if mail.email == email and mail.invitation:
            calendar = Calendar.from_ical(mail.invitation)
            assert isinstance(calendar, Calendar)
            (event,) = (each for each in calendar.walk("VEVENT") if isinstance(each, Event))
            found.append((str(calendar["METHOD"]), event))
    return found


async def test_both_parties_have_the_same_talk_until_the_report_is_withdrawn(story: Story) -> None:
    await story.at("8:30", agreed("s-1", 1))
    await story.at("9:00", reported("s-1", by="school"))
    await story.at("9:05")
    assert len(await talks(story, INSTITUTE.email)) == 1
    assert [mail for mail in story.to(SCHOOL) if "passen niet" in mail.subject] == [], (
        "who reported it is not disturbed"
    )
    await story.at("8:01", day=2)
    ((method, asked),) = await talks(story, INSTITUTE.email)
    ((_, own),) = await talks(story, SCHOOL.email)
    assert method == "PUBLISH"
    assert (own["UID"], own.start) == (asked["UID"], asked.start)
    assert "gemeld door de school" in story.to(SCHOOL)[-1].text
    await story.at("9:00", withdrawn_report("s-1"))
    await story.at("8:01", day=3)
    for party in (INSTITUTE, SCHOOL):
        *_, (method, off) = await talks(story, party.email)
        assert (method, off["STATUS"], off["UID"]) == ("CANCEL", "CANCELLED", asked["UID"])
