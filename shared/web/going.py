"""Where a browser goes: to sign in when it must, and back to where it was, never to another site."""

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse

from shared.errors import NotSignedIn


def safe_path(path: str) -> str:
    """A path of our own to go to; anything that could lead elsewhere becomes the home page."""
    is_ours = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if is_ours and len(path) <= 500 and not path.startswith(("/aanmelden", "/afmelden")) else "/"


def sign_in_page(request: Request, missing: NotSignedIn) -> RedirectResponse | None:
    """Where a browser goes that asked for a page without being signed in; None for a form, which would be lost on the way."""
    if request.method != "GET" or request.url.path.startswith("/aanmelden") or missing.code == "link-verlopen":
        return None
    asked = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    return RedirectResponse(f"/aanmelden?naar={quote(asked, safe='')}", 303)
