"""What capacity's handlers need from outside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.capacity.domain.decisions import Decision, Offer, Place
from services.capacity.domain.news import News
from services.capacity.domain.regions import Region
from services.capacity.domain.sites import OfferedWorkplace, SchoolSite
from services.capacity.domain.supervisors import SupervisorRecord
from services.capacity.ports.history import History
from services.capacity.ports.organisations import Organisations
from shared.contracts.signals import Signal
from shared.contracts.vocabulary import Contract


@dataclass(frozen=True, slots=True)
class SiteFilter:
    """Which sites: of a region, a board (five digits), a school (BRIN), a sector; None: any."""

    region: str | None = None
    board: str | None = None
    school: str | None = None
    sector: str | None = None


@dataclass(frozen=True, slots=True)
class WorkplaceFilter:
    """Which workplaces: of a region, at these sites, for a subject; None: any."""

    region: str | None = None
    sites: Collection[str] | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class SupervisorFilter:
    """Which supervisors: of a region, who serve one of these sites by name, in a tier; None: any."""

    region: str | None = None
    sites: Collection[str] | None = None
    tier: str | None = None


class Lists(Protocol):
    """Lists within one transaction, in order of id unless they say otherwise; `after` is the id where the last page ended."""

    async def find_sites(self, words: str, limit: int) -> Sequence[SchoolSite]:
        """Sites whose name, town or id contains these words (empty: all), by region, town and name."""
        ...

    async def sites_where(self, wanted: SiteFilter, after: str | None, limit: int) -> Sequence[SchoolSite]:
        """Sites that are as wanted."""
        ...

    async def workplaces_where(
        self, wanted: WorkplaceFilter, after: str | None, limit: int
    ) -> Sequence[OfferedWorkplace]:
        """Workplaces that are as wanted."""
        ...

    async def workplaces(self, ids: Collection[str]) -> Mapping[str, OfferedWorkplace]:
        """Those of these workplaces that exist."""
        ...

    async def subjects_in(self, region: str) -> Mapping[str, int]:
        """The subjects of a region's workplaces, and how many workplaces each has."""
        ...

    async def supervisors_of(self, site: SchoolSite) -> Sequence[SupervisorRecord]:
        """Who serves this site, those of every site in its region included."""
        ...

    async def supervisors_where(
        self, wanted: SupervisorFilter, after: str | None, limit: int
    ) -> Sequence[SupervisorRecord]:
        """Supervisors that are as wanted."""
        ...

    async def supervisors(self, ids: Collection[str]) -> Mapping[str, SupervisorRecord]:
        """Those of these supervisors that exist."""
        ...

    async def places_at(self, site: str) -> Sequence[Place]:
        """Who is placed at a site now, by student."""
        ...

    async def lost_at(self, site: str) -> Sequence[Place]:
        """Who lost a place at a site and has no other, by student."""
        ...

    async def placed_counts(self, sites: Collection[str]) -> Mapping[str, int]:
        """How many are placed at each of these sites; where nobody is, is absent."""
        ...

    async def offers_at(self, site: str) -> Sequence[Offer]:
        """Which places at a site are offered to students who have another, by student."""
        ...

    async def decisions(self, students: Collection[str]) -> Mapping[str, Decision]:
        """The school's last decision about each of these students."""
        ...


class Store(History, Lists, Organisations, Protocol):
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

    async def save_supervisor(self, record: SupervisorRecord) -> None:
        """Keeps a supervisor."""
        ...

    async def names(self, supervisors: Collection[str]) -> Mapping[str, str]:
        """The names that were given and not erased."""
        ...

    async def save_name(self, supervisor: str, name: str) -> None:
        """Keeps a name, sealed under a key of this person alone."""
        ...

    async def keep_name(self, supervisor: str, sequence: int) -> None:
        """Keeps the name that is about to change, sealed, for as long as that can be undone; of a person one such name is kept."""
        ...

    async def name_before(self, supervisor: str, sequence: int) -> str | None:
        """The name before it was changed at this version; None when it is not kept."""
        ...

    async def forget_old_names(self) -> None:
        """Deletes names of before that can no longer be put back."""
        ...

    async def erase_name(self, supervisor: str) -> None:
        """Deletes the name and the key that could still open it in a copy."""
        ...

    async def place(self, student: str) -> Place | None:
        """Where the plan last put a student."""
        ...

    async def places(self, students: Collection[str]) -> Mapping[str, Place]:
        """The same of many; of whom nothing was said is absent."""
        ...

    async def save_places(self, places: Sequence[Place], news: Sequence[News]) -> None:
        """Keeps places of different students, each newer than what is known, and what that means for schools."""
        ...

    async def forget_place(self, student: str) -> None:
        """Erases the place of a student who was erased, what is offered, decided and signalled, and what webhooks were told."""
        ...

    async def offer(self, student: str) -> Offer | None:
        """What is offered to a student who has a place."""
        ...

    async def save_offer(self, offer: Offer) -> bool:
        """Keeps an offer unless something newer is known; whether it was news."""
        ...

    async def hear_signals(self, signals: Sequence[Signal]) -> Sequence[int | None]:
        """Keeps up to where signals were heard; gives of each the sequence before it (0: none), None when it is no news."""
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

    async def publish(self, event: Contract) -> None:
        """Puts an event in the outbox, and in the audit."""
        ...

    async def take_back(self, region: str, aggregate: str) -> None:
        """Tells that an aggregate was erased, so that whoever heard of it forgets it."""
        ...

    async def outlived(self, before: date, limit: int) -> Sequence[str]:
        """Supervisors who departed before this day and still have a name here."""
        ...
