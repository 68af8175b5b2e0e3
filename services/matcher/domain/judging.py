"""Which of several plans for a region is the best one, and what it may claim."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.explanation import explain
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.region import Region


def best_first(region: Region, held: Plan, candidates: Sequence[Plan]) -> Iterator[Plan]:
    """The candidates and what holds, in order, each with the checker's figures and the best bound that was proven.

    Of equals what holds is kept. Somebody is put out of a published place only where that leaves fewer without one or
    keeps a promise: a plan that puts people out for fairness, travel or wishes is passed over for the next.
    """
    same = any(frozenset(one.placements) == frozenset(held.placements) for one in candidates)
    plans = [*candidates] if same else [held, *candidates]
    judged = sorted(((one, cost_parts(region, one)) for one in plans), key=lambda pair: _rank(pair[0], pair[1], held))
    for plan, parts in judged:
        whole = _with_reasons(region, held) if plan is held else plan
        yield replace(whole, certificate=_certificate(parts, candidates))


def _rank(plan: Plan, parts: Mapping[str, int], held: Plan) -> tuple[int, int, int]:
    """Promises kept and students placed first, then who would be put out, then all other costs."""
    put_out = len(held.by_student().keys() - plan.by_student().keys())
    return parts["unplaced"] + parts["promises"], put_out, sum(parts.values())


def _certificate(parts: Mapping[str, int], candidates: Sequence[Plan]) -> Certificate:
    proven = [one.certificate for one in candidates if one.certificate is not None]
    bound = max((one.bound for one in proven), default=0.0)
    return Certificate.of(parts, bound, max((one.unplaced_bound for one in proven), default=0))


def _with_reasons(region: Region, held: Plan) -> Plan:
    """What holds, with the reason of everybody without a place."""
    ledger = Ledger(Atlas(region), held.placements)
    without = (one for one in sorted(region.students) if one not in ledger.placed)
    return replace(held, unplaced=tuple(explain(ledger, region.students[one]) for one in without))
