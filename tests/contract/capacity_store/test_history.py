"""What capacity's pages count on from their store: lists, versions, news and checks, in memory and on SQL alike."""

from dataclasses import replace
from datetime import timedelta

from services.capacity.domain.decisions import Place
from services.capacity.domain.news import News, What
from services.capacity.domain.sites import OfferedWorkplace
from services.capacity.ports import SiteFilter, SupervisorFilter, WorkplaceFilter
from tests.contract.capacity_store.conftest import Opened, record
from tests.support.capacity import NOW, region, region_terms, site, workplace


async def test_lists_are_filtered_and_go_on_after_an_id(opened: Opened) -> None:
    async with opened.transaction() as store:
        await store.save_site(replace(site("01AB01"), sequence=1, board="41234"))
        await store.save_site(replace(site("02CD00"), sequence=1))
        for number, where in enumerate(("01AB00", "01AB01", "02CD00"), 1):
            await store.save_workplace(OfferedWorkplace("NL-T01", workplace(f"w{number}", site=where), 1))
            await store.save_supervisor(record(f"v{number}", sites=(where,), tier="so" if number == 2 else "wpb"))
    async with opened.transaction() as store:
        assert [each.site.id for each in await store.sites_where(SiteFilter(board="41234"), None, 9)] == ["01AB01"]
        assert [each.site.id for each in await store.sites_where(SiteFilter(school="01AB"), "01AB00", 9)] == ["01AB01"]
        assert await store.sites_where(SiteFilter(sector="po"), None, 9) == []
        found = await store.workplaces_where(WorkplaceFilter(sites=["01AB01", "02CD00"], subject="wiskunde"), None, 1)
        assert [each.workplace.id for each in found] == ["w2"]
        people = await store.supervisors_where(SupervisorFilter(region="NL-T01", tier="wpb"), None, 9)
        assert [each.supervisor.id for each in people] == ["v1", "v3"]
        assert set(await store.supervisors(["v1", "v9"])) == {"v1"}
        assert set(await store.workplaces(["w1", "w9"])) == {"w1"}
        assert await store.subjects_in("NL-T01") == {"wiskunde": 3}
        assert await store.subjects_in("NL-T09") == {}


async def test_versions_are_kept_and_forgotten_with_the_person(opened: Opened) -> None:
    first, second = record(), replace(record(qh={"2026-S1": 8}), sequence=2)
    async with opened.transaction() as store:
        await store.save_supervisor(first)
        await store.save_supervisor(second)
        await store.save_region(replace(region(), terms=region_terms(name="Regio Twee"), sequence=2))
    async with opened.transaction() as store:
        assert await store.version("supervisor/v1", 1) == first.supervisor.model_dump(mode="json")
        assert await store.version("supervisor/v1", 3) is None
        versions = await store.versions("region/NL-T01", 9)
        assert [versions[each]["name"] for each in (1, 2)] == ["Regio Test", "Regio Twee"]
        await store.erase_name("v1")
    async with opened.transaction() as store:
        assert await store.version("supervisor/v1", 1) is None


async def test_the_name_before_is_kept_sealed_until_it_cannot_be_put_back(opened: Opened) -> None:
    async with opened.transaction() as store:
        await store.save_supervisor(record())
        await store.keep_name("v1", 1)
        assert await store.name_before("v1", 1) is None
        for name in ("Anna", "Hanna", "Johanna"):
            await store.keep_name("v1", 1)
            await store.save_name("v1", name)
    async with opened.transaction() as store:
        assert await store.name_before("v1", 1) == "Hanna"
        assert await store.name_before("v1", 2) is None
        assert set(await store.versions_of(["supervisor/v1", "supervisor/v9"])) == {("supervisor/v1", 1)}
        await store.forget_old_names()
        assert await store.name_before("v1", 1) == "Hanna"
        await store.erase_name("v1")
    async with opened.transaction() as store:
        assert await store.name_before("v1", 1) is None


async def test_news_is_of_a_site_and_goes_with_the_student(opened: Opened) -> None:
    placed = Place("s1", "NL-T01", 2, "01AB00", "w1", ("2026-S1",), ("v1",), "proposed")
    async with opened.transaction() as store:
        await store.save_places([placed], [News("01AB00", "s1", What.PROPOSED)])
    async with opened.transaction() as store:
        assert await store.news("01AB00", NOW) == {"s1": What.PROPOSED}
        assert await store.news("01AB00", NOW + timedelta(seconds=1)) == {}
        assert await store.placed_counts(["01AB00", "01AB01"]) == {"01AB00": 1}
        await store.forget_old_news()
        assert await store.news("01AB00", NOW) != {}
        await store.forget_place("s1")
    async with opened.transaction() as store:
        assert await store.news("01AB00", NOW) == {}


async def test_who_lost_a_place_is_found_until_they_have_another(opened: Opened) -> None:
    async with opened.transaction() as store:
        await store.save_places([Place("s1", "NL-T01", 1, lost_site="01AB00")], [])
        assert [each.student for each in await store.lost_at("01AB00")] == ["s1"]
        await store.save_places([Place("s1", "NL-T01", 2, "01AB00", "w1", ("2026-S1",), (), "proposed")], [])
        assert await store.lost_at("01AB00") == []


async def test_a_check_is_kept_once_for_a_period_and_a_note_is_the_last_change(opened: Opened) -> None:
    async with opened.transaction() as store:
        for _ in range(2):
            await store.check_site("01AB00", "2026-S1")
            await store.note("checked", "site/01AB00", 1)
    async with opened.transaction() as store:
        assert [(each.period, each.at) for each in await store.checks(["01AB00"])] == [("2026-S1", NOW)]
        change = await store.change("site/01AB00", 1)
        assert change is not None
        assert change.action == "checked"
        assert len(await store.changes_of(["site/01AB00"], 9)) == 2
        assert await store.is_told("site/01AB00")
