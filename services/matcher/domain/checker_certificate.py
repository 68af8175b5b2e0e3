"""The checker's own sum against what a plan file claims about itself."""

from collections.abc import Iterator, Mapping

from services.matcher.domain.checker_costs import cost_parts
from services.matcher.domain.checker_facts import Violation
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.region import Region

GAP_DECIMALS = 6


def check_certificate(region: Region, plan: Plan, parts: Mapping[str, int] | None = None) -> list[Violation]:
    """Every figure of the certificate that is not so; a plan without a certificate claims nothing.

    `parts` are the checker's own sums where these were made already.
    """
    if plan.certificate is None:
        return []
    if parts is None:
        parts = cost_parts(region, plan)
    return [
        *_value(plan.certificate, sum(parts.values())),
        *_parts(plan.certificate, parts),
        *_bound(plan.certificate),
        *_gap(plan.certificate),
        *_unplaced(region, plan, plan.certificate),
    ]


def _value(certificate: Certificate, found: int) -> Iterator[Violation]:
    """The value is what the plan costs."""
    if certificate.value != found:
        message = f"the certificate says value {certificate.value}, the plan costs {found}"
        yield Violation("certificate-value", message, (), None, {"stated": certificate.value, "found": found})


def _parts(certificate: Certificate, found: Mapping[str, int]) -> Iterator[Violation]:
    """Every part is what that part costs, and none is missing where parts are given."""
    for name in sorted({*certificate.parts, *(found if certificate.parts else ())}):
        stated, real = certificate.parts.get(name), found.get(name)
        if real is None or (stated is None and real):
            message = f"the certificate has {'an unknown' if real is None else 'no'} part {name}"
            yield Violation("certificate-part", message, (name,), None, {"found": real or 0})
        elif stated is not None and stated != real:
            message = f"the certificate says {stated} for {name}, the plan costs {real}"
            yield Violation("certificate-part", message, (name,), None, {"stated": stated, "found": real})


def _bound(certificate: Certificate) -> Iterator[Violation]:
    """No plan costs less than the bound, so this one does not either."""
    if certificate.bound > certificate.value:
        message = f"the certificate's bound {certificate.bound} lies above its value {certificate.value}"
        yield Violation("certificate-bound", message, (), None, {"value": certificate.value})


def _gap(certificate: Certificate) -> Iterator[Violation]:
    """The gap is (value - bound) / max(1, value), to at least six decimals."""
    expected = (certificate.value - certificate.bound) / max(1, certificate.value)
    if abs(certificate.gap - expected) > 10**-GAP_DECIMALS:
        message = f"the certificate says gap {certificate.gap}, value and bound give {expected:.{GAP_DECIMALS}f}"
        yield Violation("certificate-gap", message, ())


def _unplaced(region: Region, plan: Plan, certificate: Certificate) -> Iterator[Violation]:
    """No plan leaves fewer unplaced than the bound, so this one does not either."""
    left = len(region.students.keys() - {one.student for one in plan.placements})
    if certificate.unplaced_bound > left:
        message = f"the certificate says that at least {certificate.unplaced_bound} stay unplaced, here it is {left}"
        numbers = {"stated": certificate.unplaced_bound, "found": left}
        yield Violation("certificate-unplaced", message, (), None, numbers)
