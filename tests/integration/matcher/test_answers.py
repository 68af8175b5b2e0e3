"""What the matcher answers over HTTP, and to whom: every route for every kind of organisation."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.matcher.adapters.rows import switch_row
from services.matcher.adapters.tables import PlaceRow, SwitchRow
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.documents import region_from_document
from services.matcher.domain.plan import Plan
from services.matcher.domain.switches import Offer, Switch, SwitchStatus
from services.matcher.entrypoints import http_models as models
from services.matcher.entrypoints import http_trial_models as trial_models
from services.matcher.ports import NewPlan
from services.matcher.ports.answering import Job, WorkFailed
from shared.contracts.placements import SwitchKind
from shared.errors import TransientError
from tests.support import matcher as told
from tests.support.answers import Answered, answered, publish
from tests.support.eventually import eventually
from tests.support.regions import invented_region, student

REGION = invented_region(5, 40, 6, scarcity=1.6)
EVERYTHING = ("plan:read", "scenario:run", "region-file:read")
OURS, OTHERS = "01VU", "30GB"


@pytest.fixture
async def here(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Answered]:
    async with answered(sqlite_url, tmp_path) as opened:
        opened.plan = await publish(opened.parts.database, REGION)
        yield opened


def plan_of(here: Answered) -> NewPlan:
    assert here.plan is not None
    return here.plan


def some(here: Answered, institute: str, *, placed: bool) -> str:
    """A student of an institute, with a place or without."""
    return next(
        one.place.student
        for one in plan_of(here).changes
        if one.place.institute == institute and (one.place.placement is not None) is placed
    )


def site_of(here: Answered, student_id: str) -> str:
    site = next(one.place.site for one in plan_of(here).changes if one.place.student == student_id)
    assert site is not None
    return site


async def get(here: Answered, path: str, org: str = "operator", **query: Any) -> httpx.Response:
    return await here.http.get(path, params=query or None, headers=here.token(org, EVERYTHING))


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


PATHS = {
    "plan": f"/regions/{REGION.id}/plan",
    "versions": f"/regions/{REGION.id}/plan-versions",
    "fairness": f"/regions/{REGION.id}/fairness",
    "region file": f"/regions/{REGION.id}/region-file",
    "capacity": f"/regions/{REGION.id}/capacity",
    "trend": f"/regions/{REGION.id}/capacity/trend",
    "scenarios": f"/regions/{REGION.id}/scenarios",
    "levers": f"/regions/{REGION.id}/levers",
    "scenario": f"/regions/{REGION.id}/scenarios/x",
    "events": f"/regions/{REGION.id}/scenarios/x/events",
}
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
    f"institute/{OURS}": {**dict.fromkeys(PATHS, 403), "plan": 200},
    "institute/99ZZ": {**dict.fromkeys(PATHS, 403), "plan": 404},
    "school/01AA": {**dict.fromkeys(PATHS, 403), "plan": 200, "capacity": 200, "trend": 200},
    "school/99ZZ": {**dict.fromkeys(PATHS, 403), "plan": 404, "capacity": 200, "trend": 200},
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
    paths = [PATHS[name] for name in ("plan", "fairness", "region file")]
    explained = f"/students/{some(here, OURS, placed=True)}/explanation?include=why"
    for path in (*paths, explained):
        headers = here.token("operator", EVERYTHING)
        first = await here.http.get(path, headers=headers)
        again = await here.http.get(path, headers={**headers, "If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    await publish(here.parts.database, REGION, 2, told.facts_of([told.withdrawal(min(REGION.students))]))
    for path in (*paths, explained):
        headers = {**here.token("operator", EVERYTHING), "If-None-Match": '"1"'}
        answer = await here.http.get(path, headers=headers)
        assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')


async def test_who_has_no_place_is_told_why_who_competes_what_would_help_and_what_wishes_cost(here: Answered) -> None:
    student_id = some(here, OURS, placed=False)
    answer = await get(here, f"/students/{student_id}/explanation", wait=60, at=["01AA01"])
    found = models.Explanation.model_validate(answer.json())
    assert (found.status, found.pending) == ("unplaced", [])
    assert found.unplaced is not None
    assert found.why is not None
    assert found.why["reason"]["reason"] == found.unplaced.reason
    assert found.why["competing"]["holders_total"] == len(found.why["competing"]["holders"])
    assert found.limits is not None
    assert found.levers is not None
    assert {"nothing", "team", "longer-journey"} <= {one["name"] for one in found.levers}
    for one in found.levers:
        assert one["helps"] is (one["placement"] is not None)
        assert one["helps"] is (student_id in one["placed"])
    assert found.wishes is not None
    assert [one for one in found.wishes if one["site"] == "01AA01"]
    asked = len(here.workshop.asked)
    assert (await get(here, f"/students/{student_id}/explanation", at=["01AA01"])).json() == answer.json()
    assert len(here.workshop.asked) == asked, "what is known is not computed again"


async def test_who_has_a_place_is_told_why_there_and_what_a_wish_would_cost(here: Answered) -> None:
    student_id = some(here, OURS, placed=True)
    answer = await get(here, f"/students/{student_id}/explanation", wait=60)
    found = models.Explanation.model_validate(answer.json())
    assert (found.status, found.pending, found.levers, found.limits) == ("placed", [], None, None)
    assert found.why is not None
    assert found.why["place"]["site"] == found.site == site_of(here, student_id)
    assert found.wishes is not None


async def test_students_of_others_are_counted_and_not_named(here: Answered) -> None:
    student_id = some(here, OURS, placed=False)
    path = f"/students/{student_id}/explanation"
    for_all = (await get(here, path, wait=60)).json()
    for_us = (await get(here, path, f"institute/{OURS}", wait=60)).json()
    own = {name for name, one in REGION.students.items() if one.institute == OURS}
    competing = for_us["why"]["competing"]
    assert competing["holders_total"] == for_all["why"]["competing"]["holders_total"] > len(competing["holders"])
    assert set(competing["holders"]) == set(for_all["why"]["competing"]["holders"]) & own
    others = set(REGION.students) - own
    assert not {one for one in others if f'"{one}"' in (await get(here, path, f"institute/{OURS}")).text}
    assert {one for one in others if f'"{one}"' in (await get(here, path)).text}


async def test_a_student_of_others_is_to_an_institute_or_a_school_as_if_there_were_none(here: Answered) -> None:
    ours, theirs, left = (
        some(here, one, placed=placed) for one, placed in ((OURS, True), (OTHERS, True), (OURS, False))
    )
    expected = {
        (ours, "operator"): 200,
        (ours, f"institute/{OURS}"): 200,
        (theirs, f"institute/{OURS}"): 404,
        (ours, "school/01AA"): 200,
        (left, "school/01AA"): 404,
        (ours, "school/99ZZ"): 404,
        (ours, f"region/{REGION.id}"): 403,
        (ours, "region/NL-R99"): 404,
        ("nobody", f"institute/{OURS}"): 404,
    }
    got = {
        (one, org): await get(here, f"/students/{one}/explanation", org, include="why", wait=0) for one, org in expected
    }
    assert {key: answer.status_code for key, answer in got.items()} == expected
    assert got[theirs, f"institute/{OURS}"].json() == got["nobody", f"institute/{OURS}"].json()


async def test_what_takes_long_is_told_to_be_coming_and_asked_again_it_is_there(here: Answered) -> None:
    path = f"/students/{some(here, OURS, placed=False)}/explanation"
    first = await get(here, path, include="levers", wait=0)
    assert (first.status_code, first.json()["pending"], first.headers["retry-after"]) == (200, ["levers"], "5")
    assert "etag" not in first.headers
    await eventually(lambda: "remedies" in [job.name for job in here.workshop.asked], within_s=10, what="the work")
    later = await get(here, path, include="levers", wait=60)
    assert (later.json()["pending"], later.headers["etag"]) == ([], '"1"')
    assert [job.name for job in here.workshop.asked].count("remedies") == 1


async def test_who_is_done_is_told_where_they_were(here: Answered) -> None:
    student_id = some(here, OURS, placed=True)
    async with here.parts.database.transaction() as tx:
        row = await tx.get(PlaceRow, student_id)
        assert row is not None
        row.status = "ended"
        tx.add(row)
    answer = await get(here, f"/students/{student_id}/explanation")
    found = models.Explanation.model_validate(answer.json())
    assert (found.status, found.unplaced, found.pending) == ("ended", None, [])
    assert found.placement is not None
    assert student_id not in {one["id"] for one in (await get(here, PATHS["plan"], limit=500)).json()["items"]}


async def test_the_search_for_another_place_is_told_without_whom_it_would_be_swapped(here: Answered) -> None:
    student_id, other = some(here, OURS, placed=True), some(here, OTHERS, placed=True)
    held, theirs = (
        next(one.place.placement for one in plan_of(here).changes if one.place.student == name)
        for name in (student_id, other)
    )
    assert held is not None
    assert theirs is not None
    offer = Offer(1, SwitchKind.SWAP, held, replace(theirs, student=held.student), REGION.today, theirs.student)
    institute = REGION.students[held.student].institute
    switch = Switch(held.student, institute, 1, SwitchStatus.OFFERED, REGION.today, offer=offer)
    async with here.parts.database.transaction() as tx:
        tx.add(SwitchRow(**switch_row(REGION.id, switch)))  # type: ignore[arg-type]
    answer = await get(here, f"/students/{student_id}/explanation", f"institute/{OURS}", include="why")
    found = models.Explanation.model_validate(answer.json()).switch
    assert found is not None
    assert (found.status, found.kind, found.answer_by) == ("offered", "swap", REGION.today)
    assert found.placement is not None
    assert found.placement.workplace == theirs.workplace
    assert f'"{other}"' not in answer.text


async def test_a_part_in_which_a_bug_is_met_does_not_keep_the_others_away(here: Answered) -> None:
    def fail(job: Job) -> None:
        if job.name == "remedies":
            raise WorkFailed("trace")
        if job.name == "wishes":
            raise TransientError("too much work waits already")

    here.workshop.before = fail
    path = f"/students/{some(here, OURS, placed=False)}/explanation"
    answer = await get(here, path, wait=60)
    found = models.Explanation.model_validate(answer.json())
    assert (found.failed, found.pending) == (["levers"], ["wishes"])
    assert found.why is not None
    assert "etag" not in answer.headers
    here.workshop.before = lambda _: None
    again = models.Explanation.model_validate((await get(here, path, wait=60)).json())
    assert (again.failed, again.pending) == ([], [])


async def test_the_region_file_can_be_solved_at_a_desk(here: Answered) -> None:
    model = region_from_document((await get(here, PATHS["region file"])).json())
    held = Plan(model.id, model.today, model.placements)
    assert model.students == REGION.students
    assert check(model, held) == []
    assert cost_parts(model, held) == dict(plan_of(here).planned.certificate.parts)


async def test_fairness_and_versions_are_as_their_document_says(here: Answered) -> None:
    await publish(here.parts.database, REGION, 2, told.facts_of([told.student_event(student(900, sector="vo"))]))
    fairness = models.FairnessAnswer.model_validate((await get(here, PATHS["fairness"])).json())
    assert (fairness.version, fairness.students) == (2, 41)
    assert fairness.share == fairness.unplaced / fairness.students
    first = models.VersionsAnswer.model_validate((await get(here, PATHS["versions"], limit=1)).json())
    second = models.VersionsAnswer.model_validate(
        (await get(here, PATHS["versions"], limit=1, before=first.next)).json()
    )
    assert [one.version for one in (*first.versions, *second.versions)] == [2, 1]
    assert second.next is None


async def test_capacity_tells_supply_and_demand_and_what_one_more_is_worth_once_that_is_known(here: Answered) -> None:
    answer = await get(here, PATHS["capacity"], limit=5000)
    found = models.CapacityAnswer.model_validate(answer.json())
    everywhere = [one for one in found.items if not one.site]
    assert sum(one.taken for one in everywhere) == sum(one.taken for one in found.items if one.site)
    unplaced = sum(one.place.unplaced is not None for one in plan_of(here).changes)
    periods = {name: len(one.period_sets[0]) for name, one in REGION.students.items()}
    left = [one.place.student for one in plan_of(here).changes if one.place.unplaced is not None]
    assert sum(one.unplaced for one in everywhere) == sum(periods[one] for one in left) >= unplaced
    await here.parts.answering.prices(REGION.id, 1)
    headers = {**here.token("operator", EVERYTHING), "If-None-Match": answer.headers["etag"]}
    priced = await here.http.get(PATHS["capacity"], headers=headers)
    assert priced.status_code == 200
    assert priced.json()["prices_of_version"] == 1
    assert all(one["quarter_hour_worth"] is not None for one in priced.json()["items"])


async def test_capacity_can_be_narrowed_down_paged_and_read_in_a_spreadsheet(here: Answered) -> None:
    one = (await get(here, PATHS["capacity"], site="01AA01", subject="wiskunde")).json()["items"]
    assert {(row["site"], row["subject"]) for row in one} == {("01AA01", "wiskunde")}
    whole = (await get(here, PATHS["capacity"], limit=5000)).json()["items"]
    first = (await get(here, PATHS["capacity"], limit=3)).json()
    second = (await get(here, PATHS["capacity"], limit=3, offset=first["next"])).json()
    assert [*first["items"], *second["items"]] == whole[:6]
    sheet = await get(here, PATHS["capacity"], format="csv")
    rows = list(csv.DictReader(io.StringIO(sheet.text), delimiter=";"))
    assert sheet.headers["content-type"].startswith("text/csv")
    assert [row["seats"] for row in rows] == [str(row["seats"]) for row in whole]


async def test_a_school_sees_the_capacity_of_its_own_sites_only(here: Answered) -> None:
    found = (await get(here, PATHS["capacity"], "school/01AA", limit=5000)).json()
    assert {row["site"][:4] for row in found["items"]} == {"01AA"}
    assert found["tiers"] == []
    assert (await get(here, PATHS["capacity"], "school/99ZZ")).json()["items"] == []
    trend = (await get(here, PATHS["trend"], "school/01AA")).json()["items"]
    assert {row["site"][:4] for row in trend} == {"01AA"}


async def test_the_trend_tells_each_day_of_the_region_or_of_a_site(here: Answered) -> None:
    tomorrow = REGION.today.fromordinal(REGION.today.toordinal() + 1)
    await publish(here.parts.database, REGION, 2, told.facts_of([told.day_event(tomorrow, 2)]))
    found = models.TrendAnswer.model_validate((await get(here, PATHS["trend"])).json())
    assert {one.day for one in found.items} == {REGION.today, tomorrow}
    assert {one.site for one in found.items} == {""}
    last = models.TrendAnswer.model_validate((await get(here, PATHS["trend"], days=1, site="01AA01")).json())
    assert {one.site for one in last.items} == {"01AA01"}
    sheet = await get(here, PATHS["trend"], format="csv")
    assert sheet.text.splitlines()[0].split(";")[0] == "sector"


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
    for module in (models, trial_models):
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, models.Answer):
                extra = model.model_config.get("json_schema_extra")
                for example in extra["examples"] if isinstance(extra, dict) else ():  # type: ignore[union-attr]
                    model.model_validate(example)
                    found += 1
    assert found >= 6
