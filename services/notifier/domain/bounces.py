"""What a report of non-delivery means for its mail and address, and the mailbox names by which it is known which mail it is about."""

from dataclasses import dataclass
from enum import StrEnum

from services.notifier.domain.delivery import Later, Outcome, Refused
from shared.security.link_tokens import LinkSigner


class Box(StrEnum):
    """What comes back by mail: reports of non-delivery, and wishes to be told in the digest only."""

    BOUNCES = "bounces"
    UNSUBSCRIBE = "afmelden"


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a report says: an enhanced status code (RFC 3463), and whether its server gave up or still tries."""

    status: str
    has_given_up: bool
    text: str = ""


PASSES = frozenset({"5.4.4"})
"""No route to a domain is more often a mistake in its DNS, which gets mended, than the end of it."""
ABOUT_ADDRESS = ("5.1.", "5.2.1")
"""No such mailbox or domain, or one that takes no mail any more. All else may be mended: a mailbox that is full, a server that is out of
order, a mail that is too large, or a policy that it goes against."""
VAGUE = "5.0."
"""What a server without better codes says of everything, and a relay of such a server."""
OF_SENDER = frozenset({"5.1.7", "5.1.8"})
"""The address that is no good is ours."""


def outcome_of(bounce: Bounce) -> Outcome | None:
    """What becomes of the mail: 5.x is final and may stop the address, 4.x is tried again; None while the relay still tries."""
    if not bounce.has_given_up:
        return None
    reason = f"teruggestuurd met {bounce.status} {bounce.text}".strip()
    if not bounce.status.startswith("5.") or bounce.status in PASSES:
        return Later(reason)
    return refusal(reason, bounce.status)


def refusal(reason: str, status: str) -> Refused:
    """A refusal with this enhanced status code."""
    return Refused(reason, stops_address=stops_address(status), is_vague=status.startswith(VAGUE))


def stops_address(status: str) -> bool:
    """Whether a refusal with this status is about the address, so that no mail will ever reach it."""
    return status.startswith(ABOUT_ADDRESS) and status not in OF_SENDER


def return_address(box: Box, mail: str, domain: str, signer: LinkSigner) -> str:
    """The address to which comes back what is about this mail (VERP); nobody else can make one that we take."""
    return f"{box}+{mail}-{signer.short_sign(box, mail)}@{domain}"


def mail_of_address(address: str, domain: str, signer: LinkSigner) -> tuple[Box, str] | None:
    """Which mail an address of ours is about, also when its case got lost on the way; None when we did not make it."""
    local, _, at = address.casefold().rpartition("@")
    box, plus, rest = local.partition("+")
    mail, _, signature = rest.rpartition("-")
    if at != domain.casefold() or not plus or box not in {*Box}:
        return None
    return (Box(box), mail) if signer.is_short_signature(box, mail, signature) else None
