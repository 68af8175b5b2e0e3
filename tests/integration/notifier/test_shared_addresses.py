"""One person with several contacts: one mail, each organisation sees its own lines, and a preview of one silences no other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.delivery import MailState
from services.notifier.domain.modes import Mode
from services.notifier.handlers.contacts import put_mode
from shared.security.callers import Role as CallerRole
from tests.integration.notifier.conftest import TellStory
from tests.integration.notifier.test_page_alerts import browser, of
from tests.integration.notifier.test_page_answers import LINK
from tests.support.notifier import INSTITUTE, PEOPLE, region_changed, site_changed
from tests.support.notifier_events import loses, proposed
from tests.support.notifier_story import Story

OWN = PEOPLE.coordinator
OTHER_INSTITUTE = "98YY"
OTHER = Contact("c9", OTHER_INSTITUTE, Role.INSTITUTE_COORDINATOR, OWN.email.upper(), "Els Vos")
SITES = ("01AB00", "02CD00", "03EF00")


@pytest.fixture
async def shared(tell_story: TellStory) -> Story:
    """Somebody coordinates for two institutes, at one address."""
    story = tell_story()
    await story.people(*PEOPLE.all(), OTHER)
    await story.at("8:02", region_changed(), site_changed())
    return story


async def propose_for_both(story: Story) -> None:
    """A line for each institute, and the next morning's digest."""
    await story.at("9:00", proposed("aaa-1"), proposed("bbb-1").model_copy(update={"institute": OTHER_INSTITUTE}))
    await story.at("9:00", day=2)


async def test_who_works_for_two_institutes_gets_one_digest_and_each_institute_sees_its_own_lines(
    shared: Story,
) -> None:
    await propose_for_both(shared)
    (digest,) = [mail for mail in await shared.mails() if mail.email.casefold() == OWN.email]
    assert "aaa-1" in digest.full_text
    assert "bbb-1" in digest.full_text
    assert f"opleiding {INSTITUTE} en stagecoördinator van opleiding {OTHER_INSTITUTE}" in digest.because
    for institute, theirs, anothers in ((INSTITUTE, "aaa-1", "bbb-1"), (OTHER_INSTITUTE, "bbb-1", "aaa-1")):
        async with browser(shared, of(CallerRole.INSTITUTE, institute)) as http:
            page = await http.get(f"/berichten/{digest.id}")
            assert page.status_code == 200
            assert f"/meldingen/proposed/{theirs}" in page.text
            assert anothers not in page.text
            assert (INSTITUTE if institute != INSTITUTE else OTHER_INSTITUTE) not in page.text
            assert (await http.get(f"/berichten/{digest.id}/gesprek.ics")).status_code == 404
    async with browser(shared, of(CallerRole.INSTITUTE, "97XX")) as http:
        assert (await http.get(f"/berichten/{digest.id}")).status_code == 404
    async with browser(shared) as http:
        assert "bbb-1" in (await http.get(f"/berichten/{digest.id}")).text


async def test_of_who_left_an_institute_the_lines_are_shown_to_nobody_else(shared: Story) -> None:
    await propose_for_both(shared)
    (digest,) = [mail for mail in await shared.mails() if mail.email.casefold() == OWN.email]
    await shared.leave(OTHER)
    async with browser(shared, of(CallerRole.INSTITUTE, INSTITUTE)) as http:
        page = (await http.get(f"/berichten/{digest.id}")).text
    assert "/meldingen/proposed/aaa-1" in page
    assert "bbb-1" not in page


@pytest.mark.parametrize(("previewed", "live"), [(INSTITUTE, OTHER_INSTITUTE), (OTHER_INSTITUTE, INSTITUTE)])
async def test_the_preview_of_one_institute_silences_no_other(shared: Story, previewed: str, live: str) -> None:
    async with shared.parts.writing() as store:
        await put_mode(store, previewed, Mode.PREVIEW, None, lambda _version: None)
    await propose_for_both(shared)
    await shared.at("9:30", *(loses(f"{institute}-{each}", institute=institute) for each in range(6) for institute in (previewed, live)))  # fmt: skip
    await shared.at("10:00")
    sent = [mail for mail in shared.seen if mail.to.casefold() == OWN.email]
    shown = await shared.mails(MailState.SHOWN)
    line = {INSTITUTE: "aaa-1", OTHER_INSTITUTE: "bbb-1"}
    assert line[live] in sent[0].text
    assert line[previewed] in shown[-1].full_text
    assert f"{live}-0" in sent[1].text
    assert {mail.organisation for mail in shown} == {previewed}
    assert not [mail for mail in sent if line[previewed] in mail.text or f"{previewed}-0" in mail.text]


async def test_what_is_only_shown_takes_nothing_of_the_day_of_its_reader(shared: Story) -> None:
    async with shared.parts.writing() as store:
        await put_mode(store, INSTITUTE, Mode.PREVIEW, None, lambda _version: None)
    for hour in range(9, 19):
        await shared.at(f"{hour}:00", loses(f"s-{hour}"))
    await shared.at("19:00", loses("s-live", institute=OTHER_INSTITUTE))
    await shared.at("19:30")
    assert len(await shared.mails(MailState.SHOWN)) == 7
    assert [mail.to for mail in shared.seen if mail.to.casefold() == OWN.email] == [OTHER.email]


async def test_who_guides_at_three_schools_gets_one_mail_of_three_losses(tell_story: TellStory) -> None:
    story = tell_story()
    trainers = [replace(PEOPLE.trainer, id=f"t{number}", organisation=site) for number, site in enumerate(SITES)]
    await story.people(PEOPLE.coordinator, PEOPLE.manager, *trainers)
    await story.at("9:00", *(loses(f"s-{site}", site=site) for site in SITES))
    await story.at("10:00")
    (mail,) = story.to(trainers[0])
    assert all(f"s-{site}" in mail.text for site in SITES)
    assert "op uw school" not in mail.text
    answer = next(each for each in LINK.findall(mail.text) if each.startswith("/antwoord"))
    async with browser(story) as http:
        await http.post(answer, data={"actie": "oppakken"})
    async with story.parts.reading() as store:
        taken_on = [await store.alert(f"lost/lost-s-{site}") for site in SITES]
    assert [each.care.acknowledged_by for each in taken_on if each] == ["t0", "t1", "t2"]


async def test_of_who_left_one_school_the_mail_that_waits_is_written_anew_without_it(tell_story: TellStory) -> None:
    story = tell_story()
    trainers = [replace(PEOPLE.trainer, id=f"t{number}", organisation=site) for number, site in enumerate(SITES)]
    await story.people(PEOPLE.coordinator, PEOPLE.manager, *trainers)
    await story.server.stop()
    await story.at("9:00", *(loses(f"s-{site}", site=site) for site in SITES))
    await story.at("9:01")
    await story.leave(trainers[2])
    await story.server.start()
    await story.at("10:00")
    (mail,) = [each for each in story.to(trainers[0]) if "uit een rol gehaald" not in each.subject]
    assert f"s-{SITES[0]}" in mail.text
    assert f"s-{SITES[2]}" not in mail.text


async def test_the_links_of_a_mail_do_nothing_for_whoever_follows_in_the_role(shared: Story) -> None:
    await shared.at("9:00", loses("s-1"))
    await shared.until(shared.clock.now + timedelta(minutes=2))
    links = LINK.findall(shared.to(OWN)[0].text)
    await shared.change(OWN, email="opvolger@vu.example", name="Nieuw Iemand")
    async with browser(shared) as http:
        for link in links:
            for answered in (await http.get(link), await http.post(link, data={"actie": "oppakken"})):
                assert answered.status_code == 404
                assert "van wie het bericht kreeg" in answered.text
                assert "s-1" not in answered.text
    async with shared.parts.reading() as store:
        successor, alert = await store.contact(OWN.id), await store.alert("lost/lost-s-1")
    assert successor is not None
    assert alert is not None
    assert (successor.preferences.wish, alert.care.acknowledged_by) == ("immediate", None)
