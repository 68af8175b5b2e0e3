"""Whose contacts, mails and alerts somebody may know of and change, and what for: each organisation its own, the operator all."""

from shared.errors import Forbidden
from shared.security.callers import Caller, Role
from shared.security.roles import CHANGE_CONTACTS, READ_ALERTS, READ_MESSAGES

READ_CONTACTS, WEBHOOKS = "contact:read", "webhook:manage"
SCOPES = frozenset({WEBHOOKS, READ_ALERTS, READ_MESSAGES, READ_CONTACTS, CHANGE_CONTACTS})


def organisation_of(caller: Caller) -> str | None:
    """Of which organisation somebody sees what concerns it; None for whoever runs Leerplek, who sees all."""
    return None if caller.role is Role.OPERATOR else caller.org


def check_sees_gaps(caller: Caller) -> None:
    """What reaches nobody is for who can do something about it; raises Forbidden for institutes and schools."""
    if caller.role not in (Role.OPERATOR, Role.REGION):
        raise Forbidden("niet-voor-deze-rol", "Dit is alleen voor regio’s en de beheerder.")
