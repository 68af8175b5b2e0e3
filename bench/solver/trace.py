"""What became of one solve: what was known when, in seconds of one core."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from time import process_time
from typing import Any

DONE = ("done", "proven")
"""How a trace ends that needed no more time."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What became known at a moment; None where nothing new did."""

    seconds: float
    value: int | None = None
    unplaced: int | None = None
    bound: float | None = None
    unplaced_bound: int | None = None
    memory_mb: float | None = None

    @property
    def gap(self) -> float | None:
        """As in a certificate; None without a plan or a bound."""
        if self.value is None or self.bound is None:
            return None
        return (self.value - self.bound) / max(1, self.value)

    @property
    def is_proven(self) -> bool:
        """No plan costs less."""
        return self.value is not None and self.bound is not None and self.bound >= self.value


Tell = Callable[[Sample], None]


@dataclass(frozen=True, slots=True)
class Case:
    """A region: its family, size and seed, and a digest of its file, so that figures of other regions are never mixed in."""

    family: str
    students: int
    seed: int
    digest: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One method on one region: its samples, how it ended, and when."""

    case: Case
    method: str
    samples: Sequence[Sample]
    ended: str
    seconds: float | None
    """None when it was killed, so that nobody knows."""
    loading_s: float = 0.0
    """What loading compiled code took before the clock began."""
    chain: dict[str, Any] | None = None
    """What the events came to, where the method answers events."""
    events: Sequence[dict[str, Any]] = field(default=())

    def at(self, seconds: float) -> Sample:
        """Everything that was known then."""
        known: dict[str, Any] = {}
        for sample in self.samples:
            if sample.seconds <= seconds:
                known |= {name: found for name, found in asdict(sample).items() if found is not None}
        return Sample(**{**known, "seconds": seconds})

    @property
    def last(self) -> Sample:
        """Everything that was known in the end."""
        return self.at(max((one.seconds for one in self.samples), default=0.0))

    def ran(self, seconds: float) -> bool:
        """It had so much time, or needed no more."""
        return self.seconds is not None and (self.ended in DONE or self.seconds >= seconds)


class Clock:
    """Seconds of one core since it began; tells the memory at each mark, and says when the last one has passed."""

    def __init__(self, marks: Sequence[float], tell: Tell, memory_mb: Callable[[], float]) -> None:
        """Begin now."""
        self._marks, self._last, self._tell, self._memory_mb = sorted(marks), max(marks), tell, memory_mb
        self._start = process_time()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return process_time() - self._start

    def is_over(self) -> bool:
        """The last mark has passed."""
        now = self.seconds
        while self._marks and now >= self._marks[0]:
            self._tell(Sample(self._marks.pop(0), memory_mb=self._memory_mb()))
        return now >= self._last


def sample_of(document: dict[str, Any]) -> Sample:
    """The sample that was written so."""
    known: dict[str, Any] = {one.name: document.get(one.name) for one in fields(Sample)}
    return Sample(**known)
