"""Lists over HTTP, a page at a time: what a request may ask, and how the answer leads to the next page."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from shared.contracts.vocabulary import Contract, EntityId

MAX_PAGE = 500


class PageQuery(Contract):
    """The parameters that every list has; a list adds its own filters. A parameter that it does not know is refused."""

    cursor: EntityId | None = Field(None, description="Waar de vorige bladzijde ophield: `next` uit dat antwoord.")
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE, description="Hoeveel op een bladzijde.")] = 50

    @property
    def one_more(self) -> int:
        """How many to look for: one more than is shown tells whether there is a next page."""
        return self.limit + 1


def page_of(request: Request, found: Sequence[Mapping[str, object]], query: PageQuery) -> Response:
    """What a list answers: its items, by `id`, and the next page as `next` in the body and as a Link."""
    items = found[: query.limit]
    return page_after(request, items, str(items[-1]["id"]) if len(found) > query.limit else None)


def page_after(request: Request, items: Sequence[Mapping[str, object]], following: str | None) -> Response:
    """The same where the next page begins somewhere else than after an id."""
    headers = {}
    if following is not None:
        address = request.url.include_query_params(cursor=following)
        headers["Link"] = f'<{address.path}?{address.query}>; rel="next"'
    return JSONResponse({"items": list(items), "next": following}, headers=headers)
