"""Forms of the portal: what was typed, what is wrong with it, and whether it came from our own page."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import parse_qsl, urlsplit

from fastapi import HTTPException, Request

from services.capacity.entrypoints.refusing import is_telling
from shared.security.refused import HEALTH_REFUSED
from shared.web.problems import REFUSED

KEY = "sleutel"
MAX_FIELDS = 20
FORM_TYPE = "application/x-www-form-urlencoded"
_DUTCH_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")


@dataclass(slots=True)
class Form:
    """One submitted form; `errors` by field, under "" what belongs to no field."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What makes a second click the same submission."""
        return self.values.get(KEY, "")

    def optional_date(self, name: str) -> date | None:
        """The date in this field; None when empty or wrong, and then `errors` says so."""
        text = self.values.get(name, "").strip()
        day = read_date(text) if text else None
        if text and day is None:
            self.errors[name] = "Vul een datum in die bestaat, bijvoorbeeld 24-11-2026."
        return day

    def needed_date(self, name: str) -> date | None:
        """The date in a field that must be filled in."""
        day = self.optional_date(name)
        if day is None and name not in self.errors:
            self.errors[name] = "Vul hier een datum in, bijvoorbeeld 24-11-2026."
        return day


async def read_form(request: Request, fields: Collection[str]) -> Form:
    """The form in a request; a field that our page does not have is refused, one for a reason with the text about health."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != FORM_TYPE:
        raise HTTPException(415, "Dit is geen formulier van Leerplek. Er is niets opgeslagen.")
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as problem:
        raise HTTPException(400, "Dit formulier is niet te lezen. Er is niets opgeslagen.") from problem
    for name, _ in pairs:
        if name != KEY and name not in fields:
            unknown = "Dit formulier heeft een veld dat wij niet kennen. Er is niets opgeslagen."
            raise HTTPException(400, REFUSED[HEALTH_REFUSED] if is_telling(name) else unknown)
    return Form(dict(pairs))


def require_own_page(request: Request) -> None:
    """Refuses a form that another site made the browser send."""
    fetched_from = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if fetched_from == "same-origin":
        return
    if fetched_from is None and origin is not None and urlsplit(origin).netloc == request.headers.get("host"):
        return
    raise HTTPException(403, "Dit formulier komt niet van deze site. Er is niets opgeslagen. Open de pagina opnieuw.")


def new_key() -> str:
    """A key for a form that is about to be shown."""
    return secrets.token_urlsafe(16)


def read_date(text: str) -> date | None:
    """2026-11-24, as browsers send it, or 24-11-2026, as people type it; None when it is no day."""
    dutch = _DUTCH_DATE.fullmatch(text)
    try:
        if dutch:
            day, month, year = (int(part) for part in dutch.groups())
            return date(year, month, day)
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None
