"""What levers are worth, from the plans of a region with each of them the other way round."""

from collections.abc import Sequence
from dataclasses import replace

from services.matcher.adapters.solver.portfolio import certified, is_allowed
from services.matcher.domain.lever_values import LeverValue, Result, Trial, Trying, value_of
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.region import Region


def values_of(region: Region, now: Plan, tried: Sequence[tuple[Trial, Plan]]) -> list[LeverValue]:
    """What each trial says, where all of them learn from each other, since a lever only allows more.

    A plan without a lever is one of the region with it, today's plan one of the region in which a lever is on, and what no plan
    with a lever can do none can without.
    """
    for trial, plan in tried:
        if trial.trying is Trying.OFF:
            now = _cheaper(region, now, plan)
    with_more = [_certificate(plan) for trial, plan in tried if trial.trying is not Trying.OFF]
    result = _raised(_result(region, now), with_more)
    found = []
    for trial, plan in tried:
        if trial.trying is Trying.OFF:
            then = _raised(_result(trial.region, plan), [_certificate(now)])
        else:
            then = _result(trial.region, _cheaper(trial.region, plan, now))
        found.append(value_of(trial, result, then))
    return found


def _cheaper(region: Region, plan: Plan, other: Plan) -> Plan:
    """The plan, or another that is allowed in this region and costs less there, with what is proven about its plans."""
    proven = _certificate(plan)
    kept = certified(region, other, proven.bound, proven.unplaced_bound)
    return kept if _certificate(kept).value < proven.value and is_allowed(region, kept) else plan


def _raised(result: Result, others: Sequence[Certificate]) -> Result:
    """With the bounds of regions in which more is allowed, which hold here too."""
    bound = max([result.bound, *(one.bound for one in others)])
    return replace(
        result, bound=bound, unplaced_bound=max([result.unplaced_bound, *(one.unplaced_bound for one in others)])
    )


def _certificate(plan: Plan) -> Certificate:
    assert plan.certificate is not None, "a solved plan has a certificate"
    return plan.certificate


def _result(region: Region, plan: Plan) -> Result:
    certificate = _certificate(plan)
    left = len(region.students) - len(plan.placements)
    return Result(certificate.value, certificate.bound, left, certificate.unplaced_bound)
