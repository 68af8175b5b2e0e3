"""Tells of a bug where it is, without its message: that may quote somebody's name or address."""

import traceback
from pathlib import Path

LAST = 4


def bug_places(bug: BaseException) -> str:
    """The kind of error and the innermost places it came through: `ValueError at letters.py:88 _line < dispatching.py:61 dispatch`."""
    frames = traceback.extract_tb(bug.__traceback__)[-LAST:]
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)]
    return f"{type(bug).__name__} at {' < '.join(places)}"
