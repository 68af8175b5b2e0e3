"""What the portal refuses is said where it was typed, and nothing of it is saved."""

import re

import pytest

from shared.contracts.placements import PlacementProposed
from tests.integration.capacity.conftest import OWN, PAGE, SITE, SUPERVISOR, Service, page_of, send, words
from tests.support.databases import locked_by_somebody_else
from tests.support.portal_world import place, settle, student, tell


@pytest.mark.parametrize(
    ("action", "fields", "field", "message"),
    [
        ("afwezigheid", {"start": "31-11-2026"}, "start", "Vul een datum in die bestaat"),
        ("afwezigheid", {"start": ""}, "start", "Vul hier een datum in"),
        ("afwezigheid", {"start": "2026-11-24", "end": "2026-11-20"}, "end", "Het einde ligt voor het begin"),
        ("afwezigheid", {"start": "0206-11-24"}, "start", "Klopt het jaar?"),
        ("vertrek", {"departs": "morgen"}, "departs", "Vul een datum in die bestaat"),
    ],
)
async def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_is_kept(
    service: Service, action: str, fields: dict[str, str], field: str, message: str
) -> None:
    supervisor = await service.settle()
    before = await service.kinds()
    answer = await send(service, supervisor, action, **fields)
    assert answer.status_code == 400
    identifier = f"f-{field}"
    assert re.search(rf'id="{identifier}-error">.*{re.escape(message)}', answer.text)
    entry = re.search(rf'<input id="{identifier}"[^>]*>', answer.text)
    assert entry is not None
    assert f'value="{fields[field]}"' in entry[0]
    assert 'aria-invalid="true"' in entry[0]
    assert f'href="#{identifier}"' in answer.text
    assert "Er is nog niets opgeslagen" in answer.text
    assert await service.kinds() == before


async def test_an_absence_that_overlaps_is_explained(service: Service) -> None:
    supervisor = await service.settle()
    await send(service, supervisor, "afwezigheid", start="2026-12-07", end="2026-12-18")
    answer = await send(service, supervisor, "afwezigheid", sleutel="klik-2", start="2026-12-10")
    assert answer.status_code == 409
    assert "al een afwezigheid gemeld vanaf 7-12-2026" in answer.text


async def test_a_reason_that_is_sent_anyway_is_refused(service: Service) -> None:
    supervisor = await service.settle()
    answer = await send(service, supervisor, "afwezigheid", start="2026-11-24", reden="griep-kanarie")
    assert answer.status_code == 400
    assert "geen reden van afwezigheid" in answer.text
    assert "kanarie" not in answer.text
    assert (await send(service, supervisor, "afwezigheid", start="2026-11-24", kleur="groen")).status_code == 400
    assert "supervisor.absence-reported" not in await service.kinds()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://kwaad.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://leerplek.test"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_a_form_from_another_site_is_refused(service: Service, headers: dict[str, str]) -> None:
    supervisor = await service.settle()
    answer = await send(service, supervisor, "afwezigheid", headers, start="2026-11-24")
    assert answer.status_code == 403
    assert "komt niet van deze site" in answer.text
    assert "supervisor.absence-reported" not in await service.kinds()


async def test_a_browser_that_says_the_form_is_our_own_is_believed(service: Service) -> None:
    supervisor = await service.settle()
    answer = await send(service, supervisor, "afwezigheid", {"Sec-Fetch-Site": "same-origin"}, start="2026-11-24")
    assert answer.status_code == 303


async def test_somebody_of_another_school_is_not_found_here(service: Service) -> None:
    await service.settle()
    await service.http.put("/v1/sites/02CD00", json=SITE)
    other = (await service.http.post("/v1/supervisors", json=SUPERVISOR | {"sites": ["02CD00"]})).json()["id"]
    assert (await send(service, other, "afwezigheid", start="2026-11-24")).status_code == 404
    assert "supervisor.absence-reported" not in await service.kinds()


async def test_a_school_does_not_report_about_a_trainer_of_the_institute(service: Service) -> None:
    await service.settle()
    trainer = {"region": "NL-T01", "tier": "io", "sites": ["*"], "qh": {"2026-S1": 3}}
    made = (await service.http.post("/v1/supervisors", json=trainer)).json()["id"]
    told_before = await service.kinds()
    page = await page_of(service, made)
    assert "De opleiding geeft zelf door wanneer deze begeleider er niet is" in words(page)
    assert f"/begeleiders/{made}/" not in page
    assert (await send(service, made, "afwezigheid", start="2026-11-24")).status_code == 404
    assert await service.kinds() == told_before


async def test_a_form_without_its_key_is_not_saved(service: Service) -> None:
    supervisor = await service.settle()
    assert (await send(service, supervisor, "afwezigheid", start="2026-11-24", sleutel="")).status_code == 400


async def test_a_locked_database_offers_the_same_form_again(service: Service, sqlite_url: str) -> None:
    supervisor = await service.settle()
    with locked_by_somebody_else(sqlite_url):
        away = await send(service, supervisor, "afwezigheid", start="2026-11-24", end="")
    assert away.status_code == 503
    assert "Er is niets opgeslagen" in away.text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', away.text))
    assert fields == {"sleutel": "klik-1", "start": "2026-11-24", "end": ""}
    assert (await send(service, supervisor, "afwezigheid", **fields)).status_code == 303


async def test_a_student_who_has_begun_is_not_refused_by_address(service: Service) -> None:
    await settle(service.parts, service.http)
    for number in (303, 404):
        where = f"{PAGE}/studenten/{student(number)}/weigeren"
        shown = await service.http.get(where)
        sent = await service.http.post(where, data={"sleutel": "k1", "keuze": "no-seat"}, headers=OWN)
        for answer in (shown, sent):
            assert answer.status_code == 409, answer.text
            assert "Overleg met de opleiding" in words(answer.text)
    assert "placement.refused" not in await service.kinds()


async def test_today_does_not_cry_wolf_about_who_is_back_before_the_start(service: Service) -> None:
    people = await settle(service.parts, service.http)
    workplace = (await service.http.get("/v1/workplaces", params={"site": "01AB00"})).json()["items"][0]["id"]
    proposal = place(707, workplace, people["Aylin Yilmaz"], people["Marieke Smit"])
    assert isinstance(proposal, PlacementProposed)
    later = proposal.placement.model_copy(update={"periods": ("2026-S2",)})
    await tell(service.parts, proposal.model_copy(update={"placement": later}))
    away = f"/v1/supervisors/{people['Aylin Yilmaz']}/absences"
    for end, on_today, on_students in (
        ("2026-11-27", "", "Begeleider is er weer voor de start"),
        ("2027-02-05", "begint zonder begeleider", "Begeleider is er bij de start niet"),
    ):
        absence = {"start": "2026-11-16", "end": end}
        (await service.http.post(away, json=absence)).raise_for_status()
        today = words((await service.http.get(PAGE)).text)
        assert "0000-0707 heeft nu geen begeleider" not in today
        assert "0000-0404 heeft nu geen begeleider" in today
        assert ("0000-0707 begint zonder begeleider" in today) == bool(on_today)
        assert on_students in words((await service.http.get(f"{PAGE}/studenten")).text)
