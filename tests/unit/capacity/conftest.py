"""A store in memory with one region and one site."""

import pytest

from services.capacity import handlers
from tests.support.capacity import region_terms, site
from tests.support.capacity_memory import MemoryStore


@pytest.fixture
def empty() -> MemoryStore:
    """A store with nothing in it."""
    return MemoryStore()


@pytest.fixture
async def store() -> MemoryStore:
    """Region NL-T01 with two periods, and site 01AB00; nothing published yet."""
    store = MemoryStore()
    await handlers.put_region(store, "NL-T01", region_terms(), lambda _sequence: None)
    await handlers.put_site(store, site(), lambda _sequence: None)
    store.published.clear()
    return store
