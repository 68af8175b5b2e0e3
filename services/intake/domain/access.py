"""Whose students somebody may know of and change: an institute its own, whoever runs Leerplek everybody's."""

from dataclasses import dataclass

from shared.errors import Forbidden
from shared.security.callers import Caller, Role

READ, WRITE, DECIDE, WEBHOOKS = "student:read", "student:write", "placement:decide", "webhook:manage"
SCOPES = frozenset({READ, WRITE, DECIDE, WEBHOOKS})


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks; `name` is for the audit, `institute` whose students there are for them (None: everybody's), `scopes` what for."""

    name: str
    institute: str | None = None
    scopes: frozenset[str] = frozenset()


def who_asks(caller: Caller, scope: str) -> Who:
    """Raises Forbidden for a region or a school, and without the scope."""
    if caller.role not in (Role.OPERATOR, Role.INSTITUTE):
        raise Forbidden("niet-voor-deze-rol", "Dit is alleen voor opleidingen en voor de beheerder.")
    caller.must_have(scope)
    return Who(caller.name, caller.org if caller.role is Role.INSTITUTE else None, caller.scopes)


def check_own(institute: str, own: str | None) -> None:
    """Raises Forbidden when a student of this institute is not one of `own`'s (None: of everybody's)."""
    if own not in (None, institute):
        detail = f"Uw token is van opleiding {own}. Daarmee schrijft u alleen eigen studenten in."
        raise Forbidden("andere-opleiding", detail, pointer="/institute")
