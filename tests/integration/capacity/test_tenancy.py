"""Whatever schools and boards do, and whatever ids they guess: nobody ever sees or changes what is another's."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from services.capacity.domain.access import SCOPES
from shared.security.issuing import issue, prepare_keys, public_file
from tests.integration.capacity.conftest import REGION, SITE, SUPERVISOR, Service, open_service
from tests.support.capacity import proposed
from tests.support.portal_world import tell

SCHOOLS = {"school/01AB": "41234", "school/02CD": "49999"}
BOARDS = {f"board/{board}": school for school, board in SCHOOLS.items()}
ORGS = st.sampled_from([*SCHOOLS, *BOARDS])
NUMBERS = st.integers(0, 2)
LISTS = ("sites", "workplaces", "supervisors")


def school_of(org: str) -> str:
    """A school and its board have the same things."""
    return BOARDS.get(org, org)


class Tenancy(RuleBasedStateMachine):
    """`owner` is which school has each thing, by the list it stands in; every name and subject holds the BRIN of its school."""

    things = Bundle("things")

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.Runner()
        self.owner: dict[str, dict[str, str]] = {name: {} for name in (*LISTS, "placements")}
        keys = self.folder / "keys.json"
        prepare_keys(keys)
        self.tokens = {one: issue(keys, one, SCOPES, 1) for one in (*SCHOOLS, *BOARDS, "operator")}
        url = f"sqlite+aiosqlite:///{self.folder / 'capacity.db'}"
        self.service: Service = self.loop.run(open_service(url, self.folder, jwks_file=public_file(keys)))
        assert self.ask("operator", "PUT", "regions/NL-T01", json=REGION).status_code == 201

    def ask(self, org: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[org]}", **more.pop("headers", {})}
        answer = self.loop.run(self.service.http.request(method, f"/v1/{path}", headers=headers, **more))
        assert answer.status_code < 500, answer.text
        if org in SCHOOLS or org in BOARDS:
            (other,) = set(SCHOOLS) - {school_of(org)}
            assert f"van {other[-4:]}" not in answer.text, "a name of another school"
        return answer

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

    @rule(org=ORGS, thing=things, method=st.sampled_from(["GET", "PUT", "DELETE"]))
    def touch(self, org: str, thing: tuple[str, str], method: str) -> None:
        kind, identifier = thing
        school = school_of(org)
        bodies = {
            "sites": {**SITE, "name": f"Vestiging van {school[-4:]}", "board": SCHOOLS[school]},
            "workplaces": {"site": f"{school[-4:]}00", "subject": "wiskunde", "seats": {}},
            "supervisors": {name: each for name, each in SUPERVISOR.items() if name not in ("region", "name")}
            | {"sites": [f"{school[-4:]}00"]},
        }
        body = bodies.get(kind) if method == "PUT" else None
        self._refused_unless_own(org, thing, self.ask(org, method, f"{kind}/{identifier}", json=body))
        assert self.owner[kind][identifier]

    @rule(
        org=ORGS,
        thing=things,
        below=st.sampled_from(
            ["placements", "offers", "supervisors", "changes", "export", "absences", "return", "departure", "decision"]
        ),
        method=st.sampled_from(["GET", "POST"]),
    )
    def touch_below(self, org: str, thing: tuple[str, str], below: str, method: str) -> None:
        bodies = {
            "absences": {"start": "2026-11-24"},
            "return": {"on": "2026-11-26"},
            "departure": {"departs": "2027-02-01"},
            "decision": {"decision": "accept"},
        }
        body = bodies.get(below, {}) if method == "POST" else None
        self._refused_unless_own(org, thing, self.ask(org, method, f"{thing[0]}/{thing[1]}/{below}", json=body))

    def _refused_unless_own(self, org: str, thing: tuple[str, str], answer: httpx.Response) -> None:
        if self.owner[thing[0]][thing[1]] != school_of(org):
            assert answer.status_code in (400, 404, 405), answer.text

    @rule(org=ORGS, thing=things)
    def send_many(self, org: str, thing: tuple[str, str]) -> None:
        """A batch with a row about something of another's says no to that row."""
        site = thing[1] if thing[0] == "sites" else "01AB00"
        item = {**SUPERVISOR, "sites": [site], "name": f"Rij van {school_of(org)[-4:]}"}
        answer = self.ask(org, "POST", "supervisor-batches", json={"items": [item]})
        is_own = self.owner["sites"].get(site) == school_of(org)
        if answer.status_code == 200:
            (row,) = answer.json()["items"]
            assert is_own or row["outcome"] == "wrong", row
            if row["outcome"] != "wrong":
                self.owner["supervisors"][row["id"]] = school_of(org)

    @invariant()
    def everybody_lists_exactly_their_own(self) -> None:
        if hasattr(self, "service"):
            for org in (*SCHOOLS, *BOARDS):
                for name in LISTS:
                    listed = {one["id"] for one in self.ask(org, "GET", name, params={"limit": 500}).json()["items"]}
                    assert listed == {key for key, owner in self.owner[name].items() if owner == school_of(org)}, name

    @invariant()
    def the_newest_of_each_kind_is_there_for_its_own_alone(self) -> None:
        if hasattr(self, "service"):
            for name in LISTS:
                for identifier, owner in list(self.owner[name].items())[-1:]:
                    for org in (*SCHOOLS, *BOARDS):
                        expected = 200 if school_of(org) == owner else 404
                        assert self.ask(org, "GET", f"{name}/{identifier}").status_code == expected, (org, name)

    def teardown(self) -> None:
        if hasattr(self, "service"):
            self.loop.run(self.service.http.aclose())
            self.loop.run(self.service.parts.runtime.database.close())
            self.loop.close()
            shutil.rmtree(self.folder)


TestTenancy = Tenancy.TestCase
TestTenancy.settings = settings(
    max_examples=5, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
