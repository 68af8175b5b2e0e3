"""The route that takes CloudEvents of schools' systems."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response

from services.capacity.bootstrap import Parts
from services.capacity.domain.access import EVENTS
from services.capacity.entrypoints.answers import EventAnswer, EventsAnswer
from services.capacity.entrypoints.asking import asks
from services.capacity.entrypoints.telling import KINDS, Teller, kind_of
from services.capacity.ports import Store
from services.capacity.ports.people import People
from shared.contracts.arriving import Arrived
from shared.security.callers import Caller
from shared.web.events import ONCE, answer_events, once, takes

WORDS = f"{ONCE} `data` is wat de andere adressen vragen; wat daar in het adres staat, staat hier als `id`, `workplace`, `supervisor` of `student`."


def add_events(api: FastAPI, parts: Parts) -> None:
    """Adds the route; each event needs the scope of what it tells."""
    Telling = Annotated[Caller, Depends(asks(parts, *EVENTS))]  # noqa: N806 - a type

    @api.post(
        "/events",
        summary="Stuur CloudEvents: hoe het met vestigingen, leerwerkplekken en begeleiders is, en uw besluiten",
        description=WORDS,
        response_model=EventAnswer | EventsAnswer,
        openapi_extra=takes(list(KINDS)),
    )
    async def take(request: Request, caller: Telling) -> Response:
        async def carry_out(event: Arrived) -> Response:
            return await _carried_out(parts, caller, event)

        return await answer_events(request, carry_out)


async def _carried_out(parts: Parts, caller: Caller, event: Arrived) -> Response:
    kind = kind_of(caller, event.type, event.data)
    content = kind.model.model_validate(event.data)

    async def tell(both: tuple[Store, People]) -> dict[str, object]:
        store, people = both
        return await kind.carry_out(Teller(store, caller, parts.today(), parts.told(people)), content)

    return await once(parts.access.governing, caller.name, event, tell)
