"""What capacity's handlers need from outside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.capacity.domain.decisions import Decision, Offer, Place
from services.capacity.domain.regions import Region
from services.capacity.domain.sites import OfferedWorkplace, SchoolSite
from services.capacity.domain.supervisors import SupervisorRecord
from shared.contracts.vocabulary import Contract


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed which version of what, and when it was saved; `action` is the event type."""

    at: datetime
    actor: str
    action: str
    aggregate: str
    sequence: int


class Store(Protocol):
    """Capacity's facts and read models, within one transaction."""

    async def region(self, region: str) -> Region | None:
        """A region, locked for change."""
        ...

    async def regions(self) -> Sequence[Region]:
        """Every region, by id."""
        ...

    async def save_region(self, region: Region) -> None:
        """Keeps a region; raises Conflict when somebody else made it first."""
        ...

    async def periods_in_use(self, region: str) -> Collection[str]:
        """The periods in which a workplace has seats or a supervisor has hours."""
        ...

    async def site(self, site: str) -> SchoolSite | None:
        """A site, locked for change."""
        ...

    async def sites(self, ids: Collection[str]) -> Mapping[str, SchoolSite]:
        """Those of these sites that exist."""
        ...

    async def find_sites(self, words: str, limit: int) -> Sequence[SchoolSite]:
        """Sites whose name, town or id contains these words (empty: all), by region, town and name."""
        ...

    async def has_shells(self, site: str) -> bool:
        """Whether another site names this one as its core school."""
        ...

    async def save_site(self, site: SchoolSite) -> None:
        """Keeps a site; raises Conflict when somebody else made it first."""
        ...

    async def workplace(self, workplace: str) -> OfferedWorkplace | None:
        """A workplace, locked for change."""
        ...

    async def save_workplace(self, workplace: OfferedWorkplace) -> None:
        """Keeps a workplace."""
        ...

    async def supervisor(self, supervisor: str) -> SupervisorRecord | None:
        """A supervisor, locked for change."""
        ...

    async def supervisors_of(self, site: SchoolSite) -> Sequence[SupervisorRecord]:
        """Who serves this site, those of every site in its region included, by id."""
        ...

    async def save_supervisor(self, record: SupervisorRecord) -> None:
        """Keeps a supervisor."""
        ...

    async def names(self, supervisors: Collection[str]) -> Mapping[str, str]:
        """The names that were given and not erased."""
        ...

    async def save_name(self, supervisor: str, name: str) -> None:
        """Keeps a name, sealed under a key of this person alone."""
        ...

    async def erase_name(self, supervisor: str) -> None:
        """Deletes the name and the key that could still open it in a copy."""
        ...

    async def place(self, student: str) -> Place | None:
        """Where the plan last put a student."""
        ...

    async def places_at(self, site: str) -> Sequence[Place]:
        """Who is placed at a site now, by student."""
        ...

    async def save_place(self, place: Place) -> None:
        """Keeps a place unless a newer one is known."""
        ...

    async def forget_place(self, student: str) -> None:
        """Erases the place of a student who was erased, what is offered and what was decided."""
        ...

    async def offer(self, student: str) -> Offer | None:
        """What is offered to a student who has a place."""
        ...

    async def offers_at(self, site: str) -> Sequence[Offer]:
        """Which places at a site are offered to students who have another, by student."""
        ...

    async def save_offer(self, offer: Offer) -> None:
        """Keeps an offer unless something newer is known."""
        ...

    async def guided_counts(self, supervisors: Collection[str]) -> Mapping[str, int]:
        """How many students each of them guides in the plan of now; who guides nobody is absent."""
        ...

    async def decision(self, student: str) -> Decision | None:
        """The school's last decision about a student, locked for change."""
        ...

    async def save_decision(self, decision: Decision) -> None:
        """Keeps a decision."""
        ...

    async def last_changes(self, aggregates: Collection[str]) -> Mapping[str, Change]:
        """The last change of each of these."""
        ...

    async def change(self, aggregate: str, sequence: int) -> Change | None:
        """The change that made this version, once it was committed."""
        ...

    async def publish(self, event: Contract) -> None:
        """Puts an event in the outbox, and in the audit."""
        ...
