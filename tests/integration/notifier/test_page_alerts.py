"""The pages for staff: alerts by what one looks for and whom they concern, one alert with its whole story, and who hears what."""

import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI, Request

from services.notifier.domain.alerts import AlertState
from services.notifier.domain.contacts import Absence
from services.notifier.entrypoints.pages.alerts import PAGE
from services.notifier.entrypoints.pages.routes import add_pages
from services.notifier.entrypoints.serve import build_web
from services.notifier.ports import MailFilter
from shared.contracts.envelope import new_event
from shared.contracts.vocabulary import SignalStatus
from shared.security.callers import Caller, Role
from shared.security.roles import CARE_FOR_ALERTS, READ_ALERTS
from shared.web.viewing import Viewer
from tests.support.notifier import INSTITUTE, PEOPLE, REGION, SITE, lost, placed, site_changed, unplaced
from tests.support.notifier_story import LEADER, OPERATOR, Story

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
ROW = re.compile(r'href="(/meldingen/[^"?]+)"')


def browser(story: Story, viewer: Viewer | None = None) -> httpx.AsyncClient:
    """A browser of whoever runs Leerplek, or of this viewer."""
    app = FastAPI()
    if viewer is None:
        app = build_web(story.parts)
    else:

        async def find(_request: Request) -> Viewer:
            return viewer

        add_pages(app, story.parts, find)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="https://leerplek.example", follow_redirects=True)


def of(role: Role, org: str) -> Viewer:
    return Viewer(Caller(role, org, frozenset({READ_ALERTS, CARE_FOR_ALERTS})))


async def rows(http: httpx.AsyncClient, path: str) -> list[str]:
    page = await http.get(path)
    assert page.status_code == 200, page.text
    return ROW.findall(page.text)


@pytest.fixture
async def told(story: Story) -> Story:
    """A lost place that was told, an unplaced student, and one alert that is over."""
    await story.at("9:00", placed("s-1", 1), lost("s-1"), unplaced("s-2"), lost("s-3"))
    await story.at("9:05", lost("s-3", 2, status=SignalStatus.CLEARED))
    await story.until(story.clock.now + timedelta(minutes=2))
    return story


async def test_alerts_are_listed_by_what_one_looks_for(told: Story) -> None:
    live, other, over = "/meldingen/lost/lost-s-1", "/meldingen/unplaced/s-2", "/meldingen/lost/lost-s-3"
    async with browser(told) as http:
        assert set(await rows(http, "/meldingen")) == {live, other}
        assert await rows(http, "/meldingen?laat=geschiedenis") == [over]
        assert "Voorbij: 7 september 2026" in (await http.get("/meldingen?laat=geschiedenis")).text
        assert "niets waarvan uw organisatie hoorde" in (await http.get("/meldingen?laat=mijn")).text
        assert await rows(http, "/meldingen?soort=unplaced") == [other]
        assert await rows(http, "/meldingen?soort=unplaced&ernst=info") == []
        assert set(await rows(http, f"/meldingen?regio={REGION}&ernst=critical")) == {live, other}
        assert await rows(http, f"/meldingen?organisatie={SITE.lower()}") == [live]
        assert await rows(http, "/meldingen?regio=NL-R99") == []
        assert await rows(http, "/meldingen?laat=mijn") == []
        assert set(await rows(http, "/meldingen?soort=onzin&voor=onzin")) == {live, other}


async def test_everybody_sees_what_concerns_them_and_nothing_else(told: Story) -> None:
    live, other = "/meldingen/lost/lost-s-1", "/meldingen/unplaced/s-2"
    seen: dict[tuple[Role, str], set[str]] = {
        (Role.INSTITUTE, INSTITUTE): {live, other},
        (Role.SCHOOL, SITE): {live},
        (Role.SCHOOL, SITE[:4]): {live},
        (Role.REGION, REGION): {live, other},
        (Role.REGION, REGION[:-1]): set(),
        (Role.INSTITUTE, "01XX"): set(),
        (Role.SCHOOL, "01AB01"): set(),
    }
    for (role, org), expected in seen.items():
        async with browser(told, of(role, org)) as http:
            assert set(await rows(http, "/meldingen")) == expected, (role, org)
            for path in (live, other):
                status = (await http.get(path)).status_code
                assert status == (200 if path in expected else 404), (role, org, path)
                if path not in expected:
                    done = await http.post(path, data={"actie": "oppakken"}, headers=SAME_SITE)
                    assert done.status_code == 404
    async with browser(told, of(Role.INSTITUTE, INSTITUTE)) as http:
        assert set(await rows(http, "/meldingen?laat=mijn")) == {live, other}
        assert (await http.get(f"/organisaties/{SITE}")).status_code == 404
        assert (await http.get(f"/contacten/{PEOPLE.trainer.id}")).status_code == 404
        assert (await http.get(f"/contacten/{PEOPLE.coordinator.id}")).status_code == 200
        assert (await http.get("/organisaties")).url.path == f"/organisaties/{INSTITUTE}"


async def test_a_message_is_read_in_the_organisation_that_it_went_to(told: Story) -> None:
    async with told.parts.reading() as store:
        mails = await store.mails(MailFilter())
    assert {INSTITUTE, SITE} <= {mail.organisation for mail in mails}
    async with browser(told, of(Role.INSTITUTE, INSTITUTE)) as http:
        for mail in mails:
            status = (await http.get(f"/berichten/{mail.id}")).status_code
            assert status == (200 if mail.organisation == INSTITUTE else 404)
        own = next(mail for mail in mails if mail.organisation == INSTITUTE)
        assert ">Alle meldingen</a>" in (await http.get(f"/berichten/{own.id}")).text, (
            "the list of messages is not theirs"
        )


async def test_one_alert_tells_who_heard_what_and_who_did_what(told: Story) -> None:
    path = "/meldingen/lost/lost-s-1"
    async with browser(told) as http:
        before = (await http.get(path)).text
        assert before.count(">bericht</a>") == 2
        assert "<dd>Het Baken in Utrecht</dd>" in before
        assert "<dd>Rijn en Vecht</dd>" in before
        assert "Nog niemand deed er iets mee" in before
        refused = await http.post(path, data={"actie": "oppakken"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert refused.status_code == 403
        for _ in range(2):
            done = await http.post(path, data={"actie": "oppakken"}, headers=SAME_SITE)
            assert (done.status_code, "U hebt de melding opgepakt" in done.text) == (200, True)
        assert done.text.count('data-label="Wat"') == 1
        given = {"actie": "geven", "aan": PEOPLE.trainer.id}
        await http.post(path, data=given, headers=SAME_SITE)
        after = (await http.get(path)).text
    assert "Doorgegeven aan de schoolopleider" in after
    async with told.parts.reading() as store:
        held = await store.alert("lost/lost-s-1")
    assert held is not None
    assert (held.state, held.care.handed_to) == (AlertState.RAISED, PEOPLE.trainer.id)


async def test_what_is_of_another_organisation_is_told_without_a_link_or_a_name_and_ones_own_by_name(
    told: Story,
) -> None:
    await told.people(replace(PEOPLE.coordinator, id="c9", email="tweede@vu.example", name="Piet Klaver"))
    async with browser(told) as http:
        done = await http.post("/meldingen/lost/lost-s-1", data={"actie": "oppakken"}, headers=SAME_SITE)
        assert "Els Vos, de stagecoördinator" in done.text
        assert "Bo de Wit, de schoolopleider" in done.text
    async with browser(told, of(Role.INSTITUTE, INSTITUTE)) as http:
        page = (await http.get("/meldingen/lost/lost-s-1")).text
        told_of = page[page.index("Wie hoorde wat") :]
        assert "Els Vos, de stagecoördinator" in told_of
        assert "Bo de Wit" not in told_of
        assert '<td data-label="Wie">de schoolopleider van Het Baken in Utrecht</td>' in told_of
        links = re.findall(r'href="(/(?:contacten|berichten)/[^"]+)"', told_of)
        assert len(links) == 2
        assert [(await http.get(each)).status_code for each in links] == [200, 200]


async def test_pages_follow_one_another_and_show_each_alert_once(story: Story) -> None:
    for number in range(PAGE * 2 + 7):
        await story.hear(new_event("urn:nld:test", unplaced(f"s-{number:03}"), story.clock()))
    found: list[str] = []
    async with browser(story) as http:
        address: str | None = "/meldingen"
        while address:
            page = await http.get(address)
            found += ROW.findall(page.text)
            older = re.search(r'href="([^"]+)">Oudere meldingen', page.text)
            address = older[1].replace("&amp;", "&") if older else None
    assert sorted(found) == [f"/meldingen/unplaced/s-{number:03}" for number in range(PAGE * 2 + 7)]


async def test_a_region_sees_where_nobody_is_before_anything_goes_wrong(told: Story) -> None:
    await told.at(
        "10:00", site_changed().model_copy(update={"site": site_changed().site.model_copy(update={"id": "02CD00"})})
    )
    async with browser(told) as http:
        assert 'href="/organisaties/02CD00"' in (await http.get("/organisaties?zoek=02")).text
    async with browser(told, of(Role.REGION, REGION)) as http:
        region = await http.get("/organisaties")
        assert region.url.path == f"/organisaties/{REGION}"
        assert re.search(
            r'href="/organisaties/02CD00">Het Baken \(Utrecht\)</a> <span[^>]*>schoolopleider', region.text
        )
        assert f'href="/organisaties/{SITE}"' not in region.text
        assert (await http.get("/organisaties/02CD00")).status_code == 200
        assert (await http.get("/organisaties/05EF00")).status_code == 404
        assert "/contacten/" not in (await http.get(f"/organisaties/{SITE}")).text
    async with browser(told, of(Role.REGION, "NL-R09")) as http:
        assert (await http.get("/organisaties/02CD00")).status_code == 404


async def test_who_is_away_and_replaced_leaves_no_gap_and_who_hears_it_is_told(told: Story) -> None:
    today = told.clock.now.date()
    await told.change(PEOPLE.trainer, absence=Absence(today, today, LEADER.id))
    async with browser(told) as http:
        assert f'href="/organisaties/{SITE}">Het Baken (Utrecht)</a>' in (await http.get("/organisaties")).text
        school, region = [(await http.get(f"/organisaties/{each}")).text for each in (SITE, REGION)]
        assert "vervangen door Ria Smit" in school
        assert ">Ria Smit</a> het." in (await http.get(f"/contacten/{PEOPLE.trainer.id}")).text
        assert "Een rol heeft nu niemand" not in school
        assert "Waar in de regio nog niemand is" not in region
        (trainer, _) = (await http.get(f"/v1/organisations/{SITE}/hearers")).json()["items"]
        assert (trainer["role"], trainer["gap"]) == ("school-trainer", False)
    async with told.parts.writing() as store:
        await store.save_contact(replace(LEADER, stopped="5.1.1"))
    async with browser(told) as http:
        school = (await http.get(f"/organisaties/{SITE}")).text
        assert "Een rol heeft nu niemand" in school
        assert "vervangen door" not in school


async def test_who_hears_what_is_told_of_an_organisation_and_of_a_person(told: Story) -> None:
    await told.change(PEOPLE.trainer, phone="010 111 22 33")
    async with browser(told) as http:
        assert f'href="/organisaties/{SITE}"' in (await http.get("/organisaties?zoek=01a")).text
        school = (await http.get(f"/organisaties/{SITE}")).text
        assert f'href="/contacten/{PEOPLE.trainer.id}"' in school
        assert "Een rol heeft nu niemand" not in school
        assert "Een rol heeft nu niemand" in (await http.get("/organisaties/09ZZ00")).text
        person = (await http.get(f"/contacten/{PEOPLE.trainer.id}")).text
        assert "hoort bij de rol" in person
        assert "schoolopleider van Het Baken (Utrecht)" in person
        assert PEOPLE.trainer.email not in person
        assert (await http.get("/organisaties/LEERPLEK")).text.count(OPERATOR.id) == 1
        assert (await http.get("/organisaties/abc")).status_code == 404
        assert (await http.get("/contacten/niemand")).status_code == 404
