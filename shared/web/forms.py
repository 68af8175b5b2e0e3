"""Forms on pages: what was typed, what is wrong with it, and whether it came from our own page."""

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

from shared.dutch import read_hours
from shared.errors import VersionChanged
from shared.security.refused import BSN_REFUSED, HEALTH_REFUSED, holds_bsn, is_telling
from shared.slug import slug_of
from shared.web.own_page import require_own_page
from shared.web.problems import REFUSED

KEY = "sleutel"
VERSION = "versie"
MAX_FIELDS = 1_000
FORM_TYPE = "application/x-www-form-urlencoded"
FILE_TYPE = "multipart/form-data"
INCOMPLETE = "Dit formulier is onvolledig. Verstuur het nog een keer."
SENT_BEFORE = "Dit formulier was al verstuurd, met andere gegevens. Kijk of het klopt en verstuur het nog een keer."
CHANGED_MEANWHILE = "Iemand anders wijzigde dit terwijl u bezig was. Kijk hoe het er nu staat. Klopt wat u invulde nog? Verstuur het dan nog een keer."
_DUTCH_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")


@dataclass(slots=True)
class Form:
    """One submitted form; `errors` by field, under "" what belongs to no field. `file` is what was sent with it."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    file: bytes = b""

    @property
    def key(self) -> str:
        """What makes a second click the same submission."""
        return self.values.get(KEY, "")

    @property
    def version(self) -> int | None:
        """The version that it was filled in on; None where it has none."""
        text = self.values.get(VERSION, "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None

    def next_version(self, held: int) -> int:
        """What the form is shown on once more: the version that it was filled in on, until its reader was told of a newer one."""
        shown = self.version
        return held if shown is None or CHANGED_MEANWHILE in self.errors.values() else shown

    def text(self, name: str) -> str:
        """What was typed, without the spaces around it."""
        return self.values.get(name, "").strip()

    def is_on(self, name: str) -> bool:
        """Whether a box was ticked."""
        return name in self.values

    def optional_date(self, name: str) -> date | None:
        """The date in this field; None when empty or wrong, and then `errors` says so."""
        text = self.text(name)
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

    def quarter_hours(self, name: str) -> int:
        """Hours a week as quarter hours; empty is none."""
        found = read_hours(self.text(name))
        if found is None:
            self.errors[name] = "Vul uren in per kwartier, bijvoorbeeld 1,5 of 0,25."
        return found or 0

    def number(self, name: str, most: int) -> int | None:
        """A whole number from 0; None when empty or wrong."""
        text = self.text(name)
        if not text:
            return None
        if not text.isascii() or not text.isdecimal() or len(text) > len(str(most)) or int(text) > most:
            self.errors[name] = f"Vul een heel getal in van 0 tot en met {most}."
            return None
        return int(text)

    def slugs(self, name: str) -> tuple[str, ...]:
        """Words of the region's lists, with commas between them."""
        return tuple(dict.fromkeys(filter(None, (slug_of(each) for each in self.text(name).split(",")))))


class Seen:
    """The version that a form was filled in on: when somebody else changed it since, that is said instead of overwritten.

    What comes down to the same is no conflict: two people who report one absence are both right.
    """

    def __init__(self, form: Form) -> None:
        self._seen = form.version
        self._held = 0

    def __call__(self, sequence: int) -> None:
        """As BasedOn; whether it matters is known when the change is made."""
        self._held = sequence

    def settle(self, sequence: int) -> None:
        """Raises VersionChanged when something was changed now that somebody else had changed since the form was shown."""
        if self._seen is not None and self._seen != self._held and sequence != self._held:
            raise VersionChanged("intussen-gewijzigd", CHANGED_MEANWHILE)


def changed_meanwhile(what: str, when: str, by: str, differences: str = "") -> str:
    """Who was first, when and with what, for who is second and has what they typed still before them."""
    more = f"{differences}. " if differences else ""
    told = f"Dit is veranderd terwijl u bezig was: {what}, op {when}, {by}. {more}"
    return told + "Wat u invulde staat er nog. Klopt het zo? Verstuur het dan nog een keer."


def only_touched(typed: Mapping[str, str], shown: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """What a form shows after somebody else was first: what was typed, and where nothing was touched how it is now."""
    names = {*typed, *shown, *now}
    values = {each: (now if typed.get(each, "") == shown.get(each, "") else typed).get(each, "") for each in names}
    return {each: value for each, value in values.items() if value}


async def own_form(request: Request, fields: Collection[str], prefixes: tuple[str, ...] = ()) -> Form:
    """A form of our own page with these fields, and fields that begin with one of the prefixes; anything else is refused.

    A field for a reason is refused with the text about health, and so is a citizen service number in any field.
    """
    require_own_page(request)
    form = await _read(request)
    for name, value in form.values.items():
        if name not in (KEY, VERSION) and name not in fields and not name.startswith(prefixes or ("\0",)):
            unknown = "Dit formulier heeft een veld dat wij niet kennen. Er is niets opgeslagen."
            raise HTTPException(400, REFUSED[HEALTH_REFUSED] if is_telling(name) else unknown)
        if "\0" in value:
            raise HTTPException(400, "Dit formulier bevat een teken dat niet mag. Er is niets opgeslagen.")
        if name != KEY and holds_bsn(value):
            form.values[name] = ""
            form.errors[name] = REFUSED[BSN_REFUSED]
    if not form.key:
        form.errors[""] = INCOMPLETE
    return form


async def _read(request: Request) -> Form:
    kind = request.headers.get("content-type", "")
    body = await request.body()
    match kind.partition(";")[0].strip():
        case "application/x-www-form-urlencoded":
            try:
                pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
            except ValueError as problem:
                raise HTTPException(400, "Dit formulier is niet te lezen. Er is niets opgeslagen.") from problem
            return Form(dict(pairs))
        case "multipart/form-data":
            return _with_file(kind, body)
        case _:
            raise HTTPException(415, "Dit is geen formulier van Leerplek. Er is niets opgeslagen.")


def _with_file(kind: str, body: bytes) -> Form:
    """The fields of a form and the one file in it."""
    form = Form({})
    boundary = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode("latin-1")).get_boundary("")
    for part in body.split(b"--" + boundary.encode("latin-1"))[1:-1] if boundary else ():
        head, _, content = part.partition(b"\r\n\r\n")
        told = BytesParser(policy=HTTP).parsebytes(head.strip(), headersonly=True)
        name, content = told.get_param("name", header="content-disposition"), content.removesuffix(b"\r\n")
        if told.get_filename() is not None:
            form.file = content
        elif isinstance(name, str):
            form.values[name] = content.decode("utf-8", "replace")
    return form


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
