"""Value and bound over time as an SVG: a panel for each region, the same in words for who cannot see it."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import pairwise
from math import ceil, log

from bench.solver.methods import BY_DATE, BY_SCARCITY, CP_SAT, OURS
from bench.solver.table import named
from bench.solver.targets import Known
from bench.solver.trace import Trace

WIDTH, HEIGHT, ACROSS = 420, 300, 2
LEFT, TOP, RIGHT, BOTTOM = 62, 34, 14, 30
"""Margins of a panel."""
LEGEND, TITLE = 40, 44
FIRST_S = 0.05
STYLES = {
    OURS: ("#0b5394", ""),
    CP_SAT: ("#b45f06", "6 3"),
    BY_DATE: ("#777777", "2 3"),
    BY_SCARCITY: ("#38761d", "9 3 2 3"),
}
"""Colour and dashes of each method; the two never differ in colour alone."""
VALUE, BOUND = 2.2, 1.1
TICKS = (0.1, 1, 4, 20, 60, 120, 600)

Point = tuple[float, float]


def draw(known: Sequence[Known], last_s: float) -> str:
    """The picture, with its text alternative inside."""
    height = TITLE + HEIGHT * ceil(len(known) / ACROSS) + LEGEND
    width = WIDTH * ACROSS
    title = "Cost of the best plan and proven bound over time"
    panels = (_panel(one, last_s, _corner(number)) for number, one in enumerate(known))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
            ' role="img" aria-labelledby="title description" font-family="sans-serif" font-size="11">',
            f'<title id="title">{title}</title>',
            f'<desc id="description">{escape(" ".join(describe(one) for one in known))}</desc>',
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            f'<text x="12" y="24" font-size="15" fill="#222222">{title}, thousands of points, seconds of one core</text>',
            *(line for panel in panels for line in panel),
            *_legend(height),
            "</svg>\n",
        ]
    )


def describe(known: Known) -> str:
    """What the panel shows, in a few sentences."""
    parts = [f"{_title(known)}."]
    for name, trace in known.traces.items():
        if trace.chain is None:
            at = trace.last
            plan = "no plan" if at.value is None else f"{at.value / 1000:,.1f} with {at.unplaced} unplaced"
            bound = "" if at.bound is None else f", bound {at.bound / 1000:,.1f}"
            when = "" if trace.seconds is None else f" after {trace.seconds:.1f} s"
            parts.append(f"{name}{when}: {plan}{bound}.")
    return " ".join(parts)


def _corner(number: int) -> Point:
    return (WIDTH * (number % ACROSS), TITLE + HEIGHT * (number // ACROSS))


def _title(known: Known) -> str:
    return f"{named(known.case)}, {known.case.students:,} students"


def _panel(known: Known, last_s: float, corner: Point) -> Iterator[str]:
    x, y = corner[0] + LEFT, corner[1] + TOP
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    low, top = _range(known)
    across = _scale((FIRST_S, max(last_s, 2 * FIRST_S)), (x, x + wide))
    down = _scale((low, top), (y + high, y))
    yield f'<text x="{x}" y="{y - 10}" font-size="13" fill="#222222">{escape(_title(known))}</text>'
    yield f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" fill="none" stroke="#bbbbbb"/>'
    for tick in (one for one in TICKS if FIRST_S <= one <= last_s):
        yield f'<text x="{across(tick):.1f}" y="{y + high + 16}" text-anchor="middle" fill="#444444">{tick:g}</text>'
    for tick in (low * (top / low) ** (step / 4) for step in range(5)):
        at = down(tick)
        yield f'<line x1="{x}" y1="{at:.1f}" x2="{x + wide}" y2="{at:.1f}" stroke="#eeeeee"/>'
        yield f'<text x="{x - 5}" y="{at + 4:.1f}" text-anchor="end" fill="#444444">{_short(tick / 1000)}</text>'
    for name, (colour, dashes) in STYLES.items():
        if name in known.traces:
            for points, thick in ((_values(known.traces[name]), VALUE), (_bounds(known.traces[name]), BOUND)):
                path = _steps([(across(second), down(cost)) for second, cost in points], x + wide)
                if path:
                    yield f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{thick}" stroke-dasharray="{dashes}"/>'


def _short(number: float) -> str:
    """Three figures tell enough beside a line."""
    rounded = float(f"{number:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"


def _range(known: Known) -> Point:
    """From a little below our bound to a little above our first plan and the better greedy one."""
    ours = known.traces[OURS]
    plans = [float(sample.value) for sample in ours.samples if sample.value is not None and sample.seconds >= FIRST_S]
    greedy = [known.traces[one].last.value for one in (BY_DATE, BY_SCARCITY) if one in known.traces]
    better = min((float(one) for one in greedy if one is not None), default=1.0)
    least = min((*plans, better))
    return max(1.0, 0.95 * max(ours.last.bound or 0.0, 0.3 * least)), 1.1 * max(2.0, better, *plans[:1])


def _scale(range_: Point, onto: Point) -> Callable[[float], float]:
    """Logarithmic, and what lies outside at the edge."""
    (low, top), (start, end) = range_, onto

    def place(value: float) -> float:
        inside = min(max(value, low), top)
        return start + (end - start) * log(inside / low) / log(top / low)

    return place


def _values(trace: Trace) -> list[Point]:
    return [(one.seconds, float(one.value)) for one in trace.samples if one.value is not None]


def _bounds(trace: Trace) -> list[Point]:
    return [(one.seconds, one.bound) for one in trace.samples if one.bound]


def _steps(points: Sequence[Point], end: float) -> str:
    """What is known stays known until something better is."""
    if not points:
        return ""
    moves = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for before, (x, y) in pairwise(points):
        if (round(x, 1), round(y, 1)) != (round(before[0], 1), round(before[1], 1)):
            moves.append(f"H{x:.1f}V{y:.1f}")
    return "".join([*moves, f"H{end:.1f}"])


def _legend(height: int) -> Iterator[str]:
    at = height - LEGEND / 2
    for number, (name, (colour, dashes)) in enumerate(STYLES.items()):
        x = 14 + 190 * number
        yield f'<line x1="{x}" y1="{at}" x2="{x + 34}" y2="{at}" stroke="{colour}" stroke-width="{VALUE}" stroke-dasharray="{dashes}"/>'
        yield f'<text x="{x + 40}" y="{at + 4}" fill="#222222">{escape(name)}</text>'
    yield f'<text x="14" y="{at + 18}" fill="#444444">thick: the best plan; thin: no plan costs less; beyond the frame: at its edge</text>'
