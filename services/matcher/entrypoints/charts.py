"""Draws a bar chart as SVG, with the same numbers as text for who cannot see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LABEL, NUMBER, ROW, HEAD = 960, 300, 230, 28, 56
BAR = "#1f5fa8"
"""On white a contrast of 6.4 to 1."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, how long it is, and what stands behind it."""

    label: str
    value: float
    shown: str


def bars_svg(title: str, subtitle: str, bars: Sequence[Bar]) -> str:
    """A horizontal bar for each, in the given order; values below nothing are drawn as nothing."""
    most = max([bar.value for bar in bars if bar.value > 0], default=1.0)
    height = HEAD + ROW * len(bars) + 12
    told = "; ".join(f"{bar.label}: {bar.shown}" for bar in bars)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="14">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(told)}</desc>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="24" font-size="17" font-weight="bold">{escape(title)}</text>',
        f'<text x="12" y="44" fill="#444444">{escape(subtitle)}</text>',
    ]
    for number, bar in enumerate(bars):
        top = HEAD + ROW * number
        width = (WIDTH - LABEL - NUMBER) * max(0.0, bar.value) / most
        lines += [
            f'<text x="{LABEL - 8}" y="{top + 18}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect x="{LABEL}" y="{top + 4}" width="{width:.1f}" height="{ROW - 8}" fill="{BAR}"/>',
            f'<text x="{LABEL + width + 8:.1f}" y="{top + 18}">{escape(bar.shown)}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])
