"""What the commands about a running installation share: settings, one question at a time, and what to say when it fails."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
import typer
from pydantic import ValidationError

from services.matcher.config import Settings
from services.matcher.entrypoints.cli_output import WRONG_USE, print_json
from shared.errors import DomainError, TransientError

T = TypeVar("T")
FAILED = 1


class Cannot(Exception):
    """It cannot be done; the text is Dutch and says why, the code is that of the process."""

    def __init__(self, text: str, code: int = FAILED) -> None:
        super().__init__(text)
        self.code = code


def settings() -> Settings:
    """The settings of the matcher, from the environment; raises Cannot."""
    try:
        return Settings()
    except ValidationError as wrong:
        missing = ", ".join("LEERPLEK_MATCHER_" + str(one["loc"][0]).upper() for one in wrong.errors() if one["loc"])
        raise Cannot(f"Deze instellingen ontbreken of kloppen niet: {missing or wrong.title}.", WRONG_USE) from wrong


def asked(ask: Callable[[Settings], Awaitable[T]], *, as_json: bool) -> T:
    """The answer; what goes wrong outside is said in one line, and ends the process with its code."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what goes wrong is said once, below

    async def run(known: Settings) -> T:
        return await ask(known)

    try:
        return asyncio.run(run(settings()))
    except Cannot as problem:
        _refuse(str(problem), problem.code, as_json=as_json)
        raise typer.Exit(problem.code) from problem
    except DomainError as problem:
        _refuse(problem.detail, FAILED, as_json=as_json)
        raise typer.Exit(FAILED) from problem
    except TransientError as problem:
        _refuse(f"De database of Kafka antwoordt niet: {problem}", FAILED, as_json=as_json)
        raise typer.Exit(FAILED) from problem


def _refuse(text: str, code: int, *, as_json: bool) -> None:
    if as_json:
        print_json({"error": text, "code": code})
    else:
        typer.echo(text, err=True)
