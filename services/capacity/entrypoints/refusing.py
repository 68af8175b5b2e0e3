"""Refuses whatever looks like a reason for an absence: dates say enough, and nothing about health is stored."""

from typing import Any

from fastapi import Request

from shared.security.refused import HEALTH_REFUSED, is_telling
from shared.web.api import RefusedContent


def check_no_reasons(body: Any) -> None:
    """Raises RefusedContent for a report with a field for a reason or a note."""
    if isinstance(body, dict):
        found = [(f"/{name}", HEALTH_REFUSED) for name in body if is_telling(name)]
        if found:
            raise RefusedContent(found)


async def refuse_reasons(request: Request) -> None:
    """A dependency for reports of absence, return and departure: a field for a reason or a note is refused as health data."""
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        return  # whoever reads the body says what is wrong with it
    check_no_reasons(body)
