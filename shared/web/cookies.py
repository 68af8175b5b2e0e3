"""Cookies that only our own site reads, over an encrypted connection, in no script."""

from fastapi import Request
from fastapi.responses import Response


def own_cookie(request: Request, name: str) -> str:
    """What the browser keeps for us under this name; empty when nothing."""
    return request.cookies.get(f"__Host-{name}", "")


def keep(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Has the browser keep this; without `seconds` until it is closed."""
    response.set_cookie(f"__Host-{name}", value, seconds, path="/", secure=True, httponly=True, samesite="lax")


def forget(response: Response, name: str) -> None:
    """Has the browser forget it."""
    response.delete_cookie(f"__Host-{name}", path="/", secure=True, httponly=True, samesite="lax")
