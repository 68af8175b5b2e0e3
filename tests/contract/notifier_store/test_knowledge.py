"""What others' events taught comes back as it was kept, and what is asked of many at once is what is asked of each."""

from dataclasses import replace

from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace
from tests.contract.notifier_store.conftest import Opened
from tests.support.notifier import NOW, REGION, SITE, STARTS

PLACE = StudentPlace("s-1", SITE, ("2026-S1",), 3, registration_sequence=2)
BAKEN = KnownSite(SITE, "Het Baken", "Utrecht", 1, "41234", REGION)
RIJN = KnownRegion(REGION, "Rijn en Vecht", {"2026-S1": STARTS}, 2, STARTS, 4, NOW)


async def test_regions_sites_and_places_come_back_and_are_replaced(opened: Opened) -> None:
    async with opened.writing() as store:
        await store.save_region(RIJN)
        await store.save_site(BAKEN)
        await store.save_place(PLACE)
    async with opened.writing() as store:
        assert (await store.region(REGION), await store.regions()) == (RIJN, {REGION: RIJN})
        assert (await store.site(SITE), await store.site("02CD00")) == (BAKEN, None)
        assert await store.place("s-1") == PLACE
        await store.save_region(replace(RIJN, name="Rijn", sequence=3))
        await store.save_site(replace(BAKEN, board=None, sequence=2))
        await store.save_place(replace(PLACE, site=None, sequence=4))
    async with opened.writing() as store:
        assert await store.region(REGION) == replace(RIJN, name="Rijn", sequence=3)
        assert await store.sites([SITE, "02CD00"]) == {SITE: replace(BAKEN, board=None, sequence=2)}
        assert await store.places(["s-1", "s-2"]) == {"s-1": replace(PLACE, site=None, sequence=4)}


async def test_what_is_read_ahead_is_what_is_there_and_what_is_not(opened: Opened) -> None:
    async with opened.writing() as store:
        await store.save_place(PLACE)
    async with opened.writing() as store:
        await store.read_ahead(["s-1", "s-2"], ["lost/none"])
        assert (await store.place("s-1"), await store.place("s-2"), await store.alert("lost/none")) == (
            PLACE,
            None,
            None,
        )
        await store.forget_place("s-1")
    async with opened.writing() as store:
        assert await store.place("s-1") is None
