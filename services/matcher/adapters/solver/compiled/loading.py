"""Imports the compiled code when a solve begins, with a cache that is never older than the code.

`python -m services.matcher.adapters.solver.compiled.loading` fills the cache, for an image or after an installation.
"""

import shutil
import sys
import tempfile
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib import import_module
from importlib.metadata import version
from os import environ
from pathlib import Path
from types import ModuleType

KERNELS = Path(__file__).parent / "kernels"
PROBE = ".writable"


@cache
def compiled() -> ModuleType:
    """The module of the search. The first call on a machine compiles it (NUMBA_CACHE_DIR says where it is kept)."""
    import numba  # half a second, and only solves need it

    folder = cache_folder()
    setattr(numba.config, "CACHE_DIR", "" if folder is None else str(folder))  # noqa: B010  # not among its annotations
    found = import_module("services.matcher.adapters.solver.compiled.kernels.anneal")
    if folder is not None:
        with suppress(OSError):
            (folder / _mark()).touch()
    return found


def is_ready() -> bool:
    """Whether the code was compiled before, so that it is there in a second; else its first use takes about ten."""
    if compiled.cache_info().currsize:
        return True
    folder = cache_folder()
    return folder is not None and (folder / _mark()).exists()


def _mark() -> str:
    """The name of a file that says that all was compiled here: numba keeps the code apart by where its source is and by version."""
    where = f"{KERNELS} {sys.version} {version('numba')}"
    return f".compiled-{blake2b(where.encode(), digest_size=8).hexdigest()}"


def cache_folder() -> Path | None:
    """Where compiled code is kept; None where nothing can be written, so that it is compiled at every start.

    The folder of NUMBA_CACHE_DIR, or else one named after the code itself: numba looks at a function's own file only,
    not at those that it calls. numba does not read from a folder that it may not write to, as in an image: what lies
    there is copied.
    """
    given = Path(environ["NUMBA_CACHE_DIR"]) if environ.get("NUMBA_CACHE_DIR") else None
    if given is not None and _is_writable(given):
        return given
    digest = blake2b(digest_size=8)
    for file in sorted(KERNELS.glob("*.py")):
        digest.update(file.read_bytes())
    for parent in _parents():
        folder = parent / "leerplek" / f"compiled-{digest.hexdigest()}"
        if given is not None and given.is_dir():
            _copy_once(given, folder)
        if _is_writable(folder):
            return folder
    return None


def _parents() -> list[Path]:
    try:
        home = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return [home, Path(tempfile.gettempdir())]
    except (OSError, RuntimeError):  # no folder for temporary files, no home
        return []


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PROBE).touch()
    except OSError:
        return False
    return True


def _copy_once(source: Path, folder: Path) -> None:
    """Whole or not at all: another process may be doing the same."""
    if folder.exists():
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            copy = Path(scratch) / folder.name
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns(PROBE))
            copy.rename(folder)
    except OSError:
        return  # nothing can be written here, or the other process was first


if __name__ == "__main__":
    compiled()
