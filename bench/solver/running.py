"""Starts the processes, one after another, and gathers what they tell."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from bench.answering import WAYS
from bench.solver.child import Job
from bench.solver.methods import METHODS, OURS
from bench.solver.trace import Case, Trace, sample_of
from services.matcher.domain.documents import region_to_document
from services.matcher.domain.inventing import Family, Wanted, invent

ROOT = Path(__file__).resolve().parents[2]
KILLED = {signal.SIGXCPU: "killed: time", signal.SIGKILL: "killed: memory", signal.SIGABRT: "killed: memory"}


@dataclass(frozen=True, slots=True)
class Effort:
    """How long each method may compute, within how much memory, and how many events are played."""

    marks: Sequence[float]
    memory_mb: int
    events: int


def run_case(wanted: Wanted, effort: Effort, folder: Path) -> Iterator[Trace]:
    """Every method on one invented region, each in a process of its own; the processes read a region file."""
    text = json.dumps(region_to_document(invent(wanted).region))
    case = Case(wanted.family.value, wanted.students, wanted.seed, blake2b(text.encode(), digest_size=8).hexdigest())
    region, plan = folder / f"{case.digest}.json", folder / f"{case.digest}-plan.json"
    region.write_text(text, encoding="utf-8")
    ways = [*METHODS, *(WAYS if wanted.family is Family.INCREMENTAL and effort.events else ())]
    for method in ways:
        events = effort.events if method in WAYS else 0
        yield run_job(case, Job(method, str(region), tuple(effort.marks), effort.memory_mb, str(plan), events))


def run_job(case: Case, job: Job) -> Trace:
    """One process; when it fails for want of time or memory the trace says so, else that is an error."""
    command = (sys.executable, "-m", "bench.solver.child", json.dumps(asdict(job)))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        lines = [json.loads(line) for line in process.stdout]
    end: dict[str, Any] = next((line for line in lines if "ended" in line), {})
    if not end and (process.returncode > 0 or job.method == OURS):
        raise SystemExit(f"{job.method} on {case.family} ended with code {process.returncode}")
    chain: dict[str, Any] = next((line for line in lines if "chain" in line), {})
    return Trace(
        case,
        job.method,
        [sample_of(line) for line in lines if "ended" not in line and "chain" not in line],
        end.get("ended", KILLED.get(signal.Signals(-process.returncode), "killed") if not end else ""),
        end.get("seconds"),
        end.get("loading_s", 0.0),
        chain.get("chain"),
        chain.get("events", ()),
    )
