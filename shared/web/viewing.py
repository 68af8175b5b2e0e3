"""Who looks at a page, and whether they may: one dependency for every page, and one list of what each page is."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from shared.errors import Forbidden
from shared.security.callers import Caller, Role
from shared.security.roles import EVERYTHING, Position
from shared.web.places import Way

PART = "leerplek-part"
"""The header by which our script asks for a part of a page only."""
NOBODY_SIGNS_IN = "portaal"
"""Whom the audit names where nobody signs in."""
NOT_FOR_YOU = "Dit hoort niet bij uw rol. Hebt u meer dan één rol? Kies dan bovenaan de andere."


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and for whom; `name` is what the page calls them, `person` their pseudonym, `account` where their own page is.

    All three are empty where nobody signs in, and there is no `position` then. `called` is what their organisation is called, as far as
    that is known; `ways` lead to the other parts that they may go to.
    """

    caller: Caller
    name: str = ""
    person: str = ""
    account: str = ""
    position: Position | None = None
    ways: tuple[Way, ...] = ()
    called: str = ""

    @property
    def actor(self) -> str:
        """Whom the audit names: a pseudonym, never a name."""
        return f"person/{self.person}" if self.person else NOBODY_SIGNS_IN


@dataclass(frozen=True, slots=True)
class PageRule:
    """What somebody must be allowed to for a page (None: signed in is enough), and what seeing it is called in the log of reads.

    `subject` is the part of the address that says about whom.
    """

    scope: str | None
    reads: str = ""
    subject: str = ""
    is_public: bool = False


PUBLIC = PageRule(None, is_public=True)
SIGNED_IN = PageRule(None)
Rules = Mapping[tuple[str, str], PageRule]
"""The rule of each page by method and path. A page without one is for nobody."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page was seen by whom: for the log of reads."""

    viewer: Viewer
    rule: PageRule
    where: Mapping[str, str]


LogRead = Callable[[Seen], Awaitable[None]]
FindViewer = Callable[[Request], Awaitable[Viewer]]
EVERYBODY = Viewer(Caller(Role.OPERATOR, "", EVERYTHING))


async def everybody(_request: Request) -> Viewer:
    """Where nobody signs in (one's own machine, or behind a proxy that guards it) everybody sees everything."""
    return EVERYBODY


async def viewer(request: Request) -> Viewer:
    """Who looks at this page, found by what the site was built with; raises NotSignedIn, and Forbidden for who may not."""
    rule = rule_of(request)
    if rule.is_public:
        return EVERYBODY
    find: FindViewer = request.app.state.find_viewer
    request.state.viewer = found = await find(request)
    if rule.scope is not None and rule.scope not in found.caller.scopes:
        raise Forbidden("niet-voor-deze-rol", NOT_FOR_YOU)
    if rule.reads:
        request.state.seen = Seen(found, rule, request.path_params)
    return found


def rule_of(request: Request) -> PageRule:
    """The rule of the page that is asked for; raises Forbidden where nobody wrote one."""
    rules: Rules = request.app.state.rules
    found = rules.get((request.method, request.scope["route"].path))
    if found is None:
        raise Forbidden("geen-regel", "Deze pagina is voor niemand.")
    return found


class RuledRoute(APIRoute):
    """A page whose rule may say that seeing it is logged: nobody gets it before that was done."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler as it was, with the log after it."""
        answer_to = super().get_route_handler()

        async def logged(request: Request) -> Response:
            answer = await answer_to(request)
            seen: Seen | None = getattr(request.state, "seen", None)
            log: LogRead | None = request.app.state.log_read
            if seen is not None and log is not None and answer.status_code == HTTPStatus.OK:
                await log(seen)
            return answer

        return logged


def check_rules(site: FastAPI) -> None:
    """Every page of a site has a rule, and no rule is without a page; raises LookupError, so that a forgotten one is seen at once."""
    pages = {(method, each.path) for each in site.routes if isinstance(each, APIRoute) for method in each.methods or ()}
    rules: Rules = site.state.rules
    if pages != rules.keys():
        raise LookupError(f"pages without a rule, or rules without a page: {sorted(pages ^ rules.keys())}")


Viewing = Annotated[Viewer, Depends(viewer)]
"""A parameter of a page that shows or changes what not everybody may."""
