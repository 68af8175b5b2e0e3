"""Whatever institutes do, and whatever ids they guess: nobody ever sees or changes what is another's."""

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from services.intake.domain.access import SCOPES
from services.intake.entrypoints.import_worker import ImportWorker
from shared.security.issuing import issue, prepare_keys, public_file
from tests.integration.intake.conftest import Service, opened
from tests.support.import_files import file_of, row
from tests.support.intake import NEEDS, NEW_REGISTRATION

INSTITUTES = ("01VU", "02HU")
ORGS = st.sampled_from(INSTITUTES)
NUMBERS = st.integers(1, 4)
LISTS = ("registrations", "mismatches", "placements", "imports", "webhooks")


class Tenancy(RuleBasedStateMachine):
    """`owner` is whose each thing is, by the list it stands in; every reference holds the name of its institute."""

    things = Bundle("things")

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.owner: dict[str, dict[str, str]] = {name: {} for name in LISTS}
        self.versions: dict[str, Any] = {}
        keys = self.folder / "keys.json"
        prepare_keys(keys)
        self.tokens = {one: issue(keys, f"institute/{one}", SCOPES, 1) for one in INSTITUTES}
        url = f"sqlite+aiosqlite:///{self.folder / 'intake.db'}"
        self.service: Service = self.loop.run(self.stack.enter_async_context(opened(url, jwks_file=public_file(keys))))

    def ask(self, org: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[org]}", **more.pop("headers", {})}
        answer = self.loop.run(self.service.http.request(method, f"/v1/{path}", headers=headers, **more))
        assert answer.status_code < 500, answer.text
        (other,) = set(INSTITUTES) - {org}
        assert f"van {other}" not in answer.text, "a reference of another institute"
        return answer

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
        headers = {"Content-Type": "text/csv"}
        made = self.ask(org, "POST", "imports?region=NL-R07", content=content, headers=headers).json()["id"]
        self.owner["imports"][made] = org
        worker = ImportWorker(self.service.parts)
        while self.loop.run(worker.work_off_one()):
            pass
        for one in self.ask(org, "GET", f"imports/{made}/rows").json()["items"]:
            if one["verdict"] == "registered":
                self.owner["registrations"][one["student"]] = self.owner["placements"][one["student"]] = org
        return ("imports", made)

    @rule(org=ORGS, thing=things, method=st.sampled_from(["GET", "PUT", "DELETE"]))
    def touch(self, org: str, thing: tuple[str, str], method: str) -> None:
        kind, identifier = thing
        body = {"url": "https://opleiding.example/"} if kind == "webhooks" else {**NEEDS, "institute": org}
        answer = self.ask(org, method, f"{kind}/{identifier}", json=body if method == "PUT" else None)
        is_own = self.owner[kind].get(identifier) == org
        if not is_own:
            assert answer.status_code in (404, 405), answer.text
        elif method == "GET":
            assert answer.status_code == 200, answer.text
        elif method == "DELETE" and kind == "webhooks":
            del self.owner[kind][identifier]

    @rule(
        org=ORGS,
        thing=things,
        below=st.sampled_from(["decision", "secret", "deliveries", "rotation", "rows", "errors", "ping"]),
    )
    def touch_below(self, org: str, thing: tuple[str, str], below: str) -> None:
        kind, identifier = ("placements", thing[1]) if below == "decision" else thing
        method = "POST" if below in ("decision", "rotation", "ping") else "GET"
        answer = self.ask(
            org, method, f"{kind}/{identifier}/{below}", json={"decision": "confirm"} if method == "POST" else None
        )
        if self.owner[kind].get(identifier) != org:
            assert answer.status_code in (404, 405), answer.text

    @invariant()
    def everybody_lists_exactly_their_own(self) -> None:
        if hasattr(self, "service"):
            for org in INSTITUTES:
                for name in LISTS:
                    listed = {one["id"] for one in self.ask(org, "GET", name, params={"limit": 500}).json()["items"]}
                    assert listed == {key for key, owner in self.owner[name].items() if owner == org}, name

    def teardown(self) -> None:
        if hasattr(self, "service"):
            self.loop.run(self.stack.aclose())
            self.loop.close()
            shutil.rmtree(self.folder)


TestTenancy = Tenancy.TestCase
TestTenancy.settings = settings(
    max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
