"""Reads and writes the files of the command line: every problem of a file at once, and never half a file written."""

import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from services.matcher.adapters.collector import nothing_collected
from services.matcher.domain.documents import plan_from_document, region_from_document
from services.matcher.domain.plan import Plan
from services.matcher.domain.reading import Problem, RegionProblems
from services.matcher.domain.region import Region

T = TypeVar("T")
LONGEST_NUMBER = 18
"""Digits of a whole number; no number in a file has more, and reading thousands of them takes long."""
HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")


class FileProblem(Exception):
    """A file that cannot be used, with everything that is wrong with it."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        """Keep the path and the problems."""
        self.path, self.problems = path, tuple(problems)
        super().__init__(f"{path}: {len(problems)}")


def read_region(path: Path) -> Region:
    """The region of a file; raises FileProblem."""
    return read_with(path, region_from_document)


def read_plan(path: Path, region: Region) -> Plan:
    """The plan of a file, for this region; raises FileProblem."""
    return read_with(path, lambda document: plan_from_document(document, region))


def read_with(path: Path, read: Callable[[object], T]) -> T:
    """What a reader makes of the document in a file; raises FileProblem with all problems."""
    try:
        with nothing_collected():
            return read(read_document(path))
    except RegionProblems as found:
        raise FileProblem(path, list(found.problems)) from None
    except RecursionError:
        raise FileProblem(path, [Problem("", "…", "a file that is not nested this deep")]) from None


def read_document(path: Path) -> object:
    """The JSON document in a file; raises FileProblem."""
    text = read_text(path)
    marked: list[str] = []
    try:
        document = json.loads(
            text,
            object_pairs_hook=lambda pairs: _object(pairs, marked),
            parse_constant=lambda word: _mark(Odd(word), marked),
            parse_int=lambda digits: _whole(digits, marked),
            parse_float=lambda digits: _fraction(digits, marked),
        )
    except json.JSONDecodeError as wrong:
        where = f"line {wrong.lineno}, column {wrong.colno}"
        raise FileProblem(path, [Problem("", where, f"JSON ({wrong.msg})")]) from None
    except RecursionError:
        raise FileProblem(path, [Problem("", "…", "a file that is not nested this deep")]) from None
    problems = list(_odd(document, "")) if marked or HALF_CHARACTER.search(text) else []
    if problems:
        raise FileProblem(path, problems)
    return document


class Odd(str):
    """A number that JSON does not have, or that is too long."""

    __slots__ = ()


class Twice(dict[str, Any]):
    """An object in which these keys occur more than once."""

    keys_twice: tuple[str, ...] = ()


def _mark(value: T, marked: list[str]) -> T:
    marked.append("")
    return value


def _whole(digits: str, marked: list[str]) -> int | Odd:
    return int(digits) if len(digits) <= LONGEST_NUMBER else _mark(Odd(digits[:20] + "…"), marked)


def _fraction(digits: str, marked: list[str]) -> float | Odd:
    number = float(digits) if len(digits) <= 10 * LONGEST_NUMBER else math.inf
    return number if math.isfinite(number) else _mark(Odd(digits[:20]), marked)


def _object(pairs: list[tuple[str, Any]], marked: list[str]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    twice, seen = Twice(found), set[str]()
    twice.keys_twice = tuple(dict.fromkeys(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return _mark(twice, marked)


def _odd(value: object, path: str) -> Iterator[Problem]:
    """What JSON readers let pass and this one does not, with its path."""
    if isinstance(value, Odd):
        yield Problem(path, str(value), "a number of at most 18 digits")
    elif isinstance(value, str):
        if not _is_whole_text(value):
            yield Problem(path, ascii(value), "whole characters")
    elif isinstance(value, dict):
        for key in value.keys_twice if isinstance(value, Twice) else ():
            yield Problem(f"{path}.{key}" if path else key, key, "each key once")
        for key, one in value.items():
            if not _is_whole_text(key):
                yield Problem(path, ascii(key), "whole characters")
            yield from _odd(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _odd(one, f"{path}[{number}]")


def _is_whole_text(text: str) -> bool:
    return not any(0xD800 <= ord(letter) <= 0xDFFF for letter in text)


def read_text(path: Path) -> str:
    """The text of a UTF-8 file; raises FileProblem."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise FileProblem(path, [Problem("", "no file", "a file that exists")]) from None
    except IsADirectoryError:
        raise FileProblem(path, [Problem("", "a directory", "a file")]) from None
    except OSError as wrong:
        raise FileProblem(path, [Problem("", wrong.strerror or "error", "a file that can be read")]) from None
    if not raw.strip():
        raise FileProblem(path, [Problem("", "an empty file", "JSON")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise FileProblem(path, [Problem("", f"byte {wrong.start}", "UTF-8")]) from None


def check_writable(path: Path) -> None:
    """Raise FileProblem before long work whose result could not be written."""
    if path.is_dir():
        raise FileProblem(path, [Problem("", "a directory", "a file")])
    if not path.parent.is_dir():
        raise FileProblem(path, [Problem("", "no such directory", "a directory that exists")])
    if not os.access(path.parent, os.W_OK):
        raise FileProblem(path, [Problem("", "no permission", "a directory that can be written")])


def write_document(path: Path, document: object) -> None:
    """Write the whole file or nothing; raises FileProblem."""
    write_text(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write the whole file or nothing, as UTF-8; raises FileProblem."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write the whole file or nothing; raises FileProblem."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            umask = os.umask(0)
            os.umask(umask)
            Path(name).chmod(0o666 & ~umask)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as wrong:
        raise FileProblem(path, [Problem("", wrong.strerror or "error", "a file that can be written")]) from None
