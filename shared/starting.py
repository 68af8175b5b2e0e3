"""The start of a service: settings or keys that are wrong end it with a line for each, instead of a traceback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from shared.errors import Misconfigured

EXIT_MISCONFIGURED = 2


@contextmanager
def misconfiguration_told(service: str) -> Iterator[None]:
    """Ends the process when its settings or keys are wrong; what they are is not repeated, since it may be a password."""
    try:
        yield
    except ValidationError as wrong:
        lines = [f"  {_variable(service, error)}{_what(error)}" for error in wrong.errors(include_input=False)]
        told = "\n".join([f"De instellingen van {service} kloppen niet:", *lines])
    except Misconfigured as wrong:
        told = f"De dienst {service} start niet: {wrong}"
    else:
        return
    print(told, file=sys.stderr)
    raise SystemExit(EXIT_MISCONFIGURED)


def _variable(service: str, error: object) -> str:
    where = error["loc"] if isinstance(error, dict) else ()
    return f"LEERPLEK_{service}_{'_'.join(map(str, where))}: ".upper() if where else ""


def _what(error: object) -> str:
    assert isinstance(error, dict)
    return "ontbreekt" if error["type"] == "missing" else str(error["msg"]).removeprefix("Value error, ")
