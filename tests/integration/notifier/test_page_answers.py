"""What the links of a mail lead to: a GET shows, a POST does it once, and a link that is no good says so."""

import re
from datetime import timedelta

import httpx
import pytest
from sqlmodel import select

from services.notifier.domain.alerts import AlertState
from services.notifier.domain.contacts import Language, Preferences, Wish
from services.notifier.domain.links import LINKS_LAST
from services.notifier.entrypoints.serve import build_web
from shared.contracts.vocabulary import SignalStatus
from shared.persistence.tables import AuditRow
from tests.support.notifier import PEOPLE, SITE, lost, mismatch, placed
from tests.support.notifier_events import shortage
from tests.support.notifier_story import LEADER, Story

LINK = re.compile(r"https://leerplek\.example(/(?:antwoord|afmelden)/[^\s<>\"]+)")


def browser(story: Story) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(build_web(story.parts), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="https://leerplek.example", follow_redirects=True)


async def link_of(story: Story, purpose: str) -> str:
    """The link in the first mail to the coordinator."""
    found: list[str] = LINK.findall(story.to(PEOPLE.coordinator)[0].text)
    return next(each for each in found if each.startswith(f"/{purpose}/"))


async def deeds(story: Story) -> list[tuple[str, str, str]]:
    async with story.parts.runtime.database.reading() as tx:
        rows = (await tx.exec(select(AuditRow).order_by(AuditRow.id))).all()  # type: ignore[arg-type]
    return [(row.action, row.aggregate, row.actor) for row in rows if row.action.startswith("alert.")]


async def state_of(story: Story, alert: str) -> AlertState:
    async with story.parts.reading() as store:
        held = await store.alert(alert)
    assert held is not None
    return held.state


@pytest.fixture
async def told(story: Story) -> Story:
    """The coordinator was told of a lost place."""
    await story.at("9:00", placed("s-1", 1), lost("s-1"))
    await story.until(story.clock.now + timedelta(minutes=2))
    return story


async def test_looking_changes_nothing_and_acting_twice_is_acting_once(told: Story) -> None:
    link = await link_of(told, "antwoord")
    async with browser(told) as http:
        shown = await http.get(link)
        assert shown.status_code == 200
        assert "Ik pak dit op" in shown.text
        assert shown.headers["referrer-policy"] == "no-referrer"
        assert await deeds(told) == []
        for _ in range(2):
            done = await http.post(link, data={"melding": "lost/lost-s-1", "actie": "oppakken"})
            assert done.status_code == 200
            assert "U hebt de melding opgepakt" in done.text
        assert "Opgepakt door de stagecoördinator" in done.text
        assert "Ik pak dit op" not in done.text
    assert await state_of(told, "lost/lost-s-1") is AlertState.ACKNOWLEDGED
    assert await deeds(told) == [("alert.acknowledged", "alert/lost/lost-s-1", PEOPLE.coordinator.id)]


async def test_what_is_put_off_comes_back_on_that_morning(told: Story) -> None:
    link, now = await link_of(told, "antwoord"), told.clock.now
    tomorrow = (now + timedelta(days=1)).date().isoformat()
    async with browser(told) as http:
        await http.post(link, data={"melding": "lost/lost-s-1", "actie": "later", "tot": tomorrow})
        assert await state_of(told, "lost/lost-s-1") is AlertState.SNOOZED
        assert "Uitgesteld tot" in (await http.get(link)).text
    before = len(told.seen)
    await told.until(now + timedelta(days=1))
    assert len(told.seen) > before


async def test_it_can_be_given_to_who_is_concerned_and_to_nobody_else(told: Story) -> None:
    link = await link_of(told, "antwoord")
    async with browser(told) as http:
        page = (await http.get(link)).text
        assert f'value="{PEOPLE.trainer.id}"' in page
        refused = await http.post(link, data={"melding": "lost/lost-s-1", "actie": "geven", "aan": "niemand"})
        assert refused.status_code == 404
        given = {"melding": "lost/lost-s-1", "actie": "geven", "aan": PEOPLE.manager.id}
        assert "doorgegeven" in (await http.post(link, data=given)).text
    await told.until(told.clock.now + timedelta(minutes=2))
    assert told.to(PEOPLE.manager)


@pytest.mark.parametrize(
    "form",
    [
        {"actie": "wissen"},
        {"melding": "lost/lost-s-1", "actie": "later"},
        {"melding": "lost/lost-s-1", "actie": "later", "tot": "morgen"},
        {"melding": "lost/lost-s-1", "actie": "later", "tot": "2020-01-01"},
        {"melding": "lost/lost-s-1", "actie": "geven"},
        {"melding": "lost/lost-another", "actie": "oppakken"},
        {f"x{number}": "" for number in range(50)},
    ],
)
async def test_what_no_form_of_ours_sends_changes_nothing(told: Story, form: dict[str, str]) -> None:
    async with browser(told) as http:
        assert (await http.post(await link_of(told, "antwoord"), data=form)).status_code == 400
    assert await deeds(told) == []


async def test_a_link_shows_that_it_is_used_up(told: Story) -> None:
    link = await link_of(told, "antwoord")
    await told.at("10:00", lost("s-1", 2, status=SignalStatus.CLEARED))
    async with browser(told) as http:
        shown = await http.get(link)
        assert (shown.status_code, "Hier hoeft u niets meer mee" in shown.text) == (200, True)
        assert (await http.post(link, data={"actie": "oppakken"})).status_code == 400
        await told.at("8:05", day=2)
        await told.at("9:00", lost("s-1", 3), day=2)
        again = await http.get(link)
        assert "Hier hoeft u niets meer mee" in again.text
    assert await deeds(told) == []


async def test_forged_expired_and_misused_links_say_so_and_do_nothing(told: Story) -> None:
    answer, calmer = await link_of(told, "antwoord"), await link_of(told, "afmelden")
    token = answer.rpartition("/")[2]
    async with browser(told) as http:
        for path in (answer[:-3] + "abc", f"/afmelden/{token}", "/antwoord/x", "/afmelden/" + "x" * 300):
            for answered in (await http.get(path), await http.post(path, data={"actie": "oppakken"})):
                assert answered.status_code == 404
                assert "Deze link klopt niet" in answered.text
                assert (
                    answered.text.index("Lukt het niet?")
                    < answered.text.index('lang="en">')
                    < answered.text.index("Does it not work?")
                )
        told.clock.now += LINKS_LAST
        for path in (answer, calmer):
            for answered in (await http.get(path), await http.post(path, data={"actie": "oppakken"})):
                assert answered.status_code == 410
                assert "verlopen" in answered.text
    assert await deeds(told) == []


async def test_one_click_is_enough_to_get_a_digest_and_looking_is_not(told: Story) -> None:
    link = await link_of(told, "afmelden")
    async with browser(told) as http:
        assert "Stuur mij één overzicht per dag" in (await http.get(link)).text
        async with told.parts.reading() as store:
            held = await store.contact(PEOPLE.coordinator.id)
        assert held is not None
        assert held.preferences.wish is Wish.IMMEDIATE
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b"):
            clicked = await http.post(link, content=b"List-Unsubscribe=One-Click", headers={"Content-Type": kind})
            assert (clicked.status_code, clicked.history) == (200, [])
        assert "Dit is al zo" in (await http.get(link)).text
    async with told.parts.reading() as store:
        after = await store.contact(PEOPLE.coordinator.id)
    assert after is not None
    assert (after.preferences.wish, after.version) == (Wish.DIGEST, held.version + 1)


async def test_who_gets_english_mails_gets_english_pages(story: Story) -> None:
    await story.change(PEOPLE.coordinator, preferences=Preferences(language=Language.ENGLISH))
    await story.at("9:00", placed("s-1", 1), lost("s-1"))
    await story.until(story.clock.now + timedelta(minutes=2))
    answer, calmer = await link_of(story, "antwoord"), await link_of(story, "afmelden")
    async with browser(story) as http:
        pages = [await http.get(answer), await http.post(answer, data={"actie": "oppakken"}), await http.get(calmer)]
        pages.append(await http.post(calmer))
    for page, words in zip(pages, ("I take this on", "Taken on by the", "Send me one summary", "Done"), strict=True):
        assert page.headers["content-language"] == "en"
        assert 'lang="en"' in page.text
        assert words in page.text
        assert not re.search(r"\b(u|wij|niet|voor|deze|uw)\b", re.sub(r"<[^>]+>", " ", page.text))


async def test_of_whoever_left_the_links_do_nothing(told: Story) -> None:
    answer, calmer = await link_of(told, "antwoord"), await link_of(told, "afmelden")
    await told.leave(PEOPLE.coordinator)
    async with browser(told) as http:
        for path in (answer, calmer):
            assert (await http.get(path)).status_code == 404
            assert (await http.post(path, data={"actie": "oppakken"})).status_code == 404


async def test_the_talk_that_was_proposed_is_a_calendar_file(story: Story) -> None:
    await story.at("9:00", placed("s-1", 1), mismatch())
    await story.until(story.clock.now + timedelta(minutes=2))
    text = story.to(PEOPLE.trainer)[0].text
    link = next(each for each in LINK.findall(text) if each.startswith("/antwoord/"))
    async with browser(story) as http:
        assert "Zet het voorgestelde gesprek in uw agenda" in (await http.get(link)).text
        file = await http.get(f"{link}/gesprek.ics")
        mail = (await story.mails())[-1]
        other = await http.get(f"/berichten/{mail.id}/gesprek.ics")
    assert file.headers["content-type"].startswith("text/calendar")
    assert "BEGIN:VEVENT" in file.text
    assert other.text == file.text


async def test_a_school_leader_who_cannot_sign_in_reads_and_acts_by_the_link_of_the_mail(story: Story) -> None:
    await story.at("9:00", shortage(site=SITE))
    await story.at("8:00", day=2)
    (mail,) = story.to(LEADER)
    links = set(LINK.findall(mail.text))
    assert {link.split("/")[1] for link in links} == {"antwoord", "afmelden"}
    assert set(re.findall(r"https://\S+", mail.text)) == {f"https://leerplek.example{link}" for link in links}
    link = next(each for each in links if each.startswith("/antwoord/"))
    async with browser(story) as http:
        page = (await http.get(link)).text
        assert "Wat er in het bericht stond" in page
        assert "U ontvangt dit omdat u in Leerplek staat als schoolleider" in page
        assert link not in page.split("Wat er in het bericht stond")[1]
        assert "U hebt de melding opgepakt" in (await http.post(link, data={"actie": "oppakken"})).text
