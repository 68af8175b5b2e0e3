"""Who looks at a page: one dependency for every page, so that signing in is one change."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from shared.security.callers import Caller, Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and for whom; `name` is what the page calls them, empty where nobody signs in."""

    caller: Caller
    name: str = ""


FindViewer = Callable[[Request], Awaitable[Viewer]]
EVERYBODY = Viewer(Caller(Role.OPERATOR, "", frozenset()))


async def everybody(_request: Request) -> Viewer:
    """Where nobody signs in (one's own machine, or behind a proxy that guards it) everybody sees everything."""
    return EVERYBODY


async def viewer(request: Request) -> Viewer:
    """Who looks at this page, found by what the site was built with."""
    find: FindViewer = request.app.state.find_viewer
    request.state.viewer = found = await find(request)
    return found


Viewing = Annotated[Viewer, Depends(viewer)]
"""A parameter of a page that shows or changes what not everybody may."""
