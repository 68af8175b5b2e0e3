"""How many examples a property gets: a few each time, and many where time does not matter (LEERPLEK_THOROUGH=1)."""

import os


def examples(few: int, many: int) -> int:
    """So many of a property whose every example takes a large part of a second."""
    return many if os.environ.get("LEERPLEK_THOROUGH", "0") not in ("", "0") else few
