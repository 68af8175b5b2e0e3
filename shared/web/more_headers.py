"""Headers that an answer gets beside its own, whoever makes it: they are noted with the request, and the edge adds them."""

from collections.abc import MutableMapping
from typing import Any

NOTED = "more_headers"


def more_headers(scope: MutableMapping[str, Any]) -> dict[str, str]:
    """What was noted for the answer to this request so far; whoever has a header for it puts it in."""
    noted: dict[str, str] = scope.setdefault("state", {}).setdefault(NOTED, {})
    return noted
