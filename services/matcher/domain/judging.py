"""Which of several plans for a region is the best one, and what it may claim."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.explanation import explain
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.plan import Certificate, Plan


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who is placed where, and what was proven on every allowed plan while this one was made."""

    plan: Plan
    bound: float = 0.0
    unplaced_bound: int = 0


def best_first(atlas: Atlas, held: Plan, candidates: Sequence[Candidate]) -> Iterator[Plan]:
    """The candidates and what holds, in order, each with its reasons, the checker's figures and the best bound proven.

    Of equals what holds is kept. Somebody is put out of a published place only where that leaves fewer without one or
    keeps a promise: a plan that puts people out for fairness, travel or wishes is passed over for the next.
    """
    plans, seen = [held], {frozenset(held.placements)}
    for one in candidates:
        placements = frozenset(one.plan.placements)
        if placements not in seen:
            plans.append(one.plan)
            seen.add(placements)
    judged = [(plan, cost_parts(atlas.region, plan)) for plan in plans]
    for plan, parts in sorted(judged, key=lambda pair: _rank(pair[0], pair[1], held)):
        yield replace(_with_reasons(atlas, plan), certificate=_certificate(parts, candidates))


def _rank(plan: Plan, parts: Mapping[str, int], held: Plan) -> tuple[int, int, int]:
    """Promises kept and students placed first, then who would be put out, then all other costs."""
    put_out = len(held.by_student().keys() - plan.by_student().keys())
    return parts["unplaced"] + parts["promises"], put_out, sum(parts.values())


def _certificate(parts: Mapping[str, int], candidates: Sequence[Candidate]) -> Certificate:
    bound = max((one.bound for one in candidates), default=0.0)
    return Certificate.of(parts, bound, max((one.unplaced_bound for one in candidates), default=0))


def _with_reasons(atlas: Atlas, plan: Plan) -> Plan:
    """The plan with the reason of everybody without a place."""
    ledger, students = Ledger(atlas, plan.placements), atlas.region.students
    return replace(
        plan, unplaced=tuple(explain(ledger, students[one]) for one in sorted(students) if one not in ledger.placed)
    )
