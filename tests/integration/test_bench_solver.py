"""The bench of the solver at its small size, as a command: processes, table, JSON and picture; never a time."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.__main__ import main
from bench.answering import WAYS
from bench.solver.child import Job
from bench.solver.methods import BY_DATE, METHODS, OURS
from bench.solver.running import run_job
from bench.solver.trace import Case
from services.matcher.domain.documents import region_to_document
from services.matcher.domain.inventing import Wanted, invent

SMALL = ("solver", "--families", "incremental", "--sizes", "60", "--marks", "1", "--events", "4", "--out")


def test_the_bench_measures_every_method_and_keeps_table_json_and_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*SMALL, str(tmp_path)])

    (document,), (picture,) = (list(tmp_path.glob(kind)) for kind in ("*.json", "*.svg"))
    runs = {one["method"]: one for one in json.loads(document.read_text())["runs"]}
    assert list(runs) == [*METHODS, *WAYS]
    assert all(any("value" in sample for sample in runs[name]["samples"]) for name in METHODS)
    assert all(runs[name]["samples"][-1]["memory_mb"] > 0 for name in (OURS, BY_DATE))
    assert all(len(runs[name]["events"]) == 4 for name in WAYS)
    assert ET.parse(picture).getroot().findtext("{http://www.w3.org/2000/svg}desc")
    shown = capsys.readouterr().out
    assert "60 students" in shown
    assert "events on a plan that holds" in shown


def test_a_process_that_needs_more_memory_than_it_may_have_is_ended_and_told(tmp_path: Path) -> None:
    path = tmp_path / "region.json"
    path.write_text(json.dumps(region_to_document(invent(Wanted(2_000)).region)))

    trace = run_job(Case("hours", 2_000, 1, "digest"), Job(BY_DATE, str(path), (1.0,), 1, ""))

    assert "memory" in trace.ended
    assert trace.seconds is None
