"""Draws charts as SVG, with the same numbers as text for who cannot see them, and turns these into PNG."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LABEL, NUMBER, ROW, HEAD, FOOT = 960, 300, 230, 28, 56, 12
WIDE_LABEL, CHANGE, PAIR, GROUP, THIN = 360, 110, 34, 34, 12
"""In a chart of pairs labels are longer, what changed stands at the right, and each pair is two thin bars."""
BAR, WAS, SOFT = "#1f5fa8", "#8a8a8a", "#444444"
"""On white contrasts of 6.4, 3.5 and 9.7 to 1; words are never in the second."""
SCALE = 2
"""A PNG has so many dots to a pixel, so that it is sharp in print too."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, how long it is, and what stands behind it."""

    label: str
    value: float
    shown: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure before and after, with what it says in words; `whole` is how much a bar of full length is (0: the longer one)."""

    label: str
    before: float
    after: float
    words: tuple[str, str]
    change: str = ""
    whole: float = 0.0


def bars_svg(title: str, subtitle: str, bars: Sequence[Bar]) -> str:
    """A horizontal bar for each, in the given order; values below nothing are drawn as nothing."""
    most = max([bar.value for bar in bars if bar.value > 0], default=1.0)
    told = "; ".join(f"{bar.label}: {bar.shown}" for bar in bars)
    lines: list[str] = []
    for number, bar in enumerate(bars):
        top = HEAD + ROW * number
        width = (WIDTH - LABEL - NUMBER) * max(0.0, bar.value) / most
        lines += [
            _text(LABEL - 8, top + 18, bar.label, 'text-anchor="end"'),
            _rect((LABEL, top + 4), (width, ROW - 8), BAR),
            _text(LABEL + width + 8, top + 18, bar.shown),
        ]
    return _svg((title, subtitle, told), HEAD + ROW * len(bars) + FOOT, lines)


def pairs_svg(title: str, words: tuple[str, str], groups: Sequence[tuple[str, Sequence[Pair]]]) -> str:
    """Two bars for each figure, grouped; `words` say what stands for before and after."""
    told = "; ".join(
        f"{pair.label}: {words[0]} {pair.words[0]}, {words[1]} {pair.words[1]}" for _, pairs in groups for pair in pairs
    )
    lines, top = [*_legend(words)], HEAD
    for name, pairs in groups:
        lines.append(_text(12, top + 22, name, 'font-weight="bold"'))
        top += GROUP
        for pair in pairs:
            lines += _pair(top, pair)
            top += PAIR
    subtitle = "Elk cijfer heeft zijn eigen schaal; een percentage loopt tot 100 %"
    return _svg((title, subtitle, told), top + FOOT, lines)


def as_png(svg: str) -> bytes:
    """The chart as PNG, with fonts that the library brings; raises ImportError where it is not installed."""
    import vl_convert  # large, and only for this

    png: bytes = vl_convert.svg_to_png(svg, scale=SCALE)
    return png


def _pair(top: int, pair: Pair) -> Iterator[str]:
    whole, room = pair.whole or max(pair.before, pair.after), WIDTH - WIDE_LABEL - CHANGE - 70
    yield _text(WIDE_LABEL - 8, top + 18, pair.label, 'text-anchor="end" font-size="13"')
    for number, (value, shown) in enumerate(zip((pair.before, pair.after), pair.words, strict=True)):
        at, width = top + 2 + number * (THIN + 2), room * min(1.0, max(0.0, value) / whole) if whole > 0 else 0.0
        yield _rect((WIDE_LABEL, at), (width, THIN), (WAS, BAR)[number])
        yield _text(WIDE_LABEL + width + 6, at + THIN - 1, shown, 'font-size="12"')
    if pair.change:
        yield _text(WIDTH - 12, top + 18, pair.change, 'text-anchor="end" font-size="13" font-weight="bold"')


def _legend(words: tuple[str, str]) -> Iterator[str]:
    for number, word in enumerate(words):
        left = WIDTH - 220 + 110 * number
        yield _rect((left, 34), (THIN, THIN), (WAS, BAR)[number])
        yield _text(left + THIN + 6, 44, word, 'font-size="13"')


def _svg(words: tuple[str, str, str], height: int, lines: Sequence[str]) -> str:
    title, subtitle, told = words
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="14">',
        f'<title id="title">{_safe(title)}</title>',
        f'<desc id="desc">{_safe(told)}</desc>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(12, 24, title, 'font-size="17" font-weight="bold"'),
        _text(12, 44, subtitle, f'fill="{SOFT}"'),
    ]
    return "\n".join([*head, *lines, "</svg>", ""])


def _text(left: float, base: float, words: str, more: str = "") -> str:
    return f'<text x="{left:.1f}" y="{base}" {more}>{_safe(words)}</text>'


def _safe(words: str) -> str:
    """Words as XML has them: without control characters, which it cannot hold at all."""
    return escape("".join(one for one in words if one.isprintable()))


def _rect(at: tuple[float, float], size: tuple[float, float], colour: str) -> str:
    return f'<rect x="{at[0]}" y="{at[1]}" width="{size[0]:.1f}" height="{size[1]}" fill="{colour}"/>'
