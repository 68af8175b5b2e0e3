"""The pages on which an organisation says who of its people hears what, and who of them is away."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from services.notifier.bootstrap import MIGRATIONS, Parts, build
from services.notifier.config import Settings
from services.notifier.domain.contacts import Absence, Contact, Language, Preferences, Role, Wish
from services.notifier.entrypoints.serve import build_web
from shared.dutch import dutch_day
from shared.persistence.migrations import upgrade
from shared.persistence.tables import AuditRow
from shared.security.issuing import prepare_keys, public_file
from shared.security.passes import Pass, issue_pass
from shared.security.roles import PersonRole, Position
from tests.support.notifier import PEOPLE

PORTAL, OWN = "https://leerplek.test", "https://berichten.test"
COORDINATOR, TRAINER = PEOPLE.coordinator, PEOPLE.trainer
INSTITUTE = COORDINATOR.organisation
COLLEAGUE = Contact(
    "019385a0-0000-7000-8000-000000000c02", INSTITUTE, Role.INSTITUTE_TRAINER, "io@vu.example", "Tom Blok"
)
OURS = replace(COORDINATOR, id="019385a0-0000-7000-8000-000000000c01")
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Desk:
    """The pages for somebody who signed in."""

    http: httpx.AsyncClient
    parts: Parts
    keys: Path

    async def enter(self, position: Position) -> None:
        self.http.cookies.clear()
        sent = await self.http.get("/aanmelden", params={"naar": "/"})
        asked = re.search(r"voor=(\w+)", sent.headers["location"])
        assert asked is not None
        given = issue_pass(self.keys, Pass("p1", position), PORTAL, OWN, asked[1])
        assert (await self.http.get("/aanmelden/terug", params={"pas": given, "naar": "/"})).status_code == 303

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self.http.post(path, data={"sleutel": "k1", **fields}, headers=SAME_SITE)

    async def held(self, contact: str = OURS.id) -> Contact | None:
        async with self.parts.reading() as store:
            return await store.contact(contact)


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    keys = tmp_path / "keys.json"
    prepare_keys(keys)
    parts = build(
        Settings(
            database_url=sqlite_url, kafka_bootstrap="127.0.0.1:1", public_url=OWN, smtp_host="127.0.0.1",
            mail_from="a@b.example", master_key_file=tmp_path / "master.key", sign_in_url=PORTAL,
            sign_in_jwks_file=public_file(keys),
        )
    )  # fmt: skip
    await upgrade(parts.runtime.database, MIGRATIONS, parts=parts.runtime.migration_parts)
    async with parts.writing() as store:
        for each in (OURS, COLLEAGUE, replace(TRAINER, id="019385a0-0000-7000-8000-000000000c03")):
            await store.save_contact(each)
    transport = httpx.ASGITransport(build_web(parts), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=OWN) as http:
        made = Desk(http, parts, keys)
        await made.enter(Position(PersonRole.INSTITUTE_COORDINATOR, INSTITUTE))
        yield made
    await parts.runtime.database.close()


async def audit(parts: Parts, contact: str) -> list[tuple[str, str]]:
    async with parts.runtime.database.reading() as tx:
        rows = await tx.exec(select(AuditRow).where(AuditRow.aggregate == f"contact/{contact}"))
        return [(row.action, row.actor) for row in rows]


async def test_somebody_is_registered_once_however_often_one_clicks(desk: Desk) -> None:
    assert f"/organisaties/{INSTITUTE}/nieuw" in (await desk.http.get(f"/organisaties/{INSTITUTE}")).text
    form = (await desk.http.get(f"/organisaties/{INSTITUTE}/nieuw")).text
    assert set(re.findall(r'<option value="([\w-]+)"', form)) == {"institute-coordinator", "institute-trainer"}
    new = {"rol": "institute-coordinator", "email": "nieuw@vu.example", "naam": "An Bos", "telefoon": "020 123 45 67"}
    for _ in range(2):
        done = await desk.post(f"/organisaties/{INSTITUTE}/nieuw", **new)
        assert done.status_code == 303
    page = await desk.http.get(done.headers["location"])
    assert "An Bos" in page.text
    assert "nieuw@vu.example" not in page.text
    async with desk.parts.reading() as store:
        found = [each for each in await store.contacts(INSTITUTE) if each.name == "An Bos"]
    assert [(each.email, each.phone, each.role) for each in found] == [
        ("nieuw@vu.example", "020 123 45 67", Role.INSTITUTE_COORDINATOR)
    ]
    assert await audit(desk.parts, found[0].id) == [("contact.changed", "person/p1")]
    again = await desk.post(f"/organisaties/{INSTITUTE}/nieuw", **new, sleutel="k2")
    assert again.status_code == 400
    assert "heeft deze rol daar al" in again.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "geen adres", "Vul een e-mailadres in"),
        ("telefoon", "bel maar", "Een telefoonnummer heeft cijfers"),
        ("naam", "x" * 101, "hoogstens 100 tekens"),
        ("naam", "An Bos (ziek tot mei)", "Leerplek bewaart dat niet"),
        ("rol", "operator", "Kies een rol uit de lijst"),
    ],
)
async def test_what_is_wrong_stands_at_the_field_and_nothing_is_lost(
    desk: Desk, field: str, value: str, said: str
) -> None:
    new = {"rol": "institute-trainer", "email": "nieuw@vu.example", "naam": "An Bos", "telefoon": "", field: value}
    answer = await desk.post(f"/organisaties/{INSTITUTE}/nieuw", **new)
    assert answer.status_code == 400
    assert said in answer.text
    assert 'value="nieuw@vu.example"' in answer.text or field == "email"
    async with desk.parts.reading() as store:
        assert len(await store.contacts(INSTITUTE)) == 2


async def test_an_address_is_changed_and_what_another_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    address = f"/contacten/{OURS.id}/wijzigen"
    page = (await desk.http.get(address)).text
    assert f'value="{OURS.email}"' in page
    changed = {"email": "ander@vu.example", "naam": "Els Vos", "telefoon": ""}
    assert (await desk.post(address, **changed, versie="1")).status_code == 303
    held = await desk.held()
    assert held is not None
    assert (held.email, held.phone, held.version) == ("ander@vu.example", None, 2)
    late = await desk.post(address, **(changed | {"naam": "E. Vos"}), versie="1")
    assert late.status_code == 400
    assert "Iemand anders wijzigde dit" in late.text
    assert 'name="versie" value="2"' in late.text
    wrong = await desk.post(address, **(changed | {"email": "geen adres"}), versie="1")
    assert 'name="versie" value="1"' in wrong.text, "nobody told them yet that somebody else changed it"


async def test_wishes_and_absence_are_reached_signed_in_from_the_page_of_a_person(desk: Desk) -> None:
    page = (await desk.http.get(f"/contacten/{OURS.id}")).text
    for path in ("wijzigen", "voorkeuren", "afwezig"):
        assert f'href="/contacten/{OURS.id}/{path}"' in page
        assert (await desk.http.get(f"/contacten/{OURS.id}/{path}")).status_code == 200
    done = await desk.post(f"/contacten/{OURS.id}/voorkeuren", wens="digest", taal="nl")
    assert done.status_code == 303
    assert "Dit geldt vanaf het volgende bericht" in (await desk.http.get(done.headers["location"])).text
    first = dutch_day(desk.parts.clock())
    last = first + timedelta(10)
    away = {"van": first.isoformat(), "tot": f"{last:%d-%m-%Y}", "vervanger": COLLEAGUE.id, "actie": "weg"}
    assert (await desk.post(f"/contacten/{OURS.id}/afwezig", **away)).status_code == 303
    held = await desk.held()
    assert held is not None
    assert held.preferences == Preferences(wish=Wish.DIGEST)
    assert held.absence == Absence(first, last, COLLEAGUE.id)
    assert (await desk.post(f"/contacten/{OURS.id}/afwezig", actie="terug")).status_code == 303
    back = await desk.held()
    assert back is not None
    assert back.absence is None
    assert {actor for _, actor in await audit(desk.parts, OURS.id)} == {"notifier", "person/p1"}


async def test_an_address_that_was_stopped_is_tried_again_by_a_button(desk: Desk) -> None:
    async with desk.parts.writing() as store:
        await store.save_contact(replace(OURS, stopped="5.1.1"))
    assert "Probeer dit adres opnieuw" in (await desk.http.get(f"/contacten/{OURS.id}")).text
    for _ in range(2):
        done = await desk.post(f"/contacten/{OURS.id}/opnieuw")
        assert done.status_code == 303
    assert "Het adres krijgt weer berichten" in (await desk.http.get(done.headers["location"])).text
    held = await desk.held()
    assert held is not None
    assert (held.stopped, held.version) == (None, 2)


async def test_somebody_who_left_is_taken_out(desk: Desk) -> None:
    done = await desk.post(f"/contacten/{OURS.id}/verwijderen")
    assert (done.status_code, done.headers["location"]) == (303, f"/organisaties/{INSTITUTE}?klaar=weg")
    assert await desk.held() is None


@pytest.mark.parametrize("page", [True, False])
async def test_who_was_stood_in_for_by_somebody_who_left_can_still_be_changed(desk: Desk, page: bool) -> None:
    """Also where a version before the rule took the substitute out, and left their number behind."""
    away = Absence(date(2026, 9, 1), date(2026, 9, 2), COLLEAGUE.id)
    async with desk.parts.writing() as store:
        await store.save_contact(replace(OURS, absence=away))
        if not page:
            await store.delete_contact(COLLEAGUE)
    if page:
        assert (await desk.post(f"/contacten/{COLLEAGUE.id}/verwijderen")).status_code == 303
        held = await desk.held()
        assert held is not None
        assert (held.absence, held.version) == (replace(away, substitute=None), 2)
        assert (await audit(desk.parts, OURS.id))[-1] == ("contact.changed", "person/p1")
    changed = {"email": "ander@vu.example", "naam": "Els Vos", "telefoon": "", "versie": "2" if page else "1"}
    answer = await desk.post(f"/contacten/{OURS.id}/wijzigen", **changed)
    assert answer.status_code == 303
    after = await desk.held()
    assert after is not None
    assert after.email == "ander@vu.example"


async def test_pages_about_a_colleague_do_not_speak_as_if_the_reader_were_that_colleague(desk: Desk) -> None:
    """Also of somebody who is written to in English: whoever looks reads Dutch."""
    async with desk.parts.writing() as store:
        await store.save_contact(replace(COLLEAGUE, preferences=Preferences(language=Language.ENGLISH)))
    for contact in (OURS, COLLEAGUE):
        for path in ("", "/voorkeuren", "/afwezig"):
            page = (await desk.http.get(f"/contacten/{contact.id}{path}")).text
            main = page[page.index("<main") : page.index("</main>")]
            theirs = r"\bu hoort\b|\bhoort u\b|uw rol|[Uu]w berichten|voor u als|vervangt u\b|krijgt u\b|u (?:ontvangt|krijgt)\b|\bmij\b"
            assert re.findall(theirs, main) == [], path
            assert "Your" not in main
            assert "You " not in main
    late = {"actie": "weg", "van": "2026-12-01", "tot": "2099-01-01"}
    assert "Blijft iemand langer weg?" in (await desk.post(f"/contacten/{COLLEAGUE.id}/afwezig", **late)).text


async def test_another_organisation_sees_and_changes_nothing(desk: Desk) -> None:
    await desk.enter(Position(PersonRole.SCHOOL_TRAINER, TRAINER.organisation))
    for path in ("", "/wijzigen", "/voorkeuren", "/afwezig"):
        assert (await desk.http.get(f"/contacten/{OURS.id}{path}")).status_code == 404
    fields = {"email": "x@x.example", "wens": "digest", "taal": "nl", "van": "2026-12-01", "tot": "2026-12-02"}
    for path in ("wijzigen", "voorkeuren", "afwezig", "opnieuw", "verwijderen"):
        assert (await desk.post(f"/contacten/{OURS.id}/{path}", **fields)).status_code in (400, 404)
    assert (await desk.http.get(f"/organisaties/{INSTITUTE}/nieuw")).status_code == 404
    new = {"rol": "institute-coordinator", "email": "nieuw@vu.example", "naam": "An Bos", "telefoon": ""}
    assert (await desk.post(f"/organisaties/{INSTITUTE}/nieuw", **new)).status_code == 404
    async with desk.parts.reading() as store:
        assert len(await store.contacts(INSTITUTE)) == 2
    assert await desk.held() == OURS


async def test_a_form_from_another_site_changes_nothing(desk: Desk) -> None:
    for path in ("wijzigen", "voorkeuren", "afwezig", "opnieuw", "verwijderen"):
        answer = await desk.http.post(
            f"/contacten/{OURS.id}/{path}", data={"actie": "terug"}, headers={"Origin": "https://elders.example"}
        )
        assert answer.status_code == 403, path
    assert await desk.held() == OURS


async def test_who_signed_in_says_so_a_year_ahead(desk: Desk) -> None:
    today = dutch_day(desk.parts.clock())
    where = f"/contacten/{OURS.id}/afwezig"
    for ahead, status, says_so in ((366, 400, True), (365, 303, False)):
        days = {"van": today.isoformat(), "tot": (today + timedelta(ahead)).isoformat(), "actie": "weg"}
        answer = await desk.post(where, **days)
        assert (answer.status_code, "hooguit 365 dagen vooruit" in answer.text) == (status, says_so)
