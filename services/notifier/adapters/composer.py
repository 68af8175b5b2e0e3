"""Lays letters out as text and as HTML with Jinja; what a template lacks is an error, never an empty spot."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.notifier.domain.letters import Letter

TEMPLATES = Path(__file__).parent / "templates"


class JinjaComposer:
    """Text by hand and HTML from templates; both hold the same facts. `public_url` is where people find the pages."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url.rstrip("/")
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def text(self, letter: Letter, page: str) -> str:
        return self._render("mail.txt", letter, page)

    def html(self, letter: Letter, page: str) -> str:
        return self._render("mail.html", letter, page)

    def _render(self, name: str, letter: Letter, page: str) -> str:
        link = f"{self._public_url}/{page}"
        return self._environment.get_template(name).render(letter=letter, link=link, is_list=not page)
