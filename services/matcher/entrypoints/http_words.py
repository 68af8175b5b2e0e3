"""What routes of the matcher have in common: parameters, who asks, and problems of a scenario with their place in it."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Path, Request
from fastapi.responses import JSONResponse

from services.matcher.bootstrap import AnswersParts
from services.matcher.domain.reading import RegionProblems
from services.matcher.entrypoints.cli_words import problem_text
from shared.contracts.vocabulary import RegionId
from shared.security.callers import Caller
from shared.web.problems import problem
from shared.web.signing_in import Given

DESCRIPTION = (
    "Het plan van een regio, per student de plaats of de reden waarom er geen plaats is, vraag en aanbod, en wat "
    "hefbomen en scenario's zouden doen. Een opleiding ziet haar eigen studenten, een school haar eigen plaatsen, "
    "een regio alles samengevat."
)
Region = Annotated[RegionId, Path(description="De regio, zoals NL-R07.", examples=["NL-R07"])]


def caller_of(parts: AnswersParts) -> Callable[[Request, Given], Awaitable[Caller]]:
    """A dependency that gives whoever asks; the routes need their parts only when they answer."""

    async def caller(request: Request, given: Given) -> Caller:
        found = await parts.caller(given)
        parts.limit.count(request, found.name)
        request.state.asker = found
        return found

    return caller


def scenario_problem(found: RegionProblems) -> JSONResponse:
    """What is wrong with a scenario, each with its place in the message."""
    errors = [{"pointer": pointer_of(one.path), "detail": problem_text(one)} for one in found.problems]
    return problem(400, "ongeldig-scenario", " ".join(one["detail"] for one in errors[:5]), errors)


def pointer_of(path: str) -> str:
    """A path such as hours[0].sites as JSON Pointer."""
    steps = re.findall(r"[^.\[\]]+", path)
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
