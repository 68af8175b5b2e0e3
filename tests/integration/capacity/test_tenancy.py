"""Whatever schools and boards do, and whatever ids they guess: nobody ever sees or changes what is another's."""

import asyncio
import shutil
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import httpx
from fastapi import Request
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from services.capacity.domain.access import SCOPES
from services.capacity.entrypoints.serve import build_capacity_app
from shared.security.issuing import issue, prepare_keys, public_file
from shared.security.roles import PersonRole, Position
from shared.web.viewing import Viewer
from tests.integration.capacity.conftest import OWN, REGION, SITE, SUPERVISOR, Service, open_service
from tests.support.capacity import proposed
from tests.support.portal_world import tell
from tests.support.tenancy_paths import API_BELOW, FORMS_OF, PAGES_OF, SITE_PAGES, body_of, file_with

SCHOOLS = {"school/01AB": "41234", "school/02CD": "49999"}
BOARDS = {f"board/{board}": school for school, board in SCHOOLS.items()}
ORGS = st.sampled_from([*SCHOOLS, *BOARDS])
NUMBERS = st.integers(0, 2)
LISTS = ("sites", "workplaces", "supervisors")


def school_of(org: str) -> str:
    """A school and its board have the same things."""
    return BOARDS.get(org, org)


class Tenancy(RuleBasedStateMachine):
    """`owner` is which school has each thing, by its list; every name and subject holds the BRIN of its school."""

    things = Bundle("things")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.Runner()
        self.owner: dict[str, dict[str, str]] = {name: {} for name in (*LISTS, "placements")}
        keys = self.folder / "keys.json"
        prepare_keys(keys)
        self.tokens = {one: issue(keys, one, SCOPES, 1) for one in (*SCHOOLS, *BOARDS, "operator")}
        url = f"sqlite+aiosqlite:///{self.folder / 'capacity.db'}"
        self.service: Service = self.loop.run(open_service(url, self.folder, jwks_file=public_file(keys)))
        assert self.ask("operator", "PUT", "regions/NL-T01", json=REGION).status_code == 201
        self.portal: Service = self.loop.run(
            open_service(url, self.folder)
        )  # where tokens are asked, pages are not shown
        transport = httpx.ASGITransport(build_capacity_app(self.portal.parts, self.viewer), raise_app_exceptions=False)
        self.pages = httpx.AsyncClient(transport=transport, base_url="http://leerplek.test")
        self.looks_as, self.forms = "", 0

    async def viewer(self, _request: Request) -> Viewer:
        """Who looks at pages: a school's trainer, or somebody of its board."""
        org = self.looks_as.partition("/")[2]
        position = Position(PersonRole.BOARD if self.looks_as in BOARDS else PersonRole.SCHOOL_TRAINER, org)
        return Viewer(position.caller, "iemand", "p1", position=position)

    def ask(self, org: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[org]}", **more.pop("headers", {})}
        answer = self.loop.run(self.service.http.request(method, f"/v1/{path}", headers=headers, **more))
        return self._of_nobody_else(org, answer)

    @initialize(target=things)
    def settle(self) -> Any:
        """Each school has one of each to begin with, so that there is always something of another."""
        made: list[Any] = []
        for number, school in enumerate(SCHOOLS):
            site: Any = self.put_site(school, school, 0)
            made += [site, self.offer(school, site), self.register(school, site), self.place(site, number)]
        return multiple(*made)

    @rule(target=things, org=ORGS, of=ORGS, number=NUMBERS)
    def put_site(self, org: str, of: str, number: int) -> Any:
        school = school_of(of)
        site = f"{school[-4:]}0{number}"
        body = {**SITE, "name": f"Vestiging van {school[-4:]}"}
        answer = self.ask(org, "PUT", f"sites/{site}", json=body)
        if school != school_of(org):
            assert answer.status_code == 404, answer.text
            return multiple()
        if answer.status_code not in (200, 201):
            assert org in BOARDS, answer.text
            assert site not in self.owner["sites"], "a board makes no sites"
            return multiple()
        self.owner["sites"][site] = school
        governed = self.ask("operator", "PUT", f"sites/{site}/board", json={"board": SCHOOLS[school]})
        assert governed.status_code == 200, governed.text
        return ("sites", site)

    @rule(target=things, org=ORGS, thing=things)
    def offer(self, org: str, thing: tuple[str, str]) -> Any:
        body = {"site": thing[1], "subject": f"van-{school_of(org)[-4:]}".lower(), "seats": {"2026-S1": 2}}
        return self._made(org, "workplaces", thing, self.ask(org, "POST", "workplaces", json=body))

    @rule(target=things, org=ORGS, thing=things)
    def register(self, org: str, thing: tuple[str, str]) -> Any:
        body = {**SUPERVISOR, "sites": [thing[1]], "name": f"Iemand van {school_of(org)[-4:]}"}
        return self._made(org, "supervisors", thing, self.ask(org, "POST", "supervisors", json=body))

    def _made(self, org: str, name: str, thing: tuple[str, str], answer: httpx.Response) -> Any:
        is_own = thing[0] == "sites" and self.owner["sites"].get(thing[1]) == school_of(org)
        assert (answer.status_code == 201) is is_own, answer.text
        if not is_own:
            return multiple()
        self.owner[name][answer.json()["id"]] = school_of(org)
        return (name, answer.json()["id"])

    @rule(target=things, thing=things, number=NUMBERS)
    def place(self, thing: tuple[str, str], number: int) -> Any:
        """The matcher proposes a student at a site; another school may not decide about them."""
        student = f"s{number}"
        if thing[0] != "sites" or student in self.owner["placements"]:
            return multiple()
        self.loop.run(tell(self.service.parts, proposed(student, site=thing[1])))
        self.owner["placements"][student] = self.owner["sites"][thing[1]]
        return ("placements", student)

    def said(self) -> int:
        """How much was told so far: who changes nothing tells nothing."""
        return len(self.loop.run(self.service.outbox()))

    @rule(org=ORGS, thing=things)
    def touch(self, org: str, thing: tuple[str, str]) -> None:
        """The thing itself and all below it, over the API."""
        kind, identifier = thing
        school, before = school_of(org), self.said()
        asked = [
            ("GET", "", None),
            ("PUT", "", body_of(kind, f"{school[-4:]}00", SCHOOLS[school])),
            ("DELETE", "", None),
        ]
        for method, below, body in (*asked, *((one, f"/{two}", three) for one, two, three in API_BELOW[kind])):
            answer = self.ask(org, method, f"{kind}/{identifier}{below}", json=body)
            if below == "/board":
                assert answer.status_code == 403, answer.text
            elif self.owner[thing[0]][thing[1]] != school:
                assert answer.status_code in (400, 404, 405), (method, below, answer.text)
        assert self.owner[thing[0]][thing[1]] == school or self.said() == before, "something of another was changed"

    @rule(org=ORGS)
    def name_another(self, org: str) -> None:
        """Beside what is their own: somebody who works at another's site too, and their site under another's board."""
        (other,) = set(SCHOOLS) - {school_of(org)}
        own, theirs = (f"{each[-4:]}00" for each in (school_of(org), other))
        assert self.ask(org, "POST", "supervisors", json={**SUPERVISOR, "sites": [own, theirs]}).status_code == 400
        given = {**SITE, "name": f"Vestiging van {own[:4]}", "board": SCHOOLS[other]}
        assert self.ask(org, "PUT", f"sites/{own}", json=given).status_code == 403

    @rule(org=ORGS, thing=things, at=things)
    def look(self, org: str, thing: tuple[str, str], at: tuple[str, str]) -> None:
        """Pages of a site (their own, or another's), and those about a thing below it."""
        site = at[1] if at[0] == "sites" else f"{self.owner[thing[0]][thing[1]][-4:]}00"
        is_own_site = self.owner["sites"].get(site) == school_of(org)
        for path in SITE_PAGES:
            answer = self.see(org, f"/vestigingen/{site}{path}")
            assert answer.status_code in ((200, 403) if is_own_site else (403, 404)), path
        for path in PAGES_OF[thing[0]]:
            answer = self.see(org, f"/vestigingen/{site}{path.format(id=thing[1])}")
            if not is_own_site or (self.owner[thing[0]][thing[1]] != school_of(org) and "wat=" not in path):
                assert answer.status_code in (403, 404), path
            else:
                assert self.owner[thing[0]][thing[1]] == school_of(org) or "Opgeslagen" not in answer.text, path
        for group in (*(each[-4:] for each in SCHOOLS), *SCHOOLS.values()):
            if self.see(org, f"/besturen/{group}").status_code == 200:
                assert group == org.partition("/")[2], "another's sites side by side"

    @rule(org=ORGS, thing=things, at=things)
    def fill_in(self, org: str, thing: tuple[str, str], at: tuple[str, str]) -> None:
        """Forms about a thing, sent to the pages of a site: changes nothing unless both are theirs, and a board changes nothing at all."""
        site, before = at[1] if at[0] == "sites" else f"{self.owner[thing[0]][thing[1]][-4:]}00", self.said()
        for path, fields in FORMS_OF[thing[0]]:
            told = {name: each.format(id=thing[1]) for name, each in fields.items()}
            self.see(org, f"/vestigingen/{site}{path.format(id=thing[1])}", told)
        of_another = self.owner[thing[0]][thing[1]] != school_of(org)
        if thing[0] == "sites" and of_another:
            self.see(
                org,
                f"/vestigingen/{site}/bestanden/begeleiders",
                {"doe": "bewaar"},
                file_with(school_of(org)[-4:], thing[1]),
            )
        is_own_site = self.owner["sites"].get(site) == school_of(org)
        may = not of_another and is_own_site and (org in SCHOOLS or thing[0] == "supervisors")
        assert may or self.said() == before, "something of another was changed"

    def see(self, org: str, path: str, form: dict[str, str] | None = None, file: str = "") -> httpx.Response:
        self.looks_as, self.forms = org, self.forms + 1
        if form is None:
            return self._of_nobody_else(org, self.loop.run(self.pages.get(path)))
        sent = {"sleutel": f"k{self.forms}", **form}
        files = {"bestand": ("x.csv", file.encode(), "text/csv")} if file else None
        answer = self.loop.run(self.pages.post(path, data=sent, files=files, headers=OWN))
        return self._of_nobody_else(org, answer)

    def _of_nobody_else(self, org: str, answer: httpx.Response) -> httpx.Response:
        assert answer.status_code < 500, answer.text
        told = answer.text.lower().replace("van-", "van ")
        others = set(SCHOOLS) - {school_of(org)} if org != "operator" else set()
        assert not [each for each in others if f"van {each[-4:]}".lower() in told], "a name of another school"
        return answer

    @rule(org=ORGS, thing=things)
    def send_many(self, org: str, thing: tuple[str, str]) -> None:
        """A batch or file with a row about something of another's says no to that row."""
        self.send_known(org, thing)
        site = thing[1] if thing[0] == "sites" else "01AB00"
        item = {**SUPERVISOR, "sites": [site], "name": f"Rij van {school_of(org)[-4:]}"}
        answer = self.ask(org, "POST", "supervisor-batches", json={"items": [item]})
        is_own = self.owner["sites"].get(site) == school_of(org)
        if answer.status_code == 200:
            (row,) = answer.json()["items"]
            assert is_own or row["outcome"] == "wrong", row
            if row["outcome"] != "wrong":
                self.owner["supervisors"][row["id"]] = school_of(org)

    def send_known(self, org: str, thing: tuple[str, str]) -> None:
        """By number, below a site of their own."""
        own, before = f"{school_of(org)[-4:]}00", self.said()
        items: dict[str, dict[str, Any]] = {
            "supervisors": {**SUPERVISOR, "sites": [own], "id": thing[1]},
            "workplaces": {"site": own, "subject": "engels", "seats": {"2026-S1": 1}, "id": thing[1]},
        }
        if thing[0] in items and self.owner[thing[0]][thing[1]] != school_of(org):
            kind = thing[0].removesuffix("s")
            answer = self.ask(org, "POST", f"{kind}-batches", json={"items": [items[thing[0]]]}).json()
            assert [each["outcome"] for each in answer["items"]] == ["wrong"], answer
            assert self.said() == before

    @invariant()
    def everybody_lists_exactly_their_own(self) -> None:
        for org in (*SCHOOLS, *BOARDS):
            for name in LISTS:
                listed = {one["id"] for one in self.ask(org, "GET", name, params={"limit": 500}).json()["items"]}
                assert listed == {key for key, owner in self.owner[name].items() if owner == school_of(org)}, name
                self._lists_nothing_of_another(org, name)

    def _lists_nothing_of_another(self, org: str, name: str) -> None:
        """Whatever they filter by; and files are lists too."""
        (other,) = set(SCHOOLS) - {school_of(org)}
        filters = {"school": other[-4:], "board": SCHOOLS[other]} if name == "sites" else {"site": f"{other[-4:]}00"}
        for each, wanted in filters.items():
            assert not self.ask(org, "GET", name, params={each: wanted}).json()["items"], (name, each)
        if name != "sites":
            asked = {"region": "NL-T01", "site": f"{other[-4:]}00"}
            answer = self.ask(org, "GET", f"{name.removesuffix('s')}-files", params=asked)
            assert answer.status_code == 404 or len(answer.text.splitlines()) == 1, name

    @invariant()
    def the_newest_of_each_kind_is_there_for_its_own_alone(self) -> None:
        for name in LISTS:
            for identifier, owner in list(self.owner[name].items())[-1:]:
                for org in (*SCHOOLS, *BOARDS):
                    expected = 200 if school_of(org) == owner else 404
                    assert self.ask(org, "GET", f"{name}/{identifier}").status_code == expected, (org, name)

    def teardown(self) -> None:
        self.loop.run(self.service.http.aclose())
        for each in (self.portal.http, self.pages):
            self.loop.run(each.aclose())
        self.loop.run(self.portal.parts.runtime.database.close())
        self.loop.run(self.service.parts.runtime.database.close())
        self.loop.close()
        shutil.rmtree(self.folder)


def test_nobody_gets_at_what_is_anothers_by_any_way_there_is() -> None:
    """What the machine does at random, once for everybody and everything: a check that is left out anywhere is seen in every run."""
    machine = Tenancy()
    things = machine.settle().values
    try:
        for org, thing in product((*SCHOOLS, *BOARDS), things):
            for at in (each for each in things if each[0] == "sites"):
                machine.look(org, thing, at)
                machine.fill_in(org, thing, at)
            machine.send_many(org, thing)
            machine.offer(org, thing)
            machine.register(org, thing)
            machine.everybody_lists_exactly_their_own()
            machine.the_newest_of_each_kind_is_there_for_its_own_alone()
        for org, thing in product((*SCHOOLS, *BOARDS), things):
            machine.touch(org, thing)
        for org, of in product((*SCHOOLS, *BOARDS), SCHOOLS):
            machine.put_site(org, of, 1)
            machine.name_another(org)
    finally:
        machine.teardown()


TestTenancy = Tenancy.TestCase
NO_HURRY = settings(deadline=None, suppress_health_check=list(HealthCheck))
TestTenancy.settings = settings(NO_HURRY, max_examples=5, stateful_step_count=15)
