"""`python -m bench.solver.child JOB`: one method on one region file, each sample a line of JSON; a process of its own."""

import json
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Lock
from time import process_time
from typing import Any

from bench.answering import WAYS
from bench.chain import play
from bench.changes import ahead
from bench.solver.methods import METHODS, OURS
from bench.solver.trace import Clock, Sample
from services.matcher.adapters.solver.compiled.loading import compiled
from services.matcher.domain.documents import plan_from_document, plan_to_document, region_from_document
from services.matcher.domain.region import Region

MEGA = 1024 * 1024
LINES = Lock()
SPARE_S = 60.0
"""Seconds beyond twice the last mark, for starting and for what cannot be stopped at once; then the process is ended."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a process is to do: with which region file, until when, within how much memory."""

    method: str
    region: str
    marks: Sequence[float]
    memory_mb: int
    plan: str
    """Where our own plan is written, and from where events start."""
    events: int = 0


def main(argument: str) -> None:
    """Do the job and tell the end."""
    job = Job(**json.loads(argument))
    _limit(job)
    try:
        region = region_from_document(_read(job.region))
        if job.method in WAYS:
            _answer_events(job, region)
        else:
            _solve(job, region)
    except MemoryError:
        _say({"ended": "out of memory", "seconds": None})


def _solve(job: Job, region: Region) -> None:
    begun = process_time()
    if job.method == OURS:
        compiled()
    loading_s, seen = process_time() - begun, _Seen()
    clock = Clock(job.marks, seen.tell, memory_mb)
    plan = METHODS[job.method](region, clock, seen.tell)
    seconds = clock.seconds
    seen.tell(Sample(seconds, memory_mb=memory_mb()))
    if job.method == OURS:
        Path(job.plan).write_text(json.dumps(plan_to_document(plan)), encoding="utf-8")
    _say({"ended": seen.end(seconds, max(job.marks)), "seconds": seconds, "loading_s": loading_s})


def _answer_events(job: Job, region: Region) -> None:
    held = plan_from_document(_read(job.plan), region)
    region = replace(region, placements=held.placements)
    events = ahead(region, job.events, region.settings.seed)
    chain = play(WAYS[job.method], region, lambda _: events, max(job.marks))
    _say({"chain": chain.document(), "events": [asdict(one) for one in chain.answered]})
    _say({"ended": "done", "seconds": process_time()})


def _read(path: str) -> object:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def memory_mb() -> float:
    """The most that this process has held; the operating system's other figure may be its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(one for one in status.read_text(encoding="ascii").splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (MEGA if sys.platform == "darwin" else 1024)


class _Seen:
    """Passes samples on, and remembers whether the last plan was proven."""

    def __init__(self) -> None:
        self._value: int | None = None
        self._bound: float | None = None

    def tell(self, sample: Sample) -> None:
        """Write one line."""
        self._value = self._value if sample.value is None else sample.value
        self._bound = self._bound if sample.bound is None else sample.bound
        _say({name: found for name, found in asdict(sample).items() if found is not None})

    def end(self, seconds: float, last: float) -> str:
        """Why it ended."""
        if Sample(0.0, self._value, bound=self._bound).is_proven:
            return "proven"
        return "done" if seconds < last else "time"


def _limit(job: Job) -> None:
    """The operating system ends what takes far too long or too much."""
    if not job.events:
        most = int(2 * max(job.marks) + SPARE_S)
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + 5))
    resource.setrlimit(resource.RLIMIT_AS, (job.memory_mb * MEGA, job.memory_mb * MEGA))


def _say(document: dict[str, Any]) -> None:
    """One line, whole: CP-SAT and the clock tell from threads of their own."""
    with LINES:
        print(json.dumps(document), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
