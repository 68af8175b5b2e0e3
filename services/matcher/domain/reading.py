"""Reads a JSON document field by field and collects every problem instead of stopping at the first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from typing import TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
LARGEST = 10**9


class Absent(Enum):
    """What stands where a field is missing; itself after travelling between processes."""

    FIELD = "nothing"


MISSING = Absent.FIELD


@dataclass(frozen=True, slots=True)
class Problem:
    """One field that is not as it should be."""

    path: str
    value: object
    expected: str

    def __str__(self) -> str:
        """The path, what is there, and what was expected."""
        shown = "nothing" if self.value is MISSING else repr(self.value)
        return f"{self.path}: found {shown[:80]}, expected {self.expected}"


class RegionProblems(ValueError):
    """All problems of one document, in reading order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems; the message lists each of them on a line."""
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type["RegionProblems"], tuple[tuple[Problem, ...]]]:
        """Travels between processes with its problems."""
        return RegionProblems, (self.problems,)


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a document and where it stands. A reader of a wrong value notes it and returns a placeholder."""

    value: object
    path: str
    problems: list[Problem]

    def refuse(self, expected: str) -> None:
        """Note that this value is not what was expected; what was missing is noted once."""
        if self.value is not MISSING:
            self.problems.append(Problem(self.path, self.value, expected))

    def text(self) -> str:
        """A text that is not empty."""
        if isinstance(self.value, str) and self.value:
            return self.value
        self.refuse("a text")
        return ""

    def flag(self) -> bool:
        """True or false."""
        if isinstance(self.value, bool):
            return self.value
        self.refuse("true or false")
        return False

    def integer(self, low: int = 0, high: int = LARGEST) -> int:
        """A whole number within a range."""
        if isinstance(self.value, int) and not isinstance(self.value, bool) and low <= self.value <= high:
            return self.value
        self.refuse(f"a whole number from {low} to {high}")
        return low

    def decimal(self, low: int = 0, high: int = LARGEST) -> Decimal:
        """A number within a range, as the decimals that were written."""
        value = self.value
        if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            exact = Decimal(str(value))
            if exact.is_finite() and low <= exact <= high:
                return exact
        self.refuse(f"a number from {low} to {high}")
        return Decimal(low)

    def degrees(self, limit: int) -> float:
        """A latitude or longitude."""
        return float(self.decimal(-limit, limit))

    def day(self) -> date:
        """An ISO date."""
        if isinstance(self.value, str) and len(self.value) == len("2026-06-01"):
            try:
                return date.fromisoformat(self.value)
            except ValueError:
                pass
        self.refuse("a date such as 2026-06-01")
        return date.min

    def one_of(self, kinds: type[E]) -> E:
        """A word of a closed list."""
        for kind in kinds:
            if self.value == kind.value:
                return kind
        self.refuse("one of " + ", ".join(kinds))
        return next(iter(kinds))

    def word(self, words: Sequence[str]) -> str:
        """A word of a closed list that has no type of its own."""
        if isinstance(self.value, str) and self.value in words:
            return self.value
        self.refuse("one of " + ", ".join(words))
        return words[0]

    def items(self, least: int = 0) -> list["Node"]:
        """The members of a list."""
        if isinstance(self.value, list) and len(self.value) >= least:
            return [Node(item, f"{self.path}[{number}]", self.problems) for number, item in enumerate(self.value)]
        self.refuse("a list" if not least else f"a list of at least {least}")
        return []

    def each(self, read: Callable[["Node"], T], least: int = 0) -> tuple[T, ...]:
        """The members of a list, each read the same way."""
        return tuple(read(item) for item in self.items(least))

    def table(self, read: Callable[["Node"], T]) -> dict[str, T]:
        """A mapping from ids to values that are read the same way."""
        if isinstance(self.value, dict):
            return {str(key): read(Node(item, f"{self.path}.{key}", self.problems)) for key, item in self.value.items()}
        self.refuse("an object")
        return {}

    def fields(self) -> "Fields":
        """The named fields of an object."""
        if isinstance(self.value, dict):
            return Fields(self, dict(self.value))
        self.refuse("an object")
        return Fields(self, None)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one object; whoever reads it closes it, and what nobody asked for is refused."""

    node: Node
    left: dict[str, object] | None

    def required(self, name: str, read: Callable[[Node], T]) -> T:
        """A field that must be there."""
        path = f"{self.node.path}.{name}" if self.node.path else name
        if self.left is None:
            return read(Node(MISSING, path, self.node.problems))
        value = self.left.pop(name, MISSING)
        if value is MISSING:
            self.node.problems.append(Problem(path, MISSING, "this field"))
        return read(Node(value, path, self.node.problems))

    def optional(self, name: str, read: Callable[[Node], T], default: T) -> T:
        """A field with a default."""
        if self.left is None or name not in self.left:
            return default
        return self.required(name, read)

    def many(self, name: str, read: Callable[[Node], T]) -> tuple[T, ...]:
        """A list that may be left out."""
        nothing: tuple[T, ...] = ()
        return self.optional(name, lambda node: node.each(read), nothing)

    def nullable(self, name: str, read: Callable[[Node], T], default: T | None = None) -> T | None:
        """A field that may be null."""
        if self.left is not None and self.left.get(name, MISSING) is None:
            del self.left[name]
            return None
        return self.optional(name, read, default)

    def close(self) -> None:
        """Refuse the fields that nobody asked for."""
        prefix = f"{self.node.path}." if self.node.path else ""
        for name, value in (self.left or {}).items():
            self.node.problems.append(Problem(f"{prefix}{name}", value, "no field of this name"))


def texts(node: Node) -> tuple[str, ...]:
    """A list of texts."""
    return node.each(Node.text)


def read_all(document: object, read: Callable[[Node], T]) -> T:
    """Read a whole document, or raise RegionProblems with everything that is wrong with it."""
    problems: list[Problem] = []
    result = read(Node(document, "", problems))
    if problems:
        raise RegionProblems(problems)
    return result
