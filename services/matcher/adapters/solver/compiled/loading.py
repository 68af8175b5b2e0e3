"""Imports the compiled code when a solve begins, with a cache that is never older than the code.

`python -m services.matcher.adapters.solver.compiled.loading` fills the cache, for an image or after an installation.
"""

import tempfile
from functools import cache
from hashlib import blake2b
from importlib import import_module
from os import environ
from pathlib import Path
from types import ModuleType

KERNELS = Path(__file__).parent / "kernels"


@cache
def compiled() -> ModuleType:
    """The module of the search. The first call on a machine compiles it (NUMBA_CACHE_DIR says where it is kept)."""
    import numba  # half a second, and only solves need it

    if not environ.get("NUMBA_CACHE_DIR"):
        setattr(numba.config, "CACHE_DIR", str(cache_folder()))  # noqa: B010  # not among numba's annotations
    return import_module("services.matcher.adapters.solver.compiled.kernels.anneal")


def cache_folder() -> Path:
    """A folder named after the code itself: numba looks at a function's own file only, not at those that it calls."""
    digest = blake2b(digest_size=8)
    for file in sorted(KERNELS.glob("*.py")):
        digest.update(file.read_bytes())
    home = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for parent in (home, Path(tempfile.gettempdir())):
        folder = parent / "leerplek" / f"compiled-{digest.hexdigest()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ".writable").touch()
        except OSError:
            continue
        return folder
    raise OSError("neither the home nor the temporary folder can be written")


if __name__ == "__main__":
    compiled()
