"""`python -m bench stream`: the parts that need no broker run, and tell what they measured; a mix never runs out of students."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bench.processes import between, used_s
from bench.stream import command
from bench.stream.mix import WEIGHTS, Mix
from simulator.play import Cast
from simulator.run import Wanted, invent


def test_its_parts_can_be_measured_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path / "results")
    command.main(["--quick", "--parts", "serving,stages"])
    (kept,) = (tmp_path / "results").glob("stream-*.json")
    measured = json.loads(kept.read_text())["measured"]
    assert measured["loads"] == []
    assert measured["serving"]["first_answer_s"] >= measured["serving"]["loaded_s"] > 0
    assert [one["together"] for one in measured["stages"]] == [1, 15]
    assert all(0 <= share <= 1 for one in measured["stages"] for share in one["shares"].values())


def test_a_part_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--parts", "lood"])
    assert "no such part: lood" in capsys.readouterr().err


def test_what_a_process_of_ours_uses_is_told_by_what_it_is_for() -> None:
    before = used_s()
    busy = "import os\nwhile sum(os.times()[:2]) < 0.3: pass\nprint(flush=True)\ninput()"
    with subprocess.Popen([sys.executable, "-c", busy], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        used = between(before, used_s())
        child.communicate(b"\n")
    assert used["others"] >= 0.2
    assert used["clients"] >= 0
    assert between({"kafka": 5.0}, {"kafka": 1.0}) == {"kafka": 1.0}
    assert os.getpid()


def test_a_mix_goes_on_however_long_it_is_asked() -> None:
    world = invent(Wanted(20, seed=1, region="NL-R01"))
    students = {f"s{number}": world.another_student() for number in range(20)}
    mix = Mix(Cast(world, students, [f"v{number}" for number in range(30)]), random.Random(1))
    kinds = Counter[str]()
    for rank in range(500):
        wanted = mix.next()
        kinds[wanted.kind] += 1
        if wanted.needs is not None:
            mix.registered(f"n{rank}", wanted.needs)
    assert set(kinds) == set(WEIGHTS)
