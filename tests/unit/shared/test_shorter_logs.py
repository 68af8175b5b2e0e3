"""A broker that has just come back is given a moment; a log that stays shorter was replaced."""

import pytest

from shared.messaging.record import LogReplaced
from shared.messaging.shorter_logs import SHORTER_LOG_S, ShorterLogs


def test_only_a_log_that_stays_shorter_was_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("shared.messaging.shorter_logs.time.monotonic", lambda: now[0])
    logs = ShorterLogs()
    logs.check("here", None, 50)
    logs.check("here", 0, 50)
    now[0] += SHORTER_LOG_S - 0.1
    logs.check("here", 0, 50)
    logs.check("here", 50, 50)  # it knows its end again
    now[0] += 1
    logs.check("here", 0, 50)
    now[0] += SHORTER_LOG_S + 0.1
    logs.check("there", 0, 50)
    with pytest.raises(LogReplaced, match="here ends at 0 and was read up to 50"):
        logs.check("here", 0, 50)
