"""The route that takes CloudEvents of institutes' systems."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response

from services.intake.bootstrap import Parts
from services.intake.domain.access import DECIDE, WRITE, Who
from services.intake.entrypoints.answers import EventAnswer, EventsAnswer
from services.intake.entrypoints.asking import asks
from services.intake.handlers.telling import MODELS, PREFIX, SUFFIX, told
from services.intake.ports import Store
from shared.contracts.arriving import Arrived
from shared.dutch import dutch_day
from shared.web.events import ONCE, answer_events, once, takes
from shared.web.problems import problem

WORDS = (
    f"{ONCE} `data` is wat de andere adressen vragen, met de student als `student` of als `institute` en `reference`."
)


def add_events(api: FastAPI, parts: Parts) -> None:
    """Adds the route."""
    Writer = Annotated[Who, Depends(asks(parts, WRITE))]  # noqa: N806 - a type

    @api.post(
        "/events",
        summary="Stuur CloudEvents: wat er met studenten is",
        description=WORDS,
        response_model=EventAnswer | EventsAnswer,
        openapi_extra=takes([f"{PREFIX}{name}{SUFFIX}" for name in MODELS]),
    )
    async def take(request: Request, who: Writer) -> Response:
        async def carry_out(event: Arrived) -> Response:
            return await _carried_out(parts, who, event)

        return await answer_events(request, carry_out)


async def _carried_out(parts: Parts, who: Who, event: Arrived) -> Response:
    async def tell(store: Store) -> dict[str, object]:
        return await told(store, event.type, event.data, dutch_day(parts.clock()))

    if event.type.startswith((f"{PREFIX}placement-", f"{PREFIX}switch-")) and DECIDE not in who.scopes:
        who_decides = f"Uw token geldt hier niet voor. Vraag een token met scope {DECIDE}."
        return problem(403, "scope-ontbreekt", who_decides)
    return await once(parts.changes(who), who.name, event, tell)
