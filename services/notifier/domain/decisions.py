"""Why a stage let something pass, wait or stop; for the log and the metrics."""

from dataclasses import dataclass

from services.notifier.domain.contacts import Role


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: which stage, what, why, about which alert for which role. `reason` is one of a closed list of phrases."""

    stage: str
    verdict: str
    reason: str
    alert: str
    role: Role
