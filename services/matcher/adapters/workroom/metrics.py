"""What the work beside the one that answers tells to whoever watches it."""

from prometheus_client import Counter, Gauge, Histogram

WORK_S = Histogram(
    "leerplek_answers_work_seconds",
    "From asked to done, the wait for a turn included.",
    ["job"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300),
)
WORK_FAILED = Counter("leerplek_answers_work_failed_total", "Work that met a bug or whose process died.", ["job"])
WORK_WAITING = Gauge("leerplek_answers_work_waiting", "Work that waits for a process.", ["lane"])
