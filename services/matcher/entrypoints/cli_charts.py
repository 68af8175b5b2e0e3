"""Files of charts: the ending of the name says whether it is drawn as SVG or as PNG."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from services.matcher.domain.reading import Problem
from services.matcher.entrypoints import cli_files
from services.matcher.entrypoints.charts import as_png
from services.matcher.entrypoints.cli_output import say

SVG, PNG = ".svg", ".png"
RENDERER = "vl_convert"


def check_charts(paths: Sequence[Path]) -> None:
    """Raise FileProblem before long work whose chart could not be written or drawn."""
    for path in paths:
        cli_files.check_writable(path)
        ending, expected = path.suffix.lower(), ""
        if ending not in (SVG, PNG):
            expected = f"a name that ends in {SVG} or {PNG}"
        elif ending == PNG and find_spec(RENDERER) is None:
            expected = f"a name that ends in {SVG}; vl-convert-python is not installed"
        if expected:
            raise cli_files.FileProblem(path, [Problem("", path.suffix or "no ending", expected)])


def write_charts(paths: Sequence[Path], draw: Callable[[], str]) -> None:
    """Draw the chart once and write each file, whole or not at all; raises FileProblem."""
    svg = draw() if paths else ""
    for path in paths:
        if path.suffix.lower() == PNG:
            cli_files.write_bytes(path, as_png(svg))
        else:
            cli_files.write_text(path, svg)


def tell_charts(paths: Sequence[Path]) -> None:
    """Say which files were written."""
    for path in paths:
        say(f"Geschreven: {path}")
