"""The design system: Dutch dates and hours, templates that fail loudly, and colours that can be read."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi import Request
from jinja2 import UndefinedError

from shared.dutch import dutch_date, dutch_hours, dutch_moment, dutch_time
from shared.web.pages import STATIC, build_pages

STYLE = (STATIC / "leerplek.css").read_text()
READABLE = 4.5
VISIBLE = 3.0


def request(path: str = "/") -> Request:
    return Request({"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "state": {}})


@pytest.mark.parametrize(
    ("quarter_hours", "text"),
    [(0, "0 uur"), (1, "15 minuten"), (3, "45 minuten"), (4, "1 uur"), (6, "1 uur 30"), (81, "20 uur 15")],
)
def test_quarter_hours_are_shown_as_hours_and_minutes(quarter_hours: int, text: str) -> None:
    assert dutch_hours(quarter_hours) == text


def test_dates_and_moments_are_dutch_and_on_the_clock_of_amsterdam() -> None:
    late = datetime(2026, 8, 31, 22, 5, tzinfo=UTC)
    assert dutch_date(date(2026, 3, 1)) == "1 maart 2026"
    assert dutch_time(late) == "00:05"
    assert dutch_moment(late) == "1 september 2026 om 00:05"


def test_what_a_template_names_and_nobody_gave_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ missing }}")
    with pytest.raises(UndefinedError):
        build_pages([tmp_path]).render(request(), "page.html")


def test_what_is_shown_is_escaped_and_the_page_is_dutch() -> None:
    page = build_pages().render(
        request(), "problem.html", status=404, title="Kan & mag niet", detail="<script>x</script>"
    )
    html = bytes(page.body).decode()
    assert (page.status_code, page.headers["content-language"]) == (404, "nl")
    assert '<html lang="nl">' in html
    assert "<script>x" not in html
    assert "Kan &amp; mag niet · Leerplek" in html


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


LIGHT = tokens(STYLE.split("@media (prefers-color-scheme: dark)")[0])
DARK = {**LIGHT, **tokens(STYLE.split("@media (prefers-color-scheme: dark)")[1].split("\n}\n")[0])}


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


TEXTS = [
    *(
        (text, ground)
        for text in ("text", "muted", "accent", "accent-strong", "danger-text")
        for ground in ("bg", "surface")
    ),
    *((f"{kind}-text", f"{kind}-bg") for kind in ("ok", "info", "warn", "danger", "quiet")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("accent-strong", "accent-soft"),
    ("danger-bg", "danger-text"),
    ("on-band", "band"),
    ("band-muted", "band"),
    ("accent", "accent-soft"),
    ("text", "accent-soft"),
    ("muted", "accent-soft"),
]
SHAPES = [
    ("edge", "surface"),
    ("edge", "bg"),
    ("focus", "bg"),
    ("focus", "surface"),
    ("danger", "surface"),
    ("accent", "surface"),
    ("warn-edge", "surface"),
    ("on-band", "band"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"), [*((*each, READABLE) for each in TEXTS), *((*each, VISIBLE) for each in SHAPES)]
)
def test_every_colour_can_be_told_from_its_ground(scheme: str, text: str, ground: str, least: float) -> None:
    colours = LIGHT if scheme == "light" else DARK
    assert contrast(colours[text], colours[ground]) >= least


def test_the_style_sheet_uses_no_colour_that_is_no_token() -> None:
    components = STYLE.split("*, *::before, *::after")[1].split("@media print")[0]
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b", components)
    defined = set(re.findall(r"--([\w-]+):", STYLE))
    assert set(re.findall(r"var\(--([\w-]+)\)", STYLE)) <= defined
