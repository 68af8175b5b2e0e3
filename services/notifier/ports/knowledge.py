"""What the notifier keeps of what others told."""

from collections.abc import Collection, Mapping
from typing import Protocol

from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace


class KnowledgeStore(Protocol):
    """What is known of regions, sites and places, within one transaction."""

    async def read_ahead(self, students: Collection[str], alerts: Collection[str]) -> None:
        """Reads at once what will be asked of these students and alerts, which is then asked of nobody else."""
        ...

    async def region(self, region: str) -> KnownRegion | None:
        """A region."""
        ...

    async def regions(self) -> Mapping[str, KnownRegion]:
        """All regions."""
        ...

    async def save_region(self, region: KnownRegion) -> None:
        """Keeps a region."""
        ...

    async def site(self, site: str) -> KnownSite | None:
        """A site."""
        ...

    async def sites(self, sites: Collection[str]) -> Mapping[str, KnownSite]:
        """Those of the sites that are known."""
        ...

    async def save_site(self, site: KnownSite) -> None:
        """Keeps a site."""
        ...

    async def place(self, student: str) -> StudentPlace | None:
        """A student's place, locked for change."""
        ...

    async def places(self, students: Collection[str]) -> Mapping[str, StudentPlace]:
        """The places of those students of whom one is known."""
        ...

    async def save_place(self, place: StudentPlace) -> None:
        """Keeps a student's place."""
        ...

    async def forget_place(self, student: str) -> None:
        """Erases a student's place."""
        ...
