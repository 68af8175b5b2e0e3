"""Reads reports of non-delivery: RFC 3464 with its status codes, and what older mail servers write by flufl.bounce."""

import re
from collections.abc import Iterator
from email import message_from_bytes, message_from_string, policy
from email.message import EmailMessage, Message
from email.utils import parseaddr

from flufl.bounce import scan_message

from services.notifier.domain.bounces import Bounce

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_GIVEN_UP = ("fail", "error")  # the second is OpenSMTPD's
_UNKNOWN = "5.0.0"


def read_bounce(raw: bytes) -> Bounce | None:
    """What a mail that came back reports; None when it is something else: an answer of a person or of a machine, a receipt."""
    message = message_from_bytes(raw, policy=policy.default)
    if message.get_content_type() == "multipart/report":
        return _standard(message) if message.get_param("report-type") == "delivery-status" else None
    if message.get("Auto-Submitted", "no").strip().casefold().startswith("auto-replied"):
        return None
    return Bounce(_UNKNOWN, has_given_up=True) if _is_older_report(raw) else None


def _is_older_report(raw: bytes) -> bool:
    message = message_from_string(raw.decode("ascii", "replace"))
    if not parseaddr(message.get("From", ""))[1]:
        return False  # a sender is what most detectors look at first, and stumble over when there is none
    return bool(scan_message(message))


def _standard(message: EmailMessage) -> Bounce | None:
    """Our mails have one recipient, so the first block that tells of a failure tells all."""
    found = [bounce for block in _recipients(message) if (bounce := _of_recipient(block)) is not None]
    return next((each for each in found if each.has_given_up), found[0] if found else None)


def _recipients(message: EmailMessage) -> Iterator[Message]:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            yield from (each for each in blocks if isinstance(each, Message)) if isinstance(blocks, list) else ()


def _of_recipient(block: Message) -> Bounce | None:
    action = str(block.get("Action", "")).strip().casefold()
    if not action.startswith((*_GIVEN_UP, "delayed")):
        return None
    diagnosis = " ".join(str(block.get("Diagnostic-Code", "")).split())
    stated = _STATUS.search(str(block.get("Status", ""))) or _STATUS.search(diagnosis)
    status = stated[1] if stated else _UNKNOWN
    return Bounce(status, has_given_up=action.startswith(_GIVEN_UP), text=_without_addresses(diagnosis))


def _without_addresses(diagnosis: str) -> str:
    """What the other server said is kept and shown: no address stays in it."""
    said = diagnosis.partition(";")[2] or diagnosis
    return " ".join("…" if "@" in word else word for word in said.split())[:200]
