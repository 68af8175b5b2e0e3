"""Supervisors over HTTP: register, change, report absence, return and departure, erase."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated

import uuid_utils
from fastapi import Depends, FastAPI, Path, Request
from fastapi.responses import JSONResponse, Response

from services.capacity import handlers
from services.capacity.bootstrap import Parts
from services.capacity.domain.access import PEOPLE_READ, PEOPLE_WRITE
from services.capacity.domain.supervisors import SupervisorRecord
from services.capacity.entrypoints.answers import (
    NamedSupervisorAnswer,
    NamedSupervisors,
    SupervisorAnswer,
    SupervisorExport,
)
from services.capacity.entrypoints.asking import asks, change
from services.capacity.entrypoints.bodies import (
    DepartureBody,
    NewSupervisor,
    ReturnBody,
    SupervisorBody,
    named_supervisor_body,
    supervisor_body,
)
from services.capacity.entrypoints.refusing import refuse_reasons
from services.capacity.handlers import owning
from services.capacity.ports import Store
from shared.contracts.availability import Absence
from shared.contracts.vocabulary import EntityId, SiteId
from shared.security.callers import Caller
from shared.web.changes import Answer, IfMatch, changed, created, with_version

SupervisorPath = Annotated[EntityId, Path(description="Het nummer dat Leerplek aan de begeleider gaf.")]
Report = Callable[[Store, date], Awaitable[SupervisorRecord]]
NO_REASONS = [Depends(refuse_reasons)]


def add_supervisors(api: FastAPI, parts: Parts) -> None:
    """Adds the routes of supervisors."""
    _reading(api, parts)
    _registering(api, parts)
    _reporting(api, parts)


def _reading(api: FastAPI, parts: Parts) -> None:
    Reader = Annotated[Caller, Depends(asks(parts, PEOPLE_READ))]  # noqa: N806 - a type

    @api.get(
        "/supervisors/{supervisor}",
        summary="Lees een begeleider, met de naam als die bekend is",
        response_model=NamedSupervisorAnswer,
    )
    async def read(caller: Reader, supervisor: SupervisorPath) -> Response:
        async with parts.reading() as store:
            held = await owning.find_supervisor(store, caller, supervisor)
            body = (await _named(store, [held]))[0]
        return with_version(body, held.sequence)

    @api.get(
        "/supervisors/{supervisor}/export",
        summary="Lees alles wat hier over een begeleider bewaard is",
        response_model=SupervisorExport,
    )
    async def export(caller: Reader, supervisor: SupervisorPath) -> Response:
        async with parts.reading() as store:
            held = await owning.find_supervisor(store, caller, supervisor)
            body = await everything_about(store, held)
        return JSONResponse(body)

    @api.get(
        "/sites/{site}/supervisors", summary="Lees de begeleiders van een vestiging", response_model=NamedSupervisors
    )
    async def read_all(caller: Reader, site: SiteId) -> Response:
        async with parts.reading() as store:
            where = await owning.find_site(store, caller, site)
            items = await _named(store, list(await store.supervisors_of(where)))
        return JSONResponse({"items": items})


def _registering(api: FastAPI, parts: Parts) -> None:
    Writer = Annotated[Caller, Depends(asks(parts, PEOPLE_WRITE))]  # noqa: N806 - a type

    @api.post("/supervisors", status_code=201, summary="Meld een begeleider aan", response_model=SupervisorAnswer)
    async def register(request: Request, caller: Writer, body: NewSupervisor) -> Response:
        identifier = str(uuid_utils.uuid7())

        async def operation(store: Store) -> Answer:
            (await owning.own_of(store, caller)).check_profile(body)
            held = await handlers.register_supervisor(store, body.region, body.supervisor(identifier), body.name)
            return created(supervisor_body(held), f"/v1/supervisors/{identifier}", held.sequence)

        return await change(parts, request, caller, operation)

    @api.put(
        "/supervisors/{supervisor}",
        summary="Wijzig uren, vakken, dagen of grenzen van een begeleider",
        response_model=SupervisorAnswer,
    )
    async def put(
        request: Request, caller: Writer, supervisor: SupervisorPath, body: SupervisorBody, check: IfMatch
    ) -> Response:
        async def operation(store: Store) -> Answer:
            before, own = await owning.find_own_person(store, caller, supervisor)
            own.check_profile(body, before.supervisor.sites)
            held = await handlers.change_supervisor(store, supervisor, body.profile(), parts.today(), check)
            if body.name is not None:
                await handlers.rename_supervisor(store, held, body.name)
            return changed(supervisor_body(held), held.sequence)

        return await change(parts, request, caller, operation)

    @api.delete("/supervisors/{supervisor}", status_code=204, summary="Wis de naam van een begeleider, voorgoed")
    async def erase(request: Request, caller: Writer, supervisor: SupervisorPath) -> Response:
        async def operation(store: Store) -> Answer:
            await owning.find_own_person(store, caller, supervisor)
            await handlers.erase_supervisor(store, supervisor, parts.today())
            return Answer(204)

        answer = await change(parts, request, caller, operation)
        await parts.runtime.database.leave_no_trace()
        return answer


def _reporting(api: FastAPI, parts: Parts) -> None:
    Writer = Annotated[Caller, Depends(asks(parts, PEOPLE_WRITE))]  # noqa: N806 - a type

    async def once(request: Request, caller: Caller, supervisor: str, report: Report) -> Response:
        async def operation(store: Store) -> Answer:
            await owning.find_own_person(store, caller, supervisor)
            held = await report(store, parts.today())
            return changed(supervisor_body(held), held.sequence)

        return await change(parts, request, caller, operation)

    @api.post(
        "/supervisors/{supervisor}/absences",
        dependencies=NO_REASONS,
        summary="Meld afwezigheid: alleen datums",
        response_model=SupervisorAnswer,
    )
    async def absence(
        request: Request, caller: Writer, supervisor: SupervisorPath, body: Absence, check: IfMatch
    ) -> Response:
        def report(store: Store, today: date) -> Awaitable[SupervisorRecord]:
            return handlers.report_absence(store, supervisor, body, today, check)

        return await once(request, caller, supervisor, report)

    @api.post(
        "/supervisors/{supervisor}/return",
        dependencies=NO_REASONS,
        summary="Meld dat een begeleider terug is",
        response_model=SupervisorAnswer,
    )
    async def back(
        request: Request, caller: Writer, supervisor: SupervisorPath, body: ReturnBody, check: IfMatch
    ) -> Response:
        def report(store: Store, today: date) -> Awaitable[SupervisorRecord]:
            return handlers.report_return(store, supervisor, body.on, today, check)

        return await once(request, caller, supervisor, report)

    @api.post(
        "/supervisors/{supervisor}/departure",
        dependencies=NO_REASONS,
        summary="Meld dat een begeleider vertrekt",
        response_model=SupervisorAnswer,
    )
    async def departure(
        request: Request, caller: Writer, supervisor: SupervisorPath, body: DepartureBody, check: IfMatch
    ) -> Response:
        def report(store: Store, today: date) -> Awaitable[SupervisorRecord]:
            return handlers.report_departure(store, supervisor, body.departs, today, check)

        return await once(request, caller, supervisor, report)


async def everything_about(store: Store, held: SupervisorRecord) -> dict[str, object]:
    """All that is kept about a supervisor, as it is answered to whoever asks for it."""
    return {"supervisor": (await _named(store, [held]))[0], **await handlers.copy_of(store, held)}


async def _named(store: Store, records: list[SupervisorRecord]) -> list[dict[str, object]]:
    ids = [record.supervisor.id for record in records]
    names, students = await store.names(ids), await store.guided_counts(ids)
    return [
        named_supervisor_body(record, names.get(record.supervisor.id), students.get(record.supervisor.id, 0))
        for record in records
    ]
