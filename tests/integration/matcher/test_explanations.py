"""What is told of one student: why there, or why not, who competes, what would help, and what is looked for instead."""

from dataclasses import replace

from services.matcher.adapters.rows import switch_row
from services.matcher.adapters.tables import PlaceRow, SwitchRow
from services.matcher.domain.switches import Offer, Switch, SwitchStatus
from services.matcher.entrypoints import http_models as models
from services.matcher.ports.answering import Job, WorkFailed
from shared.contracts.placements import SwitchKind
from shared.errors import TransientError
from tests.integration.matcher.asking import OTHERS, OURS, PATHS, REGION, get, plan_of, site_of, some
from tests.support.answers import Answered
from tests.support.eventually import eventually


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
