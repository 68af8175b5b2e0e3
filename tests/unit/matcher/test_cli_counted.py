"""Long work on a list can be broken off, and what was done is there."""

import os
import signal
from collections.abc import Callable

import pytest

from services.matcher.entrypoints.cli_counted import counted


def test_everything_is_done_and_nothing_is_said_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    assert counted("hefbomen", ["a", "b"], lambda name, stop: (name, stop())) == {"a": ("a", False), "b": ("b", False)}
    assert capsys.readouterr() == ("", "")


def test_after_ctrl_c_what_was_done_is_kept_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    def work(name: str, stop: Callable[[], bool]) -> tuple[str, bool]:
        if name == "b":
            os.kill(os.getpid(), signal.SIGINT)
        return name, stop()

    assert counted("wensen", ["a", "b", "c"], work) == {"a": ("a", False), "b": ("b", True)}
    assert "Onderbroken bij wensen: 2 van 3 studenten bekeken" in capsys.readouterr().err
