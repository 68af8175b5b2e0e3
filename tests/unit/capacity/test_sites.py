"""Sites and their workplaces."""

from dataclasses import replace

import pytest

from services.capacity import handlers
from services.capacity.handlers import owning
from shared.contracts.availability import SiteChanged, WorkplaceChanged
from shared.contracts.vocabulary import SiteRole
from shared.errors import Conflict, DomainError, Forbidden, NotFound
from shared.security.callers import Caller, Role
from tests.support.capacity import region_terms, site, workplace
from tests.support.capacity_memory import MemoryStore


def any_version(_sequence: int) -> None:
    """No If-Match."""


async def test_a_site_is_published_with_its_public_name_and_town(store: MemoryStore) -> None:
    await handlers.put_site(store, site("02CD00", name="De Linde", town="Bunnik"), any_version)
    [event] = store.published
    assert isinstance(event, SiteChanged)
    assert (event.site.id, event.name, event.town, event.sequence) == ("02CD00", "De Linde", "Bunnik", 1)


async def test_the_same_site_again_publishes_nothing(store: MemoryStore) -> None:
    await handlers.put_site(store, site(), any_version)
    assert not store.published


async def test_a_site_in_an_unknown_region_is_refused(store: MemoryStore) -> None:
    with pytest.raises(DomainError) as refused:
        await handlers.put_site(store, site("02CD00", "NL-X99"), any_version)
    assert (refused.value.code, refused.value.pointer) == ("onbekende-regio", "/region")


async def test_a_site_does_not_move_to_another_region(store: MemoryStore) -> None:
    await handlers.put_region(store, "NL-T02", region_terms(), any_version)
    with pytest.raises(Conflict):
        await handlers.put_site(store, site(where="NL-T02"), any_version)


async def test_the_core_of_a_shell_must_exist(store: MemoryStore) -> None:
    with pytest.raises(DomainError) as refused:
        await handlers.put_site(store, site("02CD00", role=SiteRole.SHELL, core="03EF00"), any_version)
    assert (refused.value.code, refused.value.pointer) == ("onbekende-vestiging", "/core")


async def test_the_core_of_a_shell_must_be_a_core_school(store: MemoryStore) -> None:
    await handlers.put_site(store, site(role=SiteRole.NONE), any_version)
    with pytest.raises(DomainError) as refused:
        await handlers.put_site(store, site("02CD00", role=SiteRole.SHELL, core="01AB00"), any_version)
    assert refused.value.code == "geen-kernschool"


async def test_a_core_with_shells_stays_a_core(store: MemoryStore) -> None:
    await handlers.put_site(store, site(role=SiteRole.CORE), any_version)
    await handlers.put_site(store, site("02CD00", role=SiteRole.SHELL, core="01AB00"), any_version)
    with pytest.raises(Conflict):
        await handlers.put_site(store, site(role=SiteRole.NONE), any_version)


async def test_a_workplace_belongs_to_the_region_of_its_site(store: MemoryStore) -> None:
    await handlers.offer_workplace(store, workplace())
    [event] = store.published
    assert isinstance(event, WorkplaceChanged)
    assert (event.region, event.workplace) == ("NL-T01", workplace())


async def test_a_workplace_at_an_unknown_site_is_refused(store: MemoryStore) -> None:
    with pytest.raises(DomainError) as refused:
        await handlers.offer_workplace(store, workplace(site="09ZZ00"))
    assert refused.value.pointer == "/site"


async def test_seats_in_an_unknown_period_are_refused_with_their_path(store: MemoryStore) -> None:
    with pytest.raises(DomainError) as refused:
        await handlers.offer_workplace(store, workplace(seats={"2026-S1": 1, "1999-S1": 1}))
    assert refused.value.pointer == "/seats/1999-S1"


async def test_a_workplace_changes_its_seats_and_stays_at_its_site(store: MemoryStore) -> None:
    await handlers.put_site(store, site("02CD00"), any_version)
    await handlers.offer_workplace(store, workplace())
    changed = await handlers.change_workplace(store, workplace(seats={}), any_version)
    again = await handlers.change_workplace(store, workplace(seats={}), any_version)
    assert (changed.sequence, again.sequence) == (2, 2)
    with pytest.raises(Conflict):
        await handlers.change_workplace(store, workplace(site="02CD00"), any_version)


async def test_a_workplace_that_does_not_exist_is_not_found(store: MemoryStore) -> None:
    with pytest.raises(NotFound):
        await handlers.change_workplace(store, workplace("w9"), any_version)


async def test_a_board_keeps_its_sites_and_takes_none(store: MemoryStore) -> None:
    board, stranger = (Caller(Role.SCHOOL, org, frozenset()) for org in ("41234", "55555"))
    with pytest.raises(NotFound):
        await owning.as_they_may_put_it(store, board, replace(site(), board="41234"))
    await handlers.put_board(store, "01AB00", "41234", any_version)
    for wanted in (site(name="Nieuw"), replace(site(name="Nieuw"), board="41234")):
        given = await owning.as_they_may_put_it(store, board, wanted)
        assert (await handlers.put_site(store, given, any_version))[0].board == "41234"
    with pytest.raises(Forbidden, match="ander-bestuur"):
        await owning.as_they_may_put_it(store, board, replace(site(), board="55555"))
    with pytest.raises(NotFound):
        await owning.as_they_may_put_it(store, stranger, replace(site(), board="55555"))
