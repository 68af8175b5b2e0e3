"""Tells as server-sent events how far a trial is, until it ends; a reader who comes back gets what they missed."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

from services.matcher.ports.answering import Trials, TrialStep, Tried

LOOK_EVERY_S = 0.5
BEAT_EVERY_S = 15.0
"""So often something is sent, so that nobody between takes the line for dead."""
BEAT = ": nog bezig\n\n"


def trial_body(tried: Tried, step: TrialStep | None = None) -> dict[str, object]:
    """A trial as it is answered."""
    return {
        "id": tried.id,
        "region": tried.region,
        "kind": tried.kind.value,
        "name": tried.name,
        "state": tried.state.value,
        "seconds": tried.seconds,
        "created_at": tried.created_at.isoformat(),
        "ended_at": None if tried.ended_at is None else tried.ended_at.isoformat(),
        "plan_version": tried.plan_version,
        "progress": None if step is None else dict(step.body),
        "result": None if tried.result is None else dict(tried.result),
        "problem": tried.problem,
    }


async def events_of(trials: Trials, trial: str, seen: int) -> AsyncIterator[str]:
    """Every step after `seen`, a sign of life now and then, and at last the end."""
    quiet_s = 0.0
    yield BEAT
    while True:
        tried = await trials.get(trial)  # before the steps: those of a trial that has ended are all there
        for step in await trials.steps(trial, seen):
            seen, quiet_s = step.number, 0.0
            yield _event("progress", seen, {"at": step.at.isoformat(), **step.body})
        if tried.state.is_over:
            yield _event("end", seen + 1, trial_body(tried))
            return
        await asyncio.sleep(LOOK_EVERY_S)
        quiet_s += LOOK_EVERY_S
        if quiet_s >= BEAT_EVERY_S:
            quiet_s = 0.0
            yield BEAT


def _event(kind: str, number: int, body: Mapping[str, object]) -> str:
    return f"event: {kind}\nid: {number}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n"
