"""Lays letters out as text and as HTML with Jinja; what a template lacks is an error, never an empty spot."""

import base64
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.notifier.adapters.charts import draw
from services.notifier.adapters.invitations import write_invitations
from services.notifier.domain.doors import Behind, Door, Part
from services.notifier.domain.letters import Letter
from services.notifier.domain.letters.shape import Chart
from services.notifier.domain.links import LinkPurpose, mark_link
from services.notifier.domain.phrases import PHRASES

TEMPLATES = Path(__file__).parent / "templates"
MOST_BYTES = 95_000
"""Gmail cuts off what is over about 102 kB; the rest is for the sentences and links that are filled in later."""
ALL_ALERTS = "meldingen"
"""The page with the list of all alerts."""


class JinjaComposer:
    """Text by hand and HTML from templates; both hold the same facts.

    `public_url` is where people find our pages, `portal_url` where they find those of schools ("": nobody told, and no mail leads
    there), which leads to those of institutes where it `has_institutes`.
    """

    def __init__(self, public_url: str, portal_url: str = "", *, has_institutes: bool = False) -> None:
        self._public_url, self._portal_url = public_url.rstrip("/"), portal_url.rstrip("/")
        self._has_institutes = has_institutes
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self._environment.globals.update(picture=_picture, address=self._address, behind=self._behind)
        self._inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True)

    def compose(self, letter: Letter, page: str) -> tuple[str, str]:
        """Text and HTML of a letter; what would make it too long is counted instead of told."""
        while True:
            html = self._inliner.inline(self._render("mail.html", letter, page))
            if _size(html) <= MOST_BYTES or not letter.told:
                return self._render("mail.txt", letter, page), html
            letter = letter.shortened()

    def invite(self, letter: Letter, written_at: datetime) -> str:
        """The meetings of a letter as an iCalendar file."""
        return write_invitations(letter.meetings, urlsplit(self._public_url).hostname or "leerplek", written_at)

    def _address(self, door: Door | None) -> str:
        """Where a door is; empty where there is none, or nobody told where its part of Leerplek is."""
        match self._leading(door):
            case Door(part=Part.MESSAGES, path=path):
                return f"{self._public_url}{path}"
            case Door(part=Part.PORTAL, path=path) if self._portal_url:
                return f"{self._portal_url}{path}"
            case Door(part=Part.INSTITUTES, path=path) if self._portal_url:
                return f"{self._portal_url}/naar/opleidingen?naar={quote(path, safe='/')}"
            case _:
                return ""

    def _behind(self, door: Door | None) -> Behind | None:
        """What one finds there."""
        leading = self._leading(door)
        return leading.behind if leading is not None else None

    def _leading(self, door: Door | None) -> Door | None:
        """The door itself, or the other one where there are no pages behind it."""
        is_closed = (
            bool(self._portal_url) and not self._has_institutes and door is not None and door.part is Part.INSTITUTES
        )
        return door.otherwise if door is not None and is_closed else door

    def _render(self, name: str, letter: Letter, page: str) -> str:
        return self._environment.get_template(name).render(
            letter=letter,
            words=PHRASES[letter.language].framing,
            see_table=PHRASES[letter.language].weekly.see_table,
            link=f"{self._public_url}/{page or ALL_ALERTS}",
            is_list=not page,
            answer=mark_link(LinkPurpose.ANSWER),
            calmer=mark_link(LinkPurpose.UNSUBSCRIBE),
        )


def _picture(chart: Chart) -> str:
    """A chart as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(draw(chart)).decode()}"


def _size(html: str) -> int:
    """Of the HTML without its pictures, which travel beside it."""
    pictures = sum(len(each.partition('"')[0]) for each in html.split("data:image/png;base64,")[1:])
    return len(html.encode()) - pictures
