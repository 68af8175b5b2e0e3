"""A file that an institute sent: what is in it, how far it is, and what became of each row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.intake.domain.access import Who
from services.intake.domain.columns import COLUMNS, TOLD, ImportKind, Layout


class ImportStatus(StrEnum):
    """Arriving, waiting for its turn, being worked off, or done."""

    RECEIVING = "receiving"
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"


class Verdict(StrEnum):
    """What became of a row."""

    REGISTERED = "registered"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"
    REPORTED = "reported"
    REFUSED = "refused"


DOUBTED, CLEARED = "doubted", "cleared"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row as it was sent; `wrong` is (column, what is wrong) known on arrival."""

    line: int
    cells: tuple[str, ...]
    wrong: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What became of one row, about which student; `wrong` is (column, what is wrong), in Dutch, `doubt` what to look at once more.

    `cleared` is how many empty cells made empty what was known.
    """

    line: int
    verdict: Verdict
    student: str | None = None
    wrong: tuple[tuple[str, str], ...] = ()
    doubt: tuple[str, str] | None = None
    cleared: int = 0


@dataclass(frozen=True, slots=True)
class Import:
    """A file; `columns` are the names of its columns in order, `region` the one of rows that name none."""

    id: str
    who: Who
    kind: ImportKind
    region: str | None
    columns: tuple[str, ...]
    separator: str
    status: ImportStatus
    created_at: datetime
    rows: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    finished_at: datetime | None = None

    @property
    def layout(self) -> Layout:
        """Which column stands where."""
        by_name = {each.name: each for each in (*COLUMNS[self.kind], TOLD)}
        return Layout(self.kind, tuple(by_name[name] for name in self.columns))

    @property
    def done(self) -> int:
        """How many rows have their verdict."""
        return sum(self.counts.get(each.value, 0) for each in Verdict)

    @property
    def doubted(self) -> int:
        """How many rows were kept, and have something to look at once more."""
        return self.counts.get(DOUBTED, 0)

    @property
    def cleared(self) -> int:
        """How many empty cells made empty what was known."""
        return self.counts.get(CLEARED, 0)


def counted(counts: Mapping[str, int], verdicts: Sequence[RowVerdict]) -> dict[str, int]:
    """The counts of verdicts with these added, and of doubts and what was cleared beside them."""
    doubts = sum(each.doubt is not None for each in verdicts)
    beside = Counter({DOUBTED: doubts, CLEARED: sum(each.cleared for each in verdicts)})
    return dict(Counter(counts) + Counter(each.verdict.value for each in verdicts) + beside)
