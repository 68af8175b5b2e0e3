"""What the matcher answers over HTTP, and to whom: every route for every kind of organisation."""

from pathlib import Path

import pytest

from services.matcher.adapters.store import SqlStore
from services.matcher.bootstrap import GROUP
from services.matcher.domain.ids import RegionId
from services.matcher.entrypoints import http_capacity_models as capacity_models
from services.matcher.entrypoints import http_models as models
from services.matcher.entrypoints import http_trial_models as trial_models
from services.matcher.ports import Commit
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.record import Partition
from tests.integration.matcher.asking import EVERYTHING, OURS, PATHS, REGION, get, plan_of, problem, some
from tests.support import matcher as told
from tests.support.answers import STREAM, Answered, answered, publish
from tests.support.matcher import NOW

ALLOWED: dict[str, dict[str, int]] = {
    "operator": {**dict.fromkeys(PATHS, 200), "levers": 404, "scenario": 404, "events": 404},
    f"region/{REGION.id}": {
        **dict.fromkeys(PATHS, 200),
        "region file": 403,
        "levers": 404,
        "scenario": 404,
        "events": 404,
    },
    "region/NL-R99": {**dict.fromkeys(PATHS, 404), "region file": 403},
    f"institute/{OURS}": {**dict.fromkeys(PATHS, 403), "plan": 200, "signals": 200},
    "institute/99ZZ": {**dict.fromkeys(PATHS, 403), "plan": 404, "signals": 200},
    "school/01AA": {**dict.fromkeys(PATHS, 403), "plan": 200, "signals": 200, "capacity": 200, "trend": 200},
    "school/99ZZ": {**dict.fromkeys(PATHS, 403), "plan": 404, "signals": 200, "capacity": 200, "trend": 200},
}


@pytest.mark.parametrize("org", ALLOWED)
async def test_each_route_is_open_to_some_organisations_and_closed_to_others(here: Answered, org: str) -> None:
    answers = {name: await get(here, path, org) for name, path in PATHS.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == ALLOWED[org]
    for answer in answers.values():
        assert answer.headers["api-version"]
        assert answer.status_code == 200 or answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("org", ALLOWED)
async def test_changes_are_for_the_region_itself_and_whoever_runs_leerplek(here: Answered, org: str) -> None:
    expected = {"operator": 202, f"region/{REGION.id}": 202, "region/NL-R99": 404}.get(org, 403)
    headers = here.token(org, EVERYTHING)
    scenario = await here.http.post(PATHS["scenarios"], json={"format": "leerplek/scenario/1"}, headers=headers)
    levers = await here.http.post(PATHS["levers"], headers=headers)
    assert (scenario.status_code, levers.status_code) == (expected, expected)
    mine = scenario.headers.get("location", "").removeprefix("/v1") or PATHS["scenario"]
    cancelled = await here.http.delete(mine, headers=headers)
    assert cancelled.status_code == {202: 200, 404: 404, 403: 403}[expected]


async def test_without_a_token_or_without_its_scope_nothing_is_answered(here: Answered) -> None:
    student_id = some(here, OURS, placed=True)
    for path in (*PATHS.values(), f"/students/{student_id}/explanation"):
        nobody = await here.http.get(path)
        assert problem(nobody) == (401, "aanmelden-nodig")
        assert nobody.headers["www-authenticate"].startswith("Bearer")
        wrong = await here.http.get(path, headers={"Authorization": "Bearer x.y.z"})
        assert problem(wrong) == (401, "token-ongeldig")
        none = await here.http.get(path, headers=here.token("operator", ()))
        assert problem(none) == (403, "scope-ontbreekt")


async def test_nothing_is_begun_or_cancelled_without_a_token_or_its_scope(here: Answered) -> None:
    asked = (("POST", PATHS["scenarios"]), ("POST", PATHS["levers"]), ("DELETE", PATHS["scenario"]))
    for method, path in asked:
        body = {"format": "leerplek/scenario/1"} if path == PATHS["scenarios"] else None
        nobody = await here.http.request(method, path, json=body)
        assert problem(nobody) == (401, "aanmelden-nodig")
        reader = await here.http.request(method, path, json=body, headers=here.token("operator", ("plan:read",)))
        assert problem(reader) == (403, "scope-ontbreekt")


async def test_the_plan_is_told_in_pages_that_lead_to_everybody_once(here: Answered) -> None:
    found, address, pages = [], PATHS["plan"] + "?limit=7", 0
    while address:
        answer = await get(here, address)
        page = models.PlanAnswer.model_validate(answer.json())
        assert (page.students, page.placed) == (40, 40 - sum(page.unplaced_by_reason.values()))
        found += page.items
        pages += 1
        address = answer.links["next"]["url"].removeprefix("/v1") if "next" in answer.links else ""
        assert bool(address) is (page.next is not None)
    assert pages == 6
    assert [one.id for one in found] == sorted(REGION.students)
    told_of = {one.place.student: one.place for one in plan_of(here).changes}
    for one in found:
        place = told_of[one.id]  # type: ignore[index]
        assert (one.placement is not None) is (place.placement is not None)
        assert one.placement is None or one.placement.workplace == place.placement.workplace  # type: ignore[union-attr]
        assert one.unplaced is None or one.unplaced.reason == place.unplaced.reason  # type: ignore[union-attr]


async def test_an_institute_sees_its_own_students_a_school_those_at_its_sites_and_a_region_none(here: Answered) -> None:
    mine = (await get(here, PATHS["plan"], f"institute/{OURS}", limit=500)).json()
    own = {name for name, one in REGION.students.items() if one.institute == OURS}
    assert {one["id"] for one in mine["items"]} == own
    assert mine["students"] == len(own) == mine["placed"] + sum(mine["unplaced_by_reason"].values())
    school = (await get(here, PATHS["plan"], "school/01AA", limit=500)).json()
    assert {one["status"] for one in school["items"]} == {"placed"}
    assert {one["site"][:4] for one in school["items"]} == {"01AA"}
    assert school["unplaced_by_reason"] == {}
    region = (await get(here, PATHS["plan"], f"region/{REGION.id}")).json()
    assert (region["items"], region["students"]) == ([], 40)


async def test_what_has_not_changed_is_not_sent_again_and_what_has_is(here: Answered) -> None:
    paths = [PATHS[name] for name in ("plan", "signals", "fairness", "region file")]
    explained = f"/students/{some(here, OURS, placed=True)}/explanation?include=why"
    known = dict[str, str]()
    for path in (*paths, explained):
        headers = here.token("operator", EVERYTHING)
        first = await here.http.get(path, headers=headers)
        known[path] = first.headers["etag"]
        again = await here.http.get(path, headers={**headers, "If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    await publish(here.parts.database, REGION, 2, told.facts_of([told.withdrawal(min(REGION.students))]))
    for path in (*paths, explained):
        headers = {**here.token("operator", EVERYTHING), "If-None-Match": known[path]}
        answer = await here.http.get(path, headers=headers)
        assert (answer.status_code, answer.json().get("version", 2)) == (200, 2)
        assert answer.headers["etag"] != known[path]


async def test_who_waits_until_an_event_is_read_sees_it_also_where_the_plan_stays(here: Answered) -> None:
    headers = here.token("operator", EVERYTHING)
    first = await here.http.get(PATHS["plan"], headers=headers)
    read = Commit({STREAM: 1}, {STREAM: 7}, told=[REGION.id])
    await SqlStore(here.parts.database, Outbox("urn:test"), Inbox(GROUP)).commit(read, NOW)
    again = await here.http.get(PATHS["plan"], headers={**headers, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.json()["version"], again.json()["position"]) == (200, 1, {f"{STREAM.topic}/3": 7})
    once_more = await here.http.get(PATHS["plan"], headers={**headers, "If-None-Match": again.headers["etag"]})
    assert (once_more.status_code, once_more.headers["etag"]) == (304, again.headers["etag"])
    of_others = Commit({}, {Partition("supervisor.availability", STREAM.number): 2}, told=[RegionId("NL-R99")])
    await SqlStore(here.parts.database, Outbox("urn:test"), Inbox(GROUP)).commit(of_others, NOW)
    still = await here.http.get(PATHS["plan"], headers={**headers, "If-None-Match": again.headers["etag"]})
    assert (still.status_code, still.headers["etag"]) == (304, again.headers["etag"]), "another region changes nothing"


@pytest.mark.parametrize(
    "path",
    [
        PATHS["plan"] + "?limit=0",
        PATHS["plan"] + "?page=2",
        PATHS["plan"] + "?cursor=%20",
        PATHS["versions"] + "?before=x",
        PATHS["capacity"] + "?site=school",
        PATHS["trend"] + "?days=0",
        "/students/s1/explanation?include=alles",
        "/students/s1/explanation?wait=1000",
        "/regions/klein/plan",
    ],
)
async def test_what_a_request_asks_wrongly_is_told_by_the_name_of_its_parameter(here: Answered, path: str) -> None:
    answer = await get(here, path)
    assert problem(answer) == (400, "ongeldige-invoer")
    assert answer.json()["errors"][0]["parameter"]


async def test_on_this_machine_alone_everybody_may_ask_everything(sqlite_url: str, tmp_path: Path) -> None:
    async with answered(sqlite_url, tmp_path, signs_in=False) as opened:
        await publish(opened.parts.database, REGION)
        for name in ("plan", "fairness", "region file", "capacity", "scenarios"):
            assert (await opened.http.get(PATHS[name])).status_code == 200


def test_the_examples_of_the_document_are_answers_that_could_be_given() -> None:
    found = 0
    for module in (models, capacity_models, trial_models):
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, models.Answer):
                extra = model.model_config.get("json_schema_extra")
                for example in extra["examples"] if isinstance(extra, dict) else ():  # type: ignore[union-attr]
                    model.model_validate(example)
                    found += 1
    assert found >= 6
