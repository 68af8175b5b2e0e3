"""The page on which an organisation sees and chooses how its messages arrive; a board and a school choose for their sites."""

import re

import pytest

from services.notifier.domain.knowledge import KnownSite
from services.notifier.domain.modes import Mode, ModeSetting
from shared.security.roles import PersonRole, Position
from tests.integration.notifier.test_page_contacts import INSTITUTE, Desk
from tests.integration.notifier.test_page_contacts import desk as _desk
from tests.support.notifier import SITE

desk = _desk
BOARD = "41234"
AT = "/organisaties/{}/aankomst"


def chosen(page: str) -> list[str]:
    return re.findall(r'name="manier" value="([\w-]+)" checked', page)


async def mode_of(desk: Desk, organisation: str) -> ModeSetting | None:
    async with desk.parts.reading() as store:
        return (await store.modes()).of(organisation)


async def test_an_organisation_chooses_its_own_system_and_reads_that_it_did(desk: Desk) -> None:
    assert AT.format(INSTITUTE) in (await desk.http.get(f"/organisaties/{INSTITUTE}")).text
    page = (await desk.http.get(AT.format(INSTITUTE))).text
    assert chosen(page) == ["live"]
    assert "kent nog geen adres van uw systeem" in page
    done = await desk.post(AT.format(INSTITUTE), manier="webhook", testadres="", versie="0")
    assert done.status_code == 303
    saved = (await desk.http.get(done.headers["location"])).text
    assert chosen(saved) == ["webhook"]
    assert "Opgeslagen" in saved
    assert "gaan naar het eigen systeem" in (await desk.http.get(f"/organisaties/{INSTITUTE}")).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"manier": "test", "testadres": "geen adres"}, "Vul een e-mailadres in"),
        ({"manier": "duif", "testadres": ""}, "Kies hoe de berichten aankomen"),
    ],
)
async def test_what_cannot_be_is_said_at_the_field(desk: Desk, fields: dict[str, str], said: str) -> None:
    answer = await desk.post(AT.format(INSTITUTE), **fields, versie="0")
    assert answer.status_code == 400
    assert said in answer.text
    assert await mode_of(desk, INSTITUTE) is None


async def test_what_another_chose_meanwhile_is_not_overwritten(desk: Desk) -> None:
    for mode, status in ((Mode.TEST, 303), (Mode.PREVIEW, 400)):
        answer = await desk.post(AT.format(INSTITUTE), manier=mode, testadres="proef@vu.example", versie="0")
        assert answer.status_code == status
    assert await mode_of(desk, INSTITUTE) == ModeSetting(INSTITUTE, Mode.TEST, "proef@vu.example", 1)


@pytest.mark.parametrize(
    ("role", "head", "word"),
    [(PersonRole.BOARD, BOARD, "bestuur"), (PersonRole.SCHOOL_TRAINER, SITE[:4], "school")],
)
async def test_who_has_sites_sees_them_and_chooses_for_them(desk: Desk, role: PersonRole, head: str, word: str) -> None:
    async with desk.parts.writing() as store:
        await store.save_site(KnownSite(SITE, "Het Baken", "Utrecht", 1, BOARD))
    await desk.enter(Position(role, head))
    assert (await desk.http.get("/organisaties")).headers["location"] == f"/organisaties/{head}"
    own = (await desk.http.get(f"/organisaties/{head}")).text
    assert f"Wie hoort wat: {word} {head}" in own
    assert f'<a href="/organisaties/{SITE}">Het Baken</a>' in own
    assert "stagecoördinator" not in own
    assert (await desk.http.get(f"/organisaties/{head}/nieuw")).status_code == 404
    assert (await desk.post(AT.format(head), manier="webhook", testadres="", versie="0")).status_code == 303
    found = await mode_of(desk, SITE)
    assert found is not None
    assert (found.organisation, found.mode) == (head, Mode.WEBHOOK)
    site = (await desk.http.get(AT.format(SITE))).text
    assert f"Zoals {'het' if word == 'bestuur' else 'de'} {word} koos voor alle vestigingen" in site
    assert "Nu is dat: in ons eigen systeem." in site
    assert chosen(site) == ["zoals-boven"]
    assert (await desk.post(AT.format(SITE), manier="live", testadres="", versie="0")).status_code == 303
    found = await mode_of(desk, SITE)
    assert found is not None
    assert (found.organisation, found.mode) == (SITE, Mode.LIVE)
    assert chosen((await desk.http.get(AT.format(SITE))).text) == ["live"]
    left = {"manier": "zoals-boven", "testadres": ""}
    assert (await desk.post(AT.format(SITE), **left, versie="0")).status_code == 400, "another chose meanwhile"
    assert (await desk.post(AT.format(SITE), **left, versie="1")).status_code == 303
    found = await mode_of(desk, SITE)
    assert found is not None
    assert (found.organisation, found.mode) == (head, Mode.WEBHOOK)


async def test_nobody_chooses_for_another(desk: Desk) -> None:
    for code in ("02HU", SITE, BOARD):
        assert (await desk.http.get(AT.format(code))).status_code == 404
        assert (await desk.post(AT.format(code), manier="preview", testadres="")).status_code == 404
        assert await mode_of(desk, code) is None
