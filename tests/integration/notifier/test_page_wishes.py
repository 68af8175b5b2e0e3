"""People choose themselves how they hear, by the link of a mail: it holds from the next mail on, and what belongs to the role stays."""

import re
from dataclasses import replace
from datetime import time, timedelta

import httpx
import pytest
from sqlmodel import select

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Contact, Language, Preferences, QuietHours, Role, Wish
from shared.persistence.tables import AuditRow
from tests.integration.notifier.test_page_answers import browser, link_of
from tests.support.notifier import PEOPLE, lost, placed
from tests.support.notifier_events import loses, overloaded, proposed
from tests.support.notifier_story import Story

COORDINATOR, TRAINER, MANAGER = PEOPLE.coordinator, PEOPLE.trainer, PEOPLE.manager
CHOSEN = {"wens": "digest", "taal": "nl", "stil-van": "", "stil-tot": ""}


@pytest.fixture
async def told(story: Story) -> Story:
    """The coordinator was told of a lost place."""
    await story.at("9:00", placed("s-1", 1), lost("s-1"))
    await story.until(story.clock.now + timedelta(minutes=2))
    return story


async def page_of(story: Story) -> str:
    return f"{await link_of(story, 'afmelden')}/voorkeuren"


async def wishes_of(story: Story, contact: Contact = COORDINATOR) -> Preferences:
    async with story.parts.reading() as store:
        held = await store.contact(contact.id)
    assert held is not None
    return held.preferences


async def save(story: Story, address: str, **chosen: str) -> httpx.Response:
    async with browser(story) as http:
        return await http.post(
            address, data={**CHOSEN, **{name.replace("_", "-"): each for name, each in chosen.items()}}
        )


async def test_the_page_of_what_somebody_hears_leads_to_where_they_choose_and_looking_changes_nothing(
    told: Story,
) -> None:
    async with browser(told) as http:
        heard = await http.get(await link_of(told, "afmelden"))
        (address,) = re.findall(r'href="(/afmelden/[^"]+/voorkeuren)"', heard.text)
        shown = await http.get(address)
    assert shown.status_code == 200
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert "stagecoördinator (01VU)" in shown.text
    assert COORDINATOR.email not in shown.text
    assert await wishes_of(told) == Preferences()


async def test_what_somebody_chose_is_kept_and_written_down_with_the_mail_of_the_link(told: Story) -> None:
    address = await page_of(told)
    done = await save(told, address, soort_lost="immediate", soort_proposed="none", stil_van="18:30", stil_tot="07:15")
    assert "Wat u koos geldt vanaf het volgende bericht." in done.text
    kinds = {AlertKind.LOST: Wish.IMMEDIATE, AlertKind.PROPOSED: Wish.NONE}
    assert await wishes_of(told) == Preferences(Wish.DIGEST, kinds, QuietHours(time(18, 30), time(7, 15)))
    again = await save(told, address, soort_lost="immediate", soort_proposed="none", stil_van="18:30", stil_tot="07:15")
    assert again.status_code == 200
    async with told.parts.runtime.database.reading() as tx:
        rows = (await tx.exec(select(AuditRow).where(AuditRow.aggregate == f"contact/{COORDINATOR.id}"))).all()
    by_link = [row for row in rows if row.actor.startswith("mail/")]
    assert len(by_link) == 1
    assert 'value="18:30"' in done.text


async def test_the_digest_from_then_on_and_at_once_again(told: Story) -> None:
    address, before = await page_of(told), len(told.to(COORDINATOR))
    await save(told, address)
    await told.at("10:00", loses("s-2"))
    await told.at("12:00")
    assert len(told.to(COORDINATOR)) == before
    await save(told, address, wens="immediate")
    await told.step()
    await told.at("12:05")
    assert len(told.to(COORDINATOR)) == before + 1
    assert "s-2" in told.to(COORDINATOR)[-1].text


async def test_the_next_mail_is_in_the_language_that_was_chosen_and_so_is_the_page(told: Story) -> None:
    address = await page_of(told)
    done = await save(told, address, wens="immediate", taal="en")
    assert '<html lang="en"' in done.text
    assert "What you chose holds from the next message on." in done.text
    await told.at("10:00", loses("s-2"))
    await told.at("10:30")
    assert "You receive this because" in told.to(COORDINATOR)[-1].text
    assert (await wishes_of(told)).language is Language.ENGLISH


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"soort_lost": "none"}, "Deze meldingen horen bij de rol."),
        ({"wens": "none"}, "Deze meldingen horen bij de rol."),
        ({"stil_van": "18:30"}, "Vul bij de stille uren twee tijden in"),
        ({"stil_van": "18:30", "stil_tot": "18:30"}, "beginnen en eindigen op dezelfde tijd"),
    ],
)
async def test_what_cannot_be_wished_is_told_and_changes_nothing(
    told: Story, chosen: dict[str, str], words: str
) -> None:
    answer = await save(told, await page_of(told), **chosen)
    assert answer.status_code == 400
    assert words in answer.text
    assert "Er is nog niets opgeslagen" in answer.text
    assert all(f'value="{each}"' in answer.text for name, each in chosen.items() if name.startswith("stil"))
    assert await wishes_of(told) == Preferences()


@pytest.mark.parametrize("chosen", [{"wens": "nooit"}, {"soort_onzin": "digest"}, {"stil_van": "laat"}, {"taal": "fr"}])
async def test_what_no_form_of_ours_sends_is_refused(told: Story, chosen: dict[str, str]) -> None:
    assert (await save(told, await page_of(told), **chosen)).status_code == 400
    assert await wishes_of(told) == Preferences()


async def test_only_what_need_not_be_acted_on_may_be_left_out(told: Story) -> None:
    async with browser(told) as http:
        page = (await http.get(await page_of(told))).text
    choices = dict(re.findall(r'<select name="soort-([a-z-]+)".*?>(.*?)</select>', page, re.DOTALL))
    refusable = {kind for kind, options in choices.items() if 'value="none"' in options}
    assert refusable == {"proposed", "changed", "settled"}
    assert set(choices) == {
        "proposed",
        "changed",
        "settled",
        "lost",
        "unplaced",
        "mismatch",
        "mismatch-detected",
        "at-risk",
    }


async def test_the_link_of_another_or_none_opens_nothing(told: Story) -> None:
    address = await page_of(told)
    async with browser(told) as http:
        assert (await http.get("/afmelden/onzin/voorkeuren")).status_code == 404
        answering = (await link_of(told, "antwoord")).removeprefix("/antwoord/")
        assert (await http.get(f"/afmelden/{answering}/voorkeuren")).status_code == 404
        await told.change(COORDINATOR, email="opvolger@vu.example")
        assert (await http.post(address, data=CHOSEN)).status_code == 404
    assert await wishes_of(told) == Preferences()


async def test_a_digest_has_the_link_and_who_has_two_roles_chooses_for_both(story: Story) -> None:
    other = replace(TRAINER, id="c9", organisation="02CD00", email=TRAINER.email)
    await story.people(other)
    await story.at("9:00", proposed("s-1", 1), proposed("s-2", 1, site="02CD00"))
    await story.at("9:00", day=2)
    (digest,) = story.to(TRAINER)
    (link,) = re.findall(r"Kies zelf wat u wanneer hoort: https://leerplek\.example(/afmelden/\S+)", digest.text)
    done = await save(story, f"{link}/voorkeuren", soort_changed="none")
    assert done.status_code == 200
    for contact in (TRAINER, other):
        assert await wishes_of(story, contact) == Preferences(Wish.DIGEST, {AlertKind.CHANGED: Wish.NONE})


async def test_a_programme_manager_leaves_out_the_week_and_keeps_the_rest(story: Story) -> None:
    await story.at("9:00", overloaded(), loses("s-1"))
    await story.change(replace(MANAGER), preferences=Preferences())
    await story.at("23:00", day=8)
    week = next(mail for mail in story.to(MANAGER) if mail.subject.startswith("De week"))
    (link,) = re.findall(r"https://leerplek\.example(/afmelden/\S+)", week.text)
    async with browser(story) as http:
        assert 'name="week" value="ja" checked' in (await http.get(f"{link}/voorkeuren")).text
    await save(story, f"{link}/voorkeuren", wens="immediate")
    assert await wishes_of(story, MANAGER) == Preferences(weekly=False)
    assert MANAGER.role is Role.PROGRAMME_MANAGER
