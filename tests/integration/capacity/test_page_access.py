"""Every page for everybody: nobody, another organisation, the right one in the wrong role, the right one. From the routes themselves."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount

from services.capacity.bootstrap import build
from services.capacity.entrypoints.pages import boards, portal, regions
from services.capacity.entrypoints.pages.access import PORTAL
from services.capacity.entrypoints.pages.routes import add_portal
from services.capacity.handlers import giving_access
from shared.security import roles
from shared.security.roles import MAY, PersonRole, Position
from shared.web.api import Readiness, build_app
from shared.web.viewing import PageRule, everybody
from tests.integration.capacity.conftest import SITE, settings
from tests.support.portal_world import settle, student
from tests.support.signing_in import Browser, World, opened_world

OWN_POSITIONS = {
    PersonRole.SCHOOL_TRAINER: "01AB",
    PersonRole.BOARD: "41234",
    PersonRole.INSTITUTE_COORDINATOR: "01VU",
    PersonRole.PROGRAMME_MANAGER: "NL-T01",
    PersonRole.OPERATOR: "",
}
OTHERS = {PersonRole.SCHOOL_TRAINER: "02CD", PersonRole.BOARD: "55555", PersonRole.PROGRAMME_MANAGER: "NL-T09"}
OF_AN_ORGANISATION = ("{code}", "{group}", "{region}", "{person}")
HAVE_TESTS_OF_THEIR_OWN = {"/toegang/overal", "/toegang/rol"}
"""They end the session, or are about what one is."""
LETS_IN, REFUSED = {200, 303, 400, 409}, {403, 404}


@dataclass
class Everybody:
    """An installation with a school, and somebody of each kind at a browser."""

    world: World
    site: FastAPI
    ids: Mapping[str, str]
    own: Mapping[PersonRole, Browser]
    others: Mapping[PersonRole, Browser]

    def pages(self) -> list[tuple[str, str, PageRule]]:
        """Method, path and rule of every page there is."""
        rules = self.site.state.rules
        found = [
            (method, each.path)
            for each in self.site.routes
            if isinstance(each, APIRoute)
            for method in each.methods or ()
        ]
        return [(method, path, rules[method, path]) for method, path in sorted(found)]

    async def a_trainer(self) -> str:
        """Somebody of the school, who is there already or again."""
        async with self.world.parts.runtime.database.transaction() as tx:
            access = self.world.parts.access.people(tx, "operator")
            trainer = Position(PersonRole.SCHOOL_TRAINER, "01AB")
            return (await giving_access.give(access, "trainer@school.example", "", trainer)).id

    async def ask(self, browser: Browser, method: str, path: str) -> int:
        """The status of the page about what is of the first organisation."""
        ids = dict(self.ids) | {"name": "begeleiders" if "bestanden" in path else "kosten"}
        if "{person}" in path:  # who loses their last position is erased, so each time it is somebody new
            ids["person"] = await self.a_trainer()
        address = path.format(**ids) + ("?voor=" + "0" * 64 if path == "/door" else "")
        fields = {"rol": "school-trainer/01AB"} if path.endswith(("/intrekken", "/opnieuw")) else {}
        if path.endswith("/ongedaan"):
            fields = {"wat": f"supervisor/{ids['supervisor']}", "nummer": "1"}
        if path == "/mensen":
            fields = {"rol": "school-trainer", "naam": "x", "email": "x@school.example", "organisatie": "01AB"}
        answer = await (browser.get(address) if method == "GET" else browser.post(address, None, **fields))
        signs_in = answer.headers.get("location", "").startswith("/aanmelden?")
        return 401 if signs_in else answer.status_code

    async def wrong(self, within: str = "") -> list[tuple[str, str, str, int]]:
        """Who gets another answer than the policy says, on pages with `within` in their path: kind of viewer, method, path and status."""
        found = []
        for method, path, rule in self.pages():
            if rule.is_public or path in HAVE_TESTS_OF_THEIR_OWN or within not in path:
                continue
            asked = [("nobody", self.world.browser(), {401})]
            asked += [(f"own {role}", each, self.expected(role, path, rule)) for role, each in self.own.items()]
            if any(each in path for each in OF_AN_ORGANISATION) or (method, path) == ("POST", "/mensen"):
                refused = REFUSED | {400} if path == "/mensen" else REFUSED  # the form comes back, with what is wrong
                asked += [(f"other {role}", each, refused) for role, each in self.others.items()]
            for who, browser, expected in asked:
                status = await self.ask(browser, method, path)
                found += [] if status in expected else [(who, method, path, status)]
        return found

    def expected(self, role: PersonRole, path: str, rule: PageRule) -> set[int]:
        """What somebody of the organisation itself is answered; a trainer's is the school, which is no board."""
        is_theirs = (role, path) != (PersonRole.SCHOOL_TRAINER, "/besturen/{group}")
        if role in (PersonRole.INSTITUTE_COORDINATOR, PersonRole.PROGRAMME_MANAGER) and "{person}" in path:
            is_theirs = False  # the person is a trainer of a school that has a board
        return LETS_IN if is_theirs and (rule.scope is None or rule.scope in MAY[role]) else REFUSED


@pytest.fixture
async def people(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Everybody]:
    passes = {"pass_keys_file": tmp_path / "keys.json", "pass_to": "https://berichten.test"}
    async with opened_world(sqlite_url, tmp_path, sign_in_tries_per_minute=10_000, **passes) as world:
        names = await settle(world.parts, world.service.http)
        other = SITE | {"name": "De Andere", "board": "55555"}
        assert (await world.service.http.put("/v1/sites/02CD00", json=other)).status_code == 201
        places = (await world.service.http.get("/v1/workplaces", params={"site": "01AB00"})).json()["items"]
        own = {role: await _somebody(world, f"own-{role}", Position(role, org)) for role, org in OWN_POSITIONS.items()}
        others = {role: await _somebody(world, f"other-{role}", Position(role, org)) for role, org in OTHERS.items()}
        ids = {
            "code": "01AB00",
            "supervisor": names["Sanne de Groot"],
            "workplace": places[0]["id"],
            "student": student(101),
            "group": "41234",
            "region": "NL-T01",
            "place": "berichten",
        }
        mount = next(each for each in world.app.routes if isinstance(each, Mount) and each.path == "")
        assert isinstance(mount.app, FastAPI)
        yield Everybody(world, mount.app, ids, own, others)


async def _somebody(world: World, name: str, position: Position) -> Browser:
    return await world.signed_in(f"{name}@leerplek.example", position)


async def test_every_page_answers_everybody_as_the_policy_says(people: Everybody) -> None:
    assert len(people.pages()) > 50
    assert await people.wrong() == []


def _nothing(*_given: object) -> None:
    """Lets everything through."""


async def test_the_way_to_another_part_leads_to_one_of_its_pages_and_never_elsewhere(people: Everybody) -> None:
    browser = people.own[PersonRole.SCHOOL_TRAINER]
    for asked, to in (
        ("", "/meldingen"),
        ("?naar=/organisaties/01AB00", "/organisaties/01AB00"),
        ("?naar=//elders.example", "/"),
        ("?naar=https://elders.example", "/"),
        ("?naar=@elders.example", "/"),
    ):
        answer = await browser.get(f"/naar/berichten{asked}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"https://berichten.test{to}")


Break = Callable[[pytest.MonkeyPatch, Everybody], Any]
BREAKS: dict[str, Break] = {
    "{code}/wijzigingen": lambda patch, people: patch.setattr(people.site.state, "find_viewer", everybody),
    "{student}/aannemen": lambda patch, _: patch.setitem(roles.MAY, PersonRole.BOARD, roles.EVERYTHING),
    "{code}/leerwerkplekken": lambda patch, _: patch.setattr(portal, "check_own_site", _nothing),
    "/besturen/": lambda patch, _: patch.setattr(boards, "check_group", _nothing),
    "/geschiedenis": lambda patch, _: patch.setattr(regions, "check_region", _nothing),
    "{person}/intrekken": lambda patch, _: patch.setattr(giving_access, "check_may_give", _nothing),
}
"""A page of each kind of check, and that check made to let everybody through."""


@pytest.mark.parametrize("within", BREAKS)
async def test_a_check_that_lets_everybody_through_is_noticed(
    people: Everybody, monkeypatch: pytest.MonkeyPatch, within: str
) -> None:
    expected = dict(MAY)  # the policy as it was written, whatever becomes of it
    monkeypatch.setattr("tests.integration.capacity.test_page_access.MAY", expected)
    assert await people.wrong(within) == []
    BREAKS[within](monkeypatch, people)
    assert await people.wrong(within) != []


def test_a_page_without_a_rule_is_found_when_the_portal_is_built(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    parts = build(settings(f"sqlite+aiosqlite:///{tmp_path}/x.db", tmp_path))
    fewer = {each: rule for each, rule in PORTAL.items() if each != ("GET", "/besturen/{group}")}
    monkeypatch.setattr("services.capacity.entrypoints.pages.routes.PORTAL", fewer)

    async def check() -> Readiness:
        return Readiness()

    with pytest.raises(LookupError, match="besturen"):
        add_portal(build_app(None, check), parts, everybody)
