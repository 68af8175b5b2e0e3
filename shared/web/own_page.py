"""Whether a form comes from a page of our own."""

from urllib.parse import urlsplit

from fastapi import HTTPException, Request


def require_own_page(request: Request) -> None:
    """Refuses a form that another site made the browser send."""
    fetched_from = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if fetched_from == "same-origin":
        return
    if fetched_from is None and origin is not None and urlsplit(origin).netloc == request.headers.get("host"):
        return
    raise HTTPException(403, "Dit formulier komt niet van deze site. Er is niets opgeslagen. Open de pagina opnieuw.")
