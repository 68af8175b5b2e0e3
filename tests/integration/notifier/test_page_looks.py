"""The notifier's pages can be used by everybody: axe in both themes, a phone's width, and no script needed."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route

from services.notifier.domain.contacts import Absence
from services.notifier.domain.links import LINKS_LAST
from services.notifier.entrypoints.serve import build_web
from shared.web.pages import STATIC
from tests.support import browser as browsers
from tests.support.browser import DESK, PHONE
from tests.support.notifier import PEOPLE, SITE, lost, mismatch, placed
from tests.support.notifier_story import LEADER, MONDAY, Story

HOST = "https://leerplek.example"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LINK = re.compile(rf"{HOST}(/(?:antwoord|afmelden)/[^\s<>\"]+)")
Pages = Mapping[str, tuple[str, str]]
"""Path and HTML by name."""


async def fetched(story: Story) -> Pages:
    """Every page of the notifier, with something on it."""
    await story.at("9:00", placed("s-1", 1), placed("s-2", 1), mismatch(), lost("s-1"), lost("s-2"))
    await story.until(story.clock.now + timedelta(minutes=5))
    await story.change(PEOPLE.trainer, absence=Absence(MONDAY, MONDAY, LEADER.id))
    async with story.parts.writing() as store:
        await store.save_contact(replace(PEOPLE.manager, stopped="5.1.1", version=9))
    links = LINK.findall("\n".join(mail.text for mail in story.to(PEOPLE.coordinator)))
    answer = next(each for each in links if each.startswith("/antwoord"))
    calmer = next(each for each in links if each.startswith("/afmelden"))
    mail = (await story.mails())[0]
    paths = {
        "berichten": "/",
        "bericht": f"/berichten/{mail.id}",
        "meldingen": "/meldingen",
        "niets": "/meldingen?soort=parked",
        "melding": "/meldingen/lost/lost-s-1",
        "organisaties": "/organisaties",
        "organisatie": f"/organisaties/{SITE}",
        "niemand": "/organisaties/09ZZ00",
        "contact": f"/contacten/{PEOPLE.trainer.id}",
        "geen adres": f"/contacten/{PEOPLE.manager.id}",
        "aankomst": f"/organisaties/{SITE}/aankomst",
        "school": f"/organisaties/{SITE[:4]}",
        "school, aankomst": f"/organisaties/{SITE[:4]}/aankomst?opgeslagen=true",
        "inschrijven": f"/organisaties/{SITE}/nieuw",
        "wijzigen": f"/contacten/{PEOPLE.trainer.id}/wijzigen",
        "wensen": f"/contacten/{PEOPLE.trainer.id}/voorkeuren",
        "iemand afwezig": f"/contacten/{PEOPLE.trainer.id}/afwezig?opgeslagen=true",
        "afwezig": f"{calmer}/afwezig",
        "antwoord": answer,
        "gedaan": f"{answer}?gedaan=oppakken",
        "afmelden": calmer,
        "voorkeuren": f"{calmer}/voorkeuren",
        "bewaard": f"{calmer}/voorkeuren?opgeslagen=true",
        "klopt niet": "/antwoord/x",
    }
    found: dict[str, tuple[str, str]] = {}
    transport = httpx.ASGITransport(build_web(story.parts), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as http:
        for name, path in paths.items():
            found[name] = (path, (await http.get(path)).text)
        found["afgemeld"] = (f"{calmer}?", (await http.post(calmer)).text)
        own = {"Origin": HOST}
        empty = await http.post(f"/organisaties/{SITE}/nieuw", data={"sleutel": "k"}, headers=own)
        found["niet ingeschreven"] = (f"/organisaties/{SITE}/nieuw?", empty.text)
        untold = {"sleutel": "k", "manier": "test", "testadres": "x"}
        refused = await http.post(f"/organisaties/{SITE}/aankomst", data=untold, headers=own)
        found["niet gekozen"] = (f"/organisaties/{SITE}/aankomst?", refused.text)
        found["geen dag"] = (f"{calmer}/afwezig?", (await http.post(f"{calmer}/afwezig", data={"van": "x"})).text)
        wrong = {"wens": "digest", "taal": "nl", "stil-van": "18:00"}
        found["niet bewaard"] = (f"{calmer}/voorkeuren?", (await http.post(f"{calmer}/voorkeuren", data=wrong)).text)
        story.clock.now += LINKS_LAST
        found["verlopen"] = (f"{answer}?verlopen", (await http.get(answer)).text)
    return found


def looked_at(pages: Pages) -> dict[str, object]:
    """What is wrong with a page, by name, theme and width."""
    bodies = {f"{HOST}{path}": html for path, html in pages.values()}
    wrong: dict[str, object] = {}

    def answer(route: Route) -> None:
        address = route.request.url
        if address in bodies:
            route.fulfill(body=bodies[address], content_type="text/html; charset=utf-8")
        else:
            route.fulfill(path=STATIC / address.split("/static/")[1].partition("?")[0])

    with browsers.opened() as browser:
        for width, scheme in ((PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark")):
            context = browsers.context(browser, width, scheme=scheme)
            context.route("**/*", answer)
            page, axe = context.new_page(), Axe()
            for name, (path, _) in pages.items():
                page.goto(f"{HOST}{path}")
                page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
                if found := _violations(page, axe):
                    wrong[f"{name}, {scheme}, {width}"] = found
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    wrong[f"{name}, {width}"] = "wider than the screen"
            context.close()
    return wrong


def _violations(page: Page, axe: Axe) -> list[object]:
    result = axe.run(page, options=RULES)
    return [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in result.response["violations"]]


async def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(story: Story) -> None:
    pages = await fetched(story)
    assert await asyncio.to_thread(looked_at, pages) == {}
