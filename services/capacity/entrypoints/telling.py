"""What a school's system tells in events: a site, a workplace, a supervisor as they are now, a report, a decision."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import uuid_utils

from services.capacity import handlers
from services.capacity.domain.access import DECIDE, PEOPLE_WRITE, SITE_WRITE, check_scope
from services.capacity.domain.decisions import Verdict
from services.capacity.entrypoints.bodies import (
    DepartureBody,
    NewSupervisor,
    ReturnBody,
    SiteBody,
    SupervisorBody,
)
from services.capacity.entrypoints.refusing import check_no_reasons
from services.capacity.handlers import governing, owning
from services.capacity.handlers.governing import Told
from services.capacity.handlers.keeping_rows import same_workplace
from services.capacity.ports import Store, WorkplaceFilter
from shared.contracts.availability import Absence, Workplace, WorkplaceOffer
from shared.contracts.vocabulary import Contract, EntityId, RefusalReason, Sequence, SiteId
from shared.security.callers import Caller
from shared.web.events import name_of


class ToldSite(SiteBody):
    """A site as it is now."""

    id: SiteId


class ToldWorkplace(WorkplaceOffer):
    """A workplace as it is now; without `workplace` the one with that subject and those phases at that site, else a new one."""

    workplace: EntityId | None = None


class ToldHours(SupervisorBody):
    """What a supervisor offers now."""

    supervisor: EntityId


class ToldAbsence(Absence):
    """Days on which a supervisor does not guide."""

    supervisor: EntityId


class ToldReturn(ReturnBody):
    """From when a supervisor guides again."""

    supervisor: EntityId


class ToldDeparture(DepartureBody):
    """From when a supervisor is gone."""

    supervisor: EntityId


class ToldDecision(Contract):
    """About which student the school decides; `offer` is the number of the offer, when it is about that."""

    student: EntityId
    offer: Sequence | None = None


class ToldRefusal(ToldDecision):
    """A refusal has a reason from the closed list."""

    reason: RefusalReason


About = dict[str, object]


@dataclass(frozen=True, slots=True)
class Teller:
    """Whoever tells something, on which day, within one transaction; `told` of another board are people."""

    store: Store
    caller: Caller
    today: date
    told: Told

    async def site(self, told: ToldSite) -> About:
        """A new site, or how it is now."""
        held, _ = await governing.put_site(self.store, self.told, self.caller, told.site(told.id), _any_version)
        return {"site": held.site.id}

    async def workplace(self, told: ToldWorkplace) -> About:
        """A new workplace, or how it is now."""
        offer = WorkplaceOffer(**told.model_dump(exclude={"workplace"}))
        (await owning.own_of(self.store, self.caller)).check_named(offer.site, "/site")
        found = told.workplace
        if found is None:
            known = await self.store.workplaces_where(WorkplaceFilter(sites=[offer.site]), None, owning.MOST_SITES)
            found = same_workplace(known, offer)
        else:
            await owning.find_workplace(self.store, self.caller, found)
        workplace = Workplace(id=found or str(uuid_utils.uuid7()), **offer.model_dump())
        if found is None:
            await handlers.offer_workplace(self.store, workplace)
        else:
            await handlers.change_workplace(self.store, workplace, _any_version)
        return {"workplace": workplace.id}

    async def new_supervisor(self, told: NewSupervisor) -> About:
        """Somebody who was not known."""
        (await owning.own_of(self.store, self.caller)).check_profile(told)
        made = told.supervisor(str(uuid_utils.uuid7()))
        await handlers.register_supervisor(self.store, told.region, made, told.name)
        return {"supervisor": made.id}

    async def hours(self, told: ToldHours) -> About:
        """What somebody offers now."""
        before, own = await owning.find_own_person(self.store, self.caller, told.supervisor)
        own.check_profile(told, before.supervisor.sites)
        held = await handlers.change_supervisor(self.store, told.supervisor, told.profile(), self.today, _any_version)
        if told.name is not None:
            await handlers.rename_supervisor(self.store, held, told.name)
        return {"supervisor": told.supervisor}

    async def absence(self, told: ToldAbsence) -> About:
        """Somebody is away."""
        await owning.find_own_person(self.store, self.caller, told.supervisor)
        absence = Absence(start=told.start, end=told.end)
        await handlers.report_absence(self.store, told.supervisor, absence, self.today, _any_version)
        return {"supervisor": told.supervisor}

    async def back(self, told: ToldReturn) -> About:
        """Somebody is there again."""
        await owning.find_own_person(self.store, self.caller, told.supervisor)
        await handlers.report_return(self.store, told.supervisor, told.on, self.today, _any_version)
        return {"supervisor": told.supervisor}

    async def departure(self, told: ToldDeparture) -> About:
        """Somebody leaves, or stays after all."""
        await owning.find_own_person(self.store, self.caller, told.supervisor)
        await handlers.report_departure(self.store, told.supervisor, told.departs, self.today, _any_version)
        return {"supervisor": told.supervisor}

    async def acceptance(self, told: ToldDecision) -> About:
        """The school takes a student."""
        return await self._decision(told, "accept", None)

    async def refusal(self, told: ToldRefusal) -> About:
        """The school does not."""
        return await self._decision(told, "refuse", told.reason)

    async def _decision(self, told: ToldDecision, verdict: Verdict, reason: RefusalReason | None) -> About:
        await owning.check_may_decide(self.store, self.caller, told.student, told.offer)
        await handlers.decide(self.store, told.student, verdict, reason, told.offer)
        return {"student": told.student}


@dataclass(frozen=True, slots=True)
class Kind:
    """What an event of a type holds, what carries it out, and the scope that it takes; a report has dates only."""

    model: type[Contract]
    carry_out: Callable[[Teller, Any], Awaitable[About]]
    scope: str
    is_report: bool = False


KINDS: Mapping[str, Kind] = {
    f"nl.leerplek.{name}.v1": kind
    for name, kind in {
        "site.changed": Kind(ToldSite, Teller.site, SITE_WRITE),
        "workplace.changed": Kind(ToldWorkplace, Teller.workplace, SITE_WRITE),
        "supervisor.registered": Kind(NewSupervisor, Teller.new_supervisor, PEOPLE_WRITE),
        "supervisor.hours-changed": Kind(ToldHours, Teller.hours, PEOPLE_WRITE),
        "supervisor.absence-reported": Kind(ToldAbsence, Teller.absence, PEOPLE_WRITE, is_report=True),
        "supervisor.returned": Kind(ToldReturn, Teller.back, PEOPLE_WRITE, is_report=True),
        "supervisor.departed": Kind(ToldDeparture, Teller.departure, PEOPLE_WRITE, is_report=True),
        "placement.accepted": Kind(ToldDecision, Teller.acceptance, DECIDE),
        "placement.refused": Kind(ToldRefusal, Teller.refusal, DECIDE),
    }.items()
}


def kind_of(caller: Caller, type_name: str, data: Any) -> Kind:
    """The kind of an event that somebody tells; raises DomainError for an unknown one, Forbidden, and RefusedContent for a reason."""
    kind = KINDS[name_of(type_name, list(KINDS))]
    check_scope(caller, kind.scope)
    if kind.is_report:
        check_no_reasons(data)
    return kind


def _any_version(_sequence: int) -> None:
    """An event tells how it is; it was not made from what is known here."""
