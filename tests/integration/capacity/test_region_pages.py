"""The pages of a region and a board: what they show, what they save, and what they refuse."""

from dataclasses import replace
from html import unescape
from re import findall
from typing import Any

import httpx
import pytest

from services.capacity.adapters.answers import HttpAnswers
from services.capacity.bootstrap import Parts
from services.capacity.entrypoints.serve import build_capacity_app
from services.capacity.ports.answering import Alternative, LeverWorth, Outlook
from shared.plan_client import PlanClient
from tests.integration.capacity.conftest import OWN, SITE, Service, words
from tests.support.portal_world import PAGE, REGION_BODY, settle, student

BASE = "/regios/NL-T01"
STEPS = {
    "groep-subject": "WEG", "rij-0-0": "2,5", "rij-0-1": "0", "rij-1-0": "100 %", "rij-1-1": "9.000",
    **{f"rij-{row}-{cell}": "" for row in (2, 3, 4) for cell in (0, 1)},
}  # fmt: skip


async def save(service: Service, section: str, **changes: str) -> httpx.Response:
    """Fills in a form of the settings as it is shown, with changes, and sends it."""
    page = (await service.http.get(f"{BASE}/instellingen/{section}")).text
    form = page.split(f'action="{BASE}/instellingen/{section}"')[1]
    fields = {}
    for tag in findall(r"<input[^>]*>", form):
        given = dict(findall(r'(\w+)="([^"]*)"', tag))
        if given.get("type") != "checkbox" or " checked" in tag:
            fields[given["name"]] = unescape(given["value"])
    fields |= changes
    data = {name: value for name, value in fields.items() if value != "WEG"}
    return await service.http.post(f"{BASE}/instellingen/{section}", data=data, headers=OWN)


async def held(service: Service) -> dict[str, Any]:
    body: dict[str, Any] = (await service.http.get("/v1/regions/NL-T01")).json()
    return body


@pytest.mark.parametrize("section", ["periodes", "normen", "vakken", "hefbomen", "kosten", "eerlijk"])
async def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(service: Service, section: str) -> None:
    await service.http.put("/v1/regions/NL-T01", json=REGION_BODY)
    before = await held(service)
    assert (await save(service, section)).status_code == 303
    assert await held(service) == before


async def test_every_kind_of_setting_is_changed(service: Service) -> None:
    await service.http.put("/v1/regions/NL-T01", json=REGION_BODY)
    more = {
        "rij-2-route": "deeltijd",
        "rij-2-phase": "*",
        "rij-2-support": "3",
        "rij-2-wpb": "3",
        "rij-2-so": "1",
        "rij-2-io": "0,5",
    }
    assert (await save(service, "normen", **more)).status_code == 303
    await save(service, "periodes", **{"rij-2-id": "2027-S1", "rij-2-start": "30-8-2027", "rij-2-end": "28-1-2028"})
    await save(service, "vakken", **{"rij-0-student": "", "rij-0-place": "", "rij-0-cost": ""})
    await save(
        service,
        "kosten",
        **{"veld-costs.unplaced": "120.000", "veld-costs.travel": "20: 0; 50: 2", "veld-travel.per_km_min": "1,75"},
    )
    await save(service, "eerlijk", **STEPS)
    await save(
        service,
        "hefbomen",
        **{"aan-team": "ja", "veld-levers.team.min_qh": "0,75", "veld-levers.senior.seniors": "LIO, jaar 3"},
    )
    body = await held(service)
    settings = body["settings"]
    assert settings["norms"][2] == {"route": "deeltijd", "phase": "*", "support": 3, "wpb": 12, "so": 4, "io": 2}
    assert body["periods"][2] == {"id": "2027-S1", "start": "2027-08-30", "end": "2028-01-28"}
    assert settings["related"] == []
    assert (settings["costs"]["unplaced"], settings["costs"]["travel"]) == (120_000, [[20, 0], [50, 2]])
    assert settings["travel"]["per_km_min"] == 1.75
    assert settings["fairness"]["groups"] == ["route", "support", "institute"]
    assert settings["fairness"]["steps"] == [[0.025, 0], [1.0, 9000]]
    assert settings["levers"]["team"] == {"on": True, "max_members": 3, "min_qh": 3}
    assert settings["levers"]["senior"]["seniors"] == ["lio", "year3"]
    history = words((await service.http.get(f"{BASE}/geschiedenis")).text)
    for expected in (
        "Student zonder plek: was 100.000, nu 120.000",
        "Hefboom Team: was uit, nu aan",
        "Reistijd: was 30: 0; 60: 1; 90: 3, nu 20: 0; 50: 2",
        "Normen: was 2 regels, nu 3 regels",
        "Wie helpt: was LIO, jaar 4, nu LIO, jaar 3",
        "Prijs van een achterstand: was tot 2 %: 0, tot 5 %: 50.000,",
        "in dit portaal",
    ):
        assert expected in history, expected


@pytest.mark.parametrize(
    ("section", "changes", "message"),
    [
        ("periodes", {"rij-0-end": "1-1-2020"}, "Een periode eindigt op of na de dag waarop zij begint"),
        ("periodes", {"rij-0-start": "31-11-2026"}, "Vul een datum in die bestaat"),
        ("normen", {"rij-0-wpb": "1,1"}, "Vul uren in per kwartier"),
        ("normen", {"rij-0-support": "4"}, "Te hoog"),
        ("kosten", {"veld-costs.unplaced": "veel"}, "Vul een heel getal in"),
        ("kosten", {"veld-costs.load": "9; 1"}, "Lopen op"),
        ("eerlijk", {"rij-0-0": "tien"}, "Vul een percentage in"),
        ("eerlijk", {"rij-1-1": "0", "rij-0-1": "5"}, "Lopen op"),
        ("hefbomen", {"veld-levers.team.max_members": "1"}, "Te laag"),
        ("kosten", {"veld-costs.unplaced": "1", "aan-nergens": "ja", "onbekend": "x"}, "veld dat wij niet kennen"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    service: Service, section: str, changes: dict[str, str], message: str
) -> None:
    await service.http.put("/v1/regions/NL-T01", json=REGION_BODY)
    before = await held(service)
    answer = await save(service, section, **changes)
    assert answer.status_code == 400
    assert message.lower() in words(answer.text).lower()
    assert await held(service) == before
    if "onbekend" not in changes:
        assert all(f'value="{value}"' in answer.text for value in changes.values())


async def test_a_period_that_is_used_stays(service: Service) -> None:
    await service.settle()
    answer = await save(service, "periodes", **{"rij-0-id": "", "rij-0-start": "", "rij-0-end": ""})
    assert answer.status_code == 400
    assert "nog in gebruik" in answer.text


async def test_two_people_do_not_overwrite_each_others_settings(service: Service) -> None:
    await service.http.put("/v1/regions/NL-T01", json=REGION_BODY)
    assert (await save(service, "kosten", **{"veld-costs.unplaced": "90000"})).status_code == 303
    late = await save(service, "kosten", **{"veld-costs.unplaced": "80000", "versie": "1"})
    assert late.status_code == 409
    assert "Dit is veranderd terwijl u bezig was" in late.text
    assert (await held(service))["settings"]["costs"]["unplaced"] == 90_000


async def test_a_board_and_a_school_see_their_sites_and_an_unknown_one_is_not_there(service: Service) -> None:
    await settle(service.parts, service.http)
    await service.http.put("/v1/sites/02CD00", json=SITE | {"name": "Van een ander"})
    for group in ("41234", "01AB"):
        text = words((await service.http.get(f"/besturen/{group}")).text)
        assert "2 vestigingen 6 begeleiders 1 nu afwezig 4 studenten" in text
        assert "Van een ander" not in text
    for group in ("99999", "09ZZ", "x"):
        assert (await service.http.get(f"/besturen/{group}")).status_code == 404


async def test_the_region_says_which_board_a_school_has(service: Service) -> None:
    await settle(service.parts, service.http)
    await service.http.put("/v1/sites/02CD00", json=SITE | {"name": "De Nieuwe"})

    async def put(site: str, board: str, key: str) -> httpx.Response:
        data = {"sleutel": key, "vestiging": site, "bestuur": board}
        return await service.http.post(f"{BASE}/besturen", data=data, headers=OWN)

    assert "Zonder bestuur 1 vestiging" in words((await service.http.get(f"{BASE}/besturen")).text)
    for answer in (await put("02cd00", "41234", "k1"), await put("02cd00", "41234", "k1")):
        assert answer.headers["location"] == f"{BASE}/besturen?klaar=ja"
    assert "De Nieuwe" in (await service.http.get("/besturen/41234")).text
    assert "Bestuur 41234 : De Nieuwe en 2 andere vestigingen" in words((await service.http.get(BASE)).text)
    for site, board, told in (("02CD00", "4123", "vijf cijfers"), ("09ZZ00", "41234", "kennen we niet in deze regio")):
        refused = await put(site, board, f"k-{site}")
        assert (refused.status_code, told in refused.text) == (400, True)
    await put("02CD00", "", "k3")
    assert "De Nieuwe" not in (await service.http.get("/besturen/41234")).text


class Answers:
    """What the matcher answered, without a matcher; where the real one is asked is tested below."""

    def __init__(self, levers: list[LeverWorth] | None, alternatives: Outlook | None) -> None:
        self._levers, self._alternatives, self.asked = levers, alternatives, 0

    async def levers(self, region: str) -> list[LeverWorth] | None:
        return self._levers

    async def measure_levers(self, region: str) -> bool:
        self.asked += 1
        return self._levers is not None

    async def alternatives(self, student: str, sites: Any) -> Outlook | None:
        return self._alternatives


def on(parts: Parts, answers: Answers) -> httpx.AsyncClient:
    """Capacity with these answers."""
    app = build_capacity_app(replace(parts, answers=answers))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://leerplek.test")


async def test_a_lever_is_shown_with_what_it_was_found_to_be_worth(service: Service) -> None:
    await service.http.put("/v1/regions/NL-T01", json=REGION_BODY)
    found = [
        LeverWorth("team", "on", 412_000, 4, True, "2026-11-20T10:00:00Z"),
        LeverWorth("duo", "off", 100_000, -1, False, "2026-11-20T10:00:00Z"),
    ]
    answers = Answers(found, None)
    async with on(service.parts, answers) as http:
        text = words((await http.get(f"{BASE}/instellingen/hefbomen")).text)
        asked = await http.post(f"{BASE}/meten", data={"sleutel": "k"}, headers=OWN)
        told = words((await http.get(asked.headers["location"])).text)
    assert "Aanzetten: 4 studenten meer met een plek, het plan wordt 412.000 punten beter" in text
    assert "Gemeten op 20 november 2026" in text
    assert answers.asked == 1
    assert "Leerplek meet elke hefboom opnieuw" in told


@pytest.mark.parametrize(
    ("alternatives", "message"),
    [
        (None, "weet Leerplek nu niet"),
        (Outlook(), "geen andere plek"),
        (Outlook(is_complete=False), "Leerplek zoekt nog uit"),
        (
            Outlook((Alternative("01AB01", True, 2, 1),)),
            "locatie Zuid, Driebergen; daarvoor krijgen 2 studenten een andere plek; daardoor raakt 1 student een plek kwijt",
        ),
        (Outlook((Alternative("01AB01", False, 0, 0),)), "Leerplek keek bij 1 school: daar is nu geen andere plek"),
    ],
)
async def test_what_a_refusal_causes_is_shown_before_it_is_done(
    service: Service, alternatives: Outlook | None, message: str
) -> None:
    await settle(service.parts, service.http)
    async with on(service.parts, Answers(None, alternatives)) as http:
        text = words((await http.get(f"{PAGE}/studenten/{student(101)}/gevolgen")).text)
        elsewhere = await http.get(f"/vestigingen/01AB01/studenten/{student(101)}/gevolgen")
    assert message in text
    assert elsewhere.status_code == 404


async def test_the_answers_are_asked_over_http_and_their_absence_is_no_error(tmp_path: Any) -> None:
    (tmp_path / "token").write_text("abc\n")
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if "levers" in request.url.path:
            one = {"lever": "team", "trying": "on", "points": 5, "students": 1, "is_proven": True}
            return httpx.Response(200, json={"ended_at": "2026-11-20T10:00:00Z", "levers": [one]})
        wish = {"site": "01AB01", "placement": {}, "moved_total": 1, "lost_total": 0}
        wishes = [wish, {"site": "02CD00", "placement": None}]
        return httpx.Response(200, json={"pending": [], "failed": [], "wishes": wishes})

    there = HttpAnswers(PlanClient("http://answers.test/", tmp_path / "token", httpx.MockTransport(answer)))
    assert await there.levers("NL-T01") == [LeverWorth("team", "on", 5, 1, True, "2026-11-20T10:00:00Z")]
    assert await there.measure_levers("NL-T01")
    found = await there.alternatives("s1", ["01AB01"])
    assert found == Outlook((Alternative("01AB01", True, 1, 0), Alternative("02CD00", False, 0, 0)))
    assert {each.headers["authorization"] for each in asked} == {"Bearer abc"}
    away = HttpAnswers(PlanClient("http://127.0.0.1:1", None))
    assert await away.levers("NL-T01") is None
    assert await away.alternatives("s1", []) is None
    assert not await away.measure_levers("NL-T01")
