"""What is told of a region: its file, fairness, versions, supply and demand, and the trend."""

import csv
import io
from datetime import timedelta

from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.documents import region_from_document
from services.matcher.domain.plan import Plan
from services.matcher.entrypoints import http_capacity_models as capacity_models
from services.matcher.entrypoints import http_models as models
from tests.integration.matcher.asking import (
    EVERYTHING,
    OURS,
    PATHS,
    REGION,
    get,
    plan_of,
    problem,
)
from tests.support import matcher as told
from tests.support.answers import Answered, publish
from tests.support.regions import student


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


async def test_who_may_know_of_a_signal_reads_it_as_long_as_it_is_open(here: Answered) -> None:
    everything = (await get(here, PATHS["signals"], limit=500)).json()
    told = models.SignalsAnswer.model_validate(everything)
    events = {one.signal.id for one in plan_of(here).signals if one.event is not None}
    assert {one.id for one in told.items} == events != set()
    assert sum(told.by_level.values()) == len(events)
    first = (await get(here, PATHS["signals"], limit=2)).json()
    second = (await get(here, PATHS["signals"], limit=500, cursor=first["next"])).json()
    assert [*first["items"], *second["items"]] == everything["items"]
    info = (await get(here, PATHS["signals"], limit=500, level="info")).json()["items"]
    assert info == [one for one in everything["items"] if one["level"] == "info"] != []


async def test_signals_are_told_within_an_organisation_only(here: Answered) -> None:
    soon = min(one.start for one in REGION.periods.values()) - timedelta(days=20)
    await publish(here.parts.database, REGION, 2, told.facts_of([told.day_event(soon, 2)]))
    everything = (await get(here, PATHS["signals"], limit=500)).json()["items"]
    of_institute = (await get(here, PATHS["signals"], f"institute/{OURS}", limit=500)).json()["items"]
    assert of_institute == [one for one in everything if one["about"].get("institute") == OURS] != []
    of_school = (await get(here, PATHS["signals"], "school/01AA", limit=500)).json()["items"]
    assert of_school == [one for one in everything if str(one["about"].get("site")).startswith("01AA")]
    of_region = (await get(here, PATHS["signals"], f"region/{REGION.id}", limit=500)).json()["items"]
    assert of_region == [one for one in everything if not {"student", "supervisor"} & one["about"].keys()] != []
    assert problem(await get(here, PATHS["signals"], "region/NL-R01")) == (404, "geen-plan")


async def test_capacity_tells_supply_and_demand_and_what_one_more_is_worth_once_that_is_known(here: Answered) -> None:
    answer = await get(here, PATHS["capacity"], limit=5000)
    found = capacity_models.CapacityAnswer.model_validate(answer.json())
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
    found = capacity_models.TrendAnswer.model_validate((await get(here, PATHS["trend"])).json())
    assert {one.day for one in found.items} == {REGION.today, tomorrow}
    assert {one.site for one in found.items} == {""}
    last = capacity_models.TrendAnswer.model_validate((await get(here, PATHS["trend"], days=1, site="01AA01")).json())
    assert {one.site for one in last.items} == {"01AA01"}
    sheet = await get(here, PATHS["trend"], format="csv")
    assert sheet.text.splitlines()[0].split(";")[0] == "sector"
