"""A school signs in with a token and sees and changes what is of its own sites only, a region what is of the region; all else is not there."""

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlmodel import select

from shared.persistence.tables import ReadRow
from tests.integration.capacity.conftest import REGION, SITE, SUPERVISOR, Guarded

ORGS = (OWN, OTHER, REGIONAL, FAR) = ("school/01AB", "school/02CD", "region/NL-T01", "region/NL-T02")
PROFILE = {name: value for name, value in SUPERVISOR.items() if name not in ("region", "name")}
PLACE = {"site": "01AB00", "subject": "wiskunde", "seats": {"2026-S1": 2}}
HOOK = {"url": "https://school.example/hier"}
EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "urn:school:rooster",
    "type": "nl.leerplek.site.changed.v1",
    "data": {"id": "01AB00", **SITE, "min_students": 1},
}
FILE = {"region": "NL-T01", "site": "01AB00"}
LISTED, HIDDEN, FOREIGN = "listed", "hidden", "wrong row"
"""Not a status alone: a list with what is theirs, one that is empty, and a verdict on a row about what is of others."""

# method and path, body or query, scope, and what each of ORGS gets; an institute gets 403 everywhere, the operator everything.
SCHOOL_READS, BOTH_READ = (200, 404, 403, 403), (200, 404, 200, 404)
ROUTES: tuple[tuple[str, dict[str, Any] | None, str, tuple[int | str, ...]], ...] = (
    ("GET /regions", None, "region:read", (LISTED, HIDDEN, LISTED, HIDDEN)),
    ("PUT /regions/{region}", REGION, "region:write", (403, 403, 200, 404)),
    ("GET /regions/{region}", None, "region:read", BOTH_READ),
    ("POST /regions/{region}/days", {"day": "2026-11-24"}, "region:write", (403, 403, 200, 404)),
    ("GET /sites", None, "site:read", (LISTED, HIDDEN, LISTED, HIDDEN)),
    ("PUT /sites/{site}", SITE, "site:write", SCHOOL_READS),
    ("PUT /sites/{site}/board", {"board": "41234"}, "region:write", (403, 403, 200, 404)),
    ("GET /sites/{site}", None, "site:read", BOTH_READ),
    ("GET /sites/{site}/placements", None, "student:read", SCHOOL_READS),
    ("GET /sites/{site}/offers", None, "student:read", SCHOOL_READS),
    ("GET /sites/{site}/supervisors", None, "supervisor:read", SCHOOL_READS),
    ("GET /sites/{site}/changes", None, "supervisor:read", SCHOOL_READS),
    ("GET /workplaces", None, "site:read", (LISTED, HIDDEN, LISTED, HIDDEN)),
    ("POST /workplaces", PLACE, "site:write", (201, 400, 403, 403)),
    ("PUT /workplaces/{workplace}", PLACE, "site:write", SCHOOL_READS),
    ("GET /workplaces/{workplace}", None, "site:read", BOTH_READ),
    ("POST /workplace-batches", {"items": [PLACE]}, "site:write", (200, FOREIGN, 403, 403)),
    ("GET /workplace-files", FILE, "site:read", BOTH_READ),
    ("GET /supervisors", None, "supervisor:read", (LISTED, HIDDEN, 403, 403)),
    ("POST /supervisors", SUPERVISOR, "supervisor:write", (201, 400, 403, 403)),
    ("GET /supervisors/{supervisor}", None, "supervisor:read", SCHOOL_READS),
    ("GET /supervisors/{supervisor}/export", None, "supervisor:read", SCHOOL_READS),
    ("PUT /supervisors/{supervisor}", PROFILE, "supervisor:write", SCHOOL_READS),
    ("POST /supervisors/{supervisor}/absences", {"start": "2026-11-24"}, "supervisor:write", SCHOOL_READS),
    ("POST /supervisors/{supervisor}/return", {"on": "2026-11-26"}, "supervisor:write", SCHOOL_READS),
    ("POST /supervisors/{supervisor}/departure", {"departs": "2027-02-01"}, "supervisor:write", SCHOOL_READS),
    ("POST /supervisor-batches", {"items": [SUPERVISOR | {"name": "Bo"}]}, "supervisor:write", (200, FOREIGN, 403, 403)),
    ("GET /supervisor-files", FILE, "supervisor:read", SCHOOL_READS),
    ("POST /placements/{student}/decision", {"decision": "accept"}, "placement:decide", SCHOOL_READS),
    ("GET /placements/{student}/decision", None, "student:read", SCHOOL_READS),
    ("POST /events", EVENT, "site:write", SCHOOL_READS),
    ("GET /webhooks", None, "webhook:manage", (200, 200, 403, 403)),
    ("POST /webhooks", HOOK, "webhook:manage", (201, 201, 403, 403)),
    ("GET /webhooks/{webhook}", None, "webhook:manage", SCHOOL_READS),
    ("PUT /webhooks/{webhook}", HOOK, "webhook:manage", SCHOOL_READS),
    ("GET /webhooks/{webhook}/secret", None, "webhook:manage", SCHOOL_READS),
    ("POST /webhooks/{webhook}/rotation", None, "webhook:manage", SCHOOL_READS),
    ("POST /webhooks/{webhook}/ping", None, "webhook:manage", SCHOOL_READS),
    ("GET /webhooks/{webhook}/deliveries", None, "webhook:manage", SCHOOL_READS),
    ("GET /webhooks/{webhook}/deliveries/{delivery}", None, "webhook:manage", SCHOOL_READS),
    ("POST /webhooks/{webhook}/deliveries/{delivery}/resend", None, "webhook:manage", SCHOOL_READS),
    ("DELETE /webhooks/{webhook}", None, "webhook:manage", (204, 404, 403, 403)),
    ("DELETE /supervisors/{supervisor}", None, "supervisor:write", (204, 404, 403, 403)),
)  # fmt: skip
ALL = {scope for _, _, scope, _ in ROUTES}


@dataclass
class World:
    """Two regions with a school each; `ids` are of what is of the first."""

    guarded: Guarded
    ids: dict[str, str]

    async def ask(self, route: str, body: dict[str, Any] | None, headers: Any, **ids: str) -> httpx.Response:
        """One request; a body of a GET is its query."""
        method, _, path = route.partition(" ")
        given = {"params": body} if method == "GET" else {"json": body}
        headers = {**headers, "Content-Type": "application/cloudevents+json"} if body is EVENT else headers
        where = "/v1" + path.format(**{**self.ids, **ids})
        return await self.guarded.http.request(method, where, headers=headers, **given)  # type: ignore[arg-type]


@pytest.fixture
async def world(guarded: Guarded) -> World:
    return World(guarded, await guarded.settle())


async def test_who_does_not_sign_in_learns_nothing_but_how_to(world: World) -> None:
    document = (await world.guarded.http.get("/v1/openapi.json")).json()
    found = {f"{method.upper()} {path}" for path, each in document["paths"].items() for method in each}
    assert found == {route for route, _, _, _ in ROUTES}, "every route has a line in the table"
    for route, body, _, _ in ROUTES:
        answer = await world.ask(route, body, {})
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:leerplek:probleem:aanmelden-nodig"), route
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("column", [1, 3, 2, 0])
async def test_each_gets_its_own_and_of_others_nothing(world: World, column: int) -> None:
    org, events = ORGS[column], await world.guarded.service.kinds()
    for route, body, _, expected in ROUTES:
        answer = await world.ask(route, body, world.guarded.token(org))
        wanted = expected[column]
        if wanted in (LISTED, HIDDEN):
            assert answer.status_code == 200, (org, route)
            assert ("NL-T01" in answer.text, "NL-T02" in answer.text) == (wanted == LISTED, wanted == HIDDEN), route
        elif wanted == FOREIGN:
            (row,) = answer.json()["items"]
            assert (row["outcome"], row["field"].startswith("/site")) == ("wrong", True), route
            assert "kennen we niet" in row["detail"]
        else:
            assert answer.status_code == wanted, (org, route, answer.text)
        if wanted == 404:
            unknown = {name: "09ZZ00" if name == "site" else "nobody" for name in world.ids if name != "region"}
            query = None if body is None else {**body, "region": "NL-T01"} if body is FILE else body
            of_nobody = await world.ask(route, query, world.guarded.token(org), **unknown)
            assert answer.json() == of_nobody.json(), f"{route}: no difference with what is not there"
    if org in (OTHER, FAR):
        assert await world.guarded.service.kinds() == events


async def test_an_institute_has_nothing_to_ask_here_and_the_operator_everything(world: World) -> None:
    for route, body, _, _ in ROUTES:
        refused = await world.ask(route, body, world.guarded.token("institute/01VU"))
        assert (refused.status_code, refused.json()["type"].split(":")[-1]) == (403, "niet-voor-deze-rol"), route
    for route, body, _, _ in ROUTES:
        answer = await world.ask(route, body, world.guarded.token("operator"))
        assert answer.is_success, (route, answer.text)


async def test_a_token_is_good_for_its_scopes_only(world: World) -> None:
    for route, body, scope, expected in ROUTES:
        org = OWN if expected[0] != 403 else REGIONAL
        refused = await world.ask(route, body, world.guarded.token(org, *(ALL - {scope})))
        assert (refused.status_code, refused.json()["type"].split(":")[-1]) == (403, "scope-ontbreekt"), route
        assert (await world.ask(route, body, world.guarded.token(org, scope))).is_success, route


async def test_a_filter_on_what_is_of_others_finds_nothing(world: World) -> None:
    for path, query in (
        ("sites", {"school": "01AB"}), ("sites", {"region": "NL-T01"}), ("workplaces", {"site": "01AB00"}),
        ("workplaces", {"region": "NL-T01"}), ("supervisors", {"site": "01AB00"}), ("supervisors", {"tier": "wpb", "region": "NL-T01"}),
    ):  # fmt: skip
        for org, found in ((OWN, True), (OTHER, False)):
            answer = await world.guarded.http.get(f"/v1/{path}", params=query, headers=world.guarded.token(org))
            assert bool(answer.json()["items"]) is found, (org, path, query)


async def test_a_board_does_for_all_its_sites_what_their_schools_do_and_another_board_nothing(world: World) -> None:
    given = {**SITE, "board": "41234"}
    made = await world.ask("PUT /sites/{site}/board", {"board": "41234"}, world.guarded.token(REGIONAL))
    assert made.status_code == 200, made.text
    for route, body, _, expected in ROUTES:
        sent = given if route == "PUT /sites/{site}" else body
        other = await world.ask(route, sent, world.guarded.token("board/49999"))
        if expected[1] in (HIDDEN, FOREIGN):
            assert "01AB00" not in other.text or expected[1] == FOREIGN, route
        else:
            assert other.status_code == expected[1], (route, other.text)
        own = await world.ask(route, sent, world.guarded.token("board/41234"))
        of_the_school = "{webhook}" in route  # whose it is itself
        wanted = 404 if of_the_school else 200 if expected[0] == LISTED else expected[0]
        assert own.status_code == wanted, (route, own.text)
        if expected[0] == LISTED:
            assert "NL-T01" in own.text
            assert "NL-T02" not in own.text


async def test_a_board_makes_no_sites_takes_none_and_gives_none_away(world: World) -> None:
    board = world.guarded.token("board/41234")
    for site in ("01AB00", "01AB07"):
        taken = await world.ask("PUT /sites/{site}", {**SITE, "board": "41234"}, board, site=site)
        assert (taken.status_code, taken.json()["type"].split(":")[-1]) == (404, "onbekende-vestiging")
    await world.ask("PUT /sites/{site}/board", {"board": "41234"}, world.guarded.token(REGIONAL))
    given = await world.ask("PUT /sites/{site}", {**SITE, "board": "49999"}, board)
    assert (given.status_code, given.json()["type"].split(":")[-1]) == (403, "ander-bestuur")
    kept = await world.ask("PUT /sites/{site}", SITE, board)
    assert (kept.status_code, kept.json()["board"]) == (200, "41234")
    told = [row for row in await world.guarded.service.outbox() if row.headers["ce_type"].endswith("site.changed.v1")]
    assert json.loads(told[-1].value or b"")["board"] == "41234"


async def test_what_a_system_reads_of_people_is_logged_with_where_and_of_whom(world: World) -> None:
    for route, body, _, expected in ROUTES:
        if expected[0] in (200, LISTED) and route.startswith("GET"):
            await world.ask(route, body, world.guarded.token(OWN))
    async with world.guarded.service.parts.runtime.database.reading() as tx:
        lines = (await tx.exec(select(ReadRow).order_by(ReadRow.id))).all()  # type: ignore[arg-type]
    assert [(each.activity, each.site, bool(each.subject)) for each in lines] == [
        ("studenten", "01AB00", False),
        ("studenten", "01AB00", False),
        ("begeleiders", "01AB00", False),
        ("wijzigingen", "01AB00", False),
        ("begeleiders", "", False),
        ("begeleider", "", True),
        ("inzageverzoek", "", True),
        ("bestand:begeleiders", "01AB00", False),
        ("student", "", True),
    ]
    assert {(each.person, each.position) for each in lines} == {("", OWN)}
