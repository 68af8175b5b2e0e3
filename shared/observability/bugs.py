"""Tells of a bug once, and where it is without its message: that may quote somebody's name or address."""

import traceback
from pathlib import Path

LAST = 4
_TOLD = "told in the log"


def bug_places(bug: BaseException) -> str:
    """The kind of error and the innermost places it came through: `ValueError at letters.py:88 _line < dispatching.py:61 dispatch`."""
    frames = traceback.extract_tb(bug.__traceback__)[-LAST:]
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)]
    return f"{type(bug).__name__} at {' < '.join(places)}"


def is_news(bug: BaseException) -> bool:
    """True the first time that it is asked of a bug: on its way out it passes more than one who would tell of it."""
    if _TOLD in getattr(bug, "__notes__", ()):
        return False
    bug.add_note(_TOLD)
    return True
