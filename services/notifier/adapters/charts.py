"""Draws charts as PNG, without a browser or a network: Vega-Lite, with the fonts that vl-convert brings."""

from functools import lru_cache
from typing import Any

import vl_convert

from services.notifier.domain.letters.shape import Chart

WIDTH, SCALE = 340, 2
"""In CSS pixels: as wide as a phone shows, so that words in it are never made smaller; drawn twice as fine."""
ROW, COLUMNS_HEIGHT = 30, 150
PAPER, INK, SOFT, BAR = "#ffffff", "#1b2421", "#4c5a54", "#0b5c4b"
"""A picture cannot follow the reader's theme, so it brings its own paper; 12.9, 7.3 and 8.0 to 1 on it."""
LONGEST = 36


@lru_cache(maxsize=64)
def draw(chart: Chart) -> bytes:
    """The chart as PNG: bars from long to short, or a column for each day. All who read of a region read the same one."""
    png: bytes = vl_convert.vegalite_to_png(_spec(chart), scale=SCALE)
    return png


def _spec(chart: Chart) -> dict[str, Any]:
    label, value = "label", "value"
    shown = _first_word if chart.is_series else _shorter
    values = [{label: shown(name), value: count, "place": place} for place, (name, count) in enumerate(chart.rows)]
    named = {"field": label, "type": "nominal", "sort": {"field": "place"}, "title": None}
    counted = {"field": value, "type": "quantitative", "axis": None, "scale": {"domainMin": 0}}
    x, y = (named, counted) if chart.is_series else (counted, named)
    beside = {"baseline": "bottom", "dy": -4} if chart.is_series else {"align": "left", "dx": 5}
    size: dict[str, Any] = {"height": COLUMNS_HEIGHT} if chart.is_series else {"height": {"step": ROW}}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        **size,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "background": PAPER,
        "padding": 12,
        "data": {"values": values},
        "encoding": {"x": x, "y": y},
        "layer": [
            {"mark": {"type": "bar", "color": BAR, "cornerRadiusEnd": 3, "height": 18} if not chart.is_series else {"type": "bar", "color": BAR, "cornerRadiusEnd": 3}},
            {
                "mark": {"type": "text", "color": INK, "fontSize": 14, "fontWeight": "bold", **beside},
                "encoding": {"text": {"field": value, "type": "quantitative"}},
            },
        ],
        "config": {
            "font": "Liberation Sans, Arial, sans-serif",
            "view": {"stroke": None},
            "axis": {
                "labelColor": INK, "labelFontSize": 13, "labelLimit": 240, "labelAngle": 0, "ticks": False,
                "domainColor": SOFT, "grid": False, "labelPadding": 6,
            },
        },
    }  # fmt: skip


def _first_word(name: str) -> str:
    """Of a day its name: there is no room for more below a column."""
    return name.partition(" ")[0]


def _shorter(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
