"""Whatever institutes do, and whatever ids they guess: nobody ever sees or changes what is another's."""

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack
from itertools import product
from pathlib import Path
from typing import Any

import httpx
from fastapi import Request
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from services.intake.domain.access import SCOPES
from services.intake.entrypoints.import_worker import ImportWorker
from services.intake.entrypoints.pages.access import RULES, UPLOAD
from services.intake.entrypoints.serve import build_intake_app
from shared.security.issuing import issue, prepare_keys, public_file
from shared.security.roles import PersonRole, Position
from shared.web.viewing import Viewer
from tests.integration.intake.conftest import Service, opened
from tests.support.import_files import file_of, row
from tests.support.intake import NEEDS, NEW_REGISTRATION, REGION
from tests.support.office_http import OWN
from tests.support.office_world import place, tell

INSTITUTES = ("01VU", "02HU")
ORGS = st.sampled_from(INSTITUTES)
NUMBERS = st.integers(1, 4)
BELOW = (
    *(("GET", "", each) for each in ("/secret", "/deliveries", "/rows", "/errors", "/export")),
    *(("POST", "", each) for each in ("/rotation", "/ping", "/erasure")),
    ("POST", "placements", "/decision"),
)
"""Method, in which list (empty: that of the thing), and what stands behind the id."""
FORM = {
    "regio": REGION.id, "kenmerk": "st-900", "vak": "Wiskunde", "sector": "vo", "leerroute": "Voltijd", "fase": "WPL 1",
    "ondersteuningsklasse": "2", "woont": "52,09 5,11", "periode-1-2026-S1": "ja",
}  # fmt: skip
FIELDS: dict[str, dict[str, str]] = {
    "/nieuw": FORM,
    "/zoek": {"kenmerk": "1"},
    "/wijzigen": {name: value for name, value in FORM.items() if name not in ("regio", "kenmerk")},
    "/bevestigen": {"plek": "w-01AB00"},
    "/afwijzen": {"plek": "w-01AB00", "keuze": "days"},
    "/andere-plek": {"plek": "w-01AB00", "keuze": "days"},
    "/past-niet": {"keuze": "days"},
    "/past-weer": {"melding": "{mismatch}"},
    "/intrekken": {},
    "/inlezen": {"opleiding": "{institute}", "soort": "registrations", "regio": REGION.id},
}
"""What is filled in on each form, by how its address ends."""
LISTS = ("registrations", "mismatches", "placements", "imports", "webhooks")


class Tenancy(RuleBasedStateMachine):
    """`owner` is whose each thing is, by the list it stands in; every reference holds the name of its institute."""

    things = Bundle("things")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.owner: dict[str, dict[str, str]] = {name: {} for name in LISTS}
        self.reported: dict[str, str] = {}
        keys = self.folder / "keys.json"
        prepare_keys(keys)
        self.tokens = {one: issue(keys, f"institute/{one}", SCOPES, 1) for one in INSTITUTES}
        url = f"sqlite+aiosqlite:///{self.folder / 'intake.db'}"
        self.service: Service = self.loop.run(self.stack.enter_async_context(opened(url, jwks_file=public_file(keys))))
        desk: Service = self.loop.run(
            self.stack.enter_async_context(opened(url))
        )  # where tokens are asked, pages are not shown
        app = build_intake_app(desk.parts, find_viewer=self.viewer)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.pages = httpx.AsyncClient(transport=transport, base_url="http://leerplek.test")
        self.looks_as, self.forms = "", 0

    async def viewer(self, _request: Request) -> Viewer:
        """Who looks at pages: a coordinator."""
        position = Position(PersonRole.INSTITUTE_COORDINATOR, self.looks_as)
        return Viewer(position.caller, "iemand", "p1", position=position)

    @initialize(target=things)
    def settle(self) -> Any:
        """Each institute has one of each to begin with, so that there is always something of another."""
        made: list[Any] = []
        for org in INSTITUTES:
            student: Any = self.register(org, org, 1, None)
            made += [student, self.report(org, student), self.subscribe(org), self.send_a_file(org, 2)]
            self.place(org, student[1])
        return multiple(*made)

    def place(self, org: str, student: str) -> None:
        """The matcher proposes a place."""
        proposed = place(student).model_copy(update={"institute": org})
        self.loop.run(tell(self.service.parts, proposed))

    def ask(self, org: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[org]}", **more.pop("headers", {})}
        answer = self.loop.run(self.service.http.request(method, f"/v1/{path}", headers=headers, **more))
        return self._of_nobody_else(org, answer)

    def see(self, org: str, method: str, path: str, about: dict[str, str] | None = None) -> httpx.Response:
        """A page, or a form that is sent to it, filled in `about` something."""
        self.looks_as, self.forms = org, self.forms + 1
        if method == "GET":
            return self._of_nobody_else(org, self.loop.run(self.pages.get(path)))
        fields = FIELDS[f"/{path.rpartition('/')[2]}"]
        data = {"sleutel": f"k{self.forms}", **{name: each.format(**about or {}) for name, each in fields.items()}}
        files = {"bestand": ("x.csv", file_of(row(f"8 van {org}")))} if path == UPLOAD else None
        return self._of_nobody_else(org, self.loop.run(self.pages.post(path, data=data, files=files, headers=OWN)))

    @staticmethod
    def _of_nobody_else(org: str, answer: httpx.Response) -> httpx.Response:
        assert answer.status_code < 500, answer.text
        (other,) = set(INSTITUTES) - {org}
        assert f"van {other}" not in answer.text, "a reference of another institute"
        return answer

    def said(self) -> int:
        """How much was told so far: who changes nothing tells nothing."""
        return len(self.loop.run(self.service.stored())[1])

    @rule(target=things, org=ORGS, of=ORGS, number=NUMBERS, key=st.none() | NUMBERS.map(str))
    def register(self, org: str, of: str, number: int, key: str | None) -> Any:
        body = {**NEW_REGISTRATION, "institute": of, "reference": f"{number} van {org}"}
        answer = self.ask(
            org, "POST", "registrations", json=body, headers={} if key is None else {"Idempotency-Key": key}
        )
        if of != org:
            assert answer.status_code in (400, 403), answer.text
            return multiple()
        if answer.status_code != 201:
            return multiple()
        self.owner["registrations"][answer.json()["id"]] = self.owner["placements"][answer.json()["id"]] = org
        return ("registrations", answer.json()["id"])

    @rule(target=things, org=ORGS, thing=things)
    def report(self, org: str, thing: tuple[str, str]) -> Any:
        answer = self.ask(org, "POST", "mismatches", json={"student": thing[1], "kind": "travel"})
        if answer.status_code != 201:
            return multiple()
        assert self.owner["registrations"][thing[1]] == org
        self.owner["mismatches"][answer.json()["id"]] = org
        self.reported[thing[1]] = answer.json()["id"]
        return ("mismatches", answer.json()["id"])

    @rule(target=things, org=ORGS)
    def subscribe(self, org: str) -> Any:
        made = self.ask(org, "POST", "webhooks", json={"url": "https://opleiding.example/"}).json()["id"]
        self.owner["webhooks"][made] = org
        return ("webhooks", made)

    @rule(target=things, org=ORGS, number=NUMBERS)
    def send_a_file(self, org: str, number: int) -> Any:
        content = file_of(
            row(f"{number} van {org}").replace("01VU", org), row("9").replace("01VU", INSTITUTES[number % 2])
        )
        headers = {"Content-Type": "text/csv", "Idempotency-Key": f"file {number}"}
        made = self.ask(org, "POST", "imports?region=NL-R07", content=content, headers=headers).json()["id"]
        self.owner["imports"][made] = org
        worker = ImportWorker(self.service.parts)
        while self.loop.run(worker.work_off_one()):
            pass
        for one in self.ask(org, "GET", f"imports/{made}/rows").json()["items"]:
            is_of_another = one["row"] == 3 and INSTITUTES[number % 2] != org
            assert not is_of_another or (one["verdict"], one["student"]) == ("refused", None), one
            if one["verdict"] == "registered":
                self.owner["registrations"][one["student"]] = self.owner["placements"][one["student"]] = org
        return ("imports", made)

    @rule(org=ORGS, thing=things)
    def touch(self, org: str, thing: tuple[str, str]) -> None:
        """The thing itself and all below it, over the API."""
        kind, identifier = thing
        is_own, before = self.owner[kind].get(identifier) == org, self.said()
        body = {"url": "https://opleiding.example/"} if kind == "webhooks" else {**NEEDS, "institute": org}
        for method in ("GET", "PUT", "DELETE"):
            answer = self.ask(org, method, f"{kind}/{identifier}", json=body if method == "PUT" else None)
            if not is_own:
                assert answer.status_code in (404, 405), answer.text
            elif method == "GET":
                assert answer.status_code == 200, answer.text
        if is_own and kind == "webhooks":
            del self.owner[kind][identifier]
        for method, listed, below in BELOW:
            if is_own and below == "/erasure":
                continue
            sent = {"decision": "confirm"} if method == "POST" else None
            answer = self.ask(org, method, f"{listed or kind}/{identifier}{below}", json=sent)
            if not is_own:
                assert answer.status_code in (404, 405), (below, answer.text)
        if kind == "registrations" and not is_own:
            asked = {"student": identifier, "kind": "travel"}
            assert self.ask(org, "POST", "mismatches", json=asked).status_code in (400, 404)
        assert is_own or self.said() == before, "something of another was changed"

    def address(self, path: str, institute: str, thing: str) -> tuple[str, dict[str, str]]:
        """Where a page about a thing is, and what its form is filled in with."""
        about = {"institute": institute, "mismatch": self.reported.get(thing, "m1")}
        return path.format(institute=institute, student=thing, file=thing, kind="registrations"), about

    @rule(org=ORGS, of=ORGS, thing=things)
    def look(self, org: str, of: str, thing: tuple[str, str]) -> None:
        """Every page there is, at an institute (their own, or another's), about a thing; and every form."""
        kind, identifier = thing
        is_own, before = of == org and self.owner[kind].get(identifier) == org, self.said()
        for page in ("", "/studenten", "/bestanden", "/studenten/nieuw?regio=NL-R07"):
            assert self.see(org, "GET", f"/opleidingen/{org}{page}").status_code == 200, page
        self.see(org, "POST", f"/opleidingen/{org}/studenten/zoek")
        if is_own:  # a form would change it, and the model would have to know how
            return
        for method, path in RULES:
            about = {"{student}": "registrations", "{file}": "imports"}
            named = [name for name in about if name in path]
            if path == "/" or any(about[name] != kind for name in named) or (of == org and not named):
                continue
            answer = self.see(org, method, *self.address(path, of, identifier))
            assert answer.status_code not in (200, 303), (method, path, answer.text)
        assert self.said() == before, "something of another was changed"

    @invariant()
    def everybody_lists_exactly_their_own(self) -> None:
        if self.owner["imports"]:
            for org in INSTITUTES:
                (other,) = set(INSTITUTES) - {org}
                for name in ("registrations", "placements"):
                    assert not self.ask(org, "GET", name, params={"institute": other}).json()["items"], name
                for name in LISTS:
                    listed = {one["id"] for one in self.ask(org, "GET", name, params={"limit": 500}).json()["items"]}
                    assert listed == {key for key, owner in self.owner[name].items() if owner == org}, name

    def teardown(self) -> None:
        if hasattr(self, "service"):
            self.loop.run(self.pages.aclose())
            self.loop.run(self.stack.aclose())
            self.loop.close()
            shutil.rmtree(self.folder)


def test_nobody_gets_at_what_is_anothers_by_any_way_there_is() -> None:
    """What the machine does at random, once for everybody and everything: a check that is left out anywhere is seen in every run."""
    machine = Tenancy()
    try:
        things = machine.settle().values
        for (org, of), thing in product(product(INSTITUTES, INSTITUTES), things):
            machine.look(org, of, thing)
            machine.report(org, thing)
            machine.register(org, of, 3, "1")
        for org, number in product(INSTITUTES, (1, 2)):
            machine.send_a_file(org, number)
        machine.everybody_lists_exactly_their_own()
        for org, thing in product(INSTITUTES, things):
            machine.touch(org, thing)
    finally:
        machine.teardown()


TestTenancy = Tenancy.TestCase
TestTenancy.settings = settings(
    max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
