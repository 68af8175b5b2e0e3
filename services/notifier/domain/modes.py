"""What happens with the mails of an organisation: they are sent, sent to a test address, only shown, or given to its own system."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.notifier.domain.contacts import Contact


class Mode(StrEnum):
    """What happens with the mails to an organisation's contacts."""

    LIVE = "live"
    TEST = "test"
    PREVIEW = "preview"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class ModeSetting:
    """The mode of one organisation; `address` gets everything in TEST."""

    organisation: str
    mode: Mode
    address: str | None = None
    version: int = 1


Modes = Mapping[str, ModeSetting]
"""By organisation; who is not in it is LIVE."""


def is_preview(organisation: str, modes: Modes) -> bool:
    """Whether the mails of this organisation are only shown."""
    return organisation in modes and modes[organisation].mode is Mode.PREVIEW


def reader(contact: Contact, modes: Modes) -> str:
    """One person, whatever roles they have, and apart for what is not sent to them: a preview or a test silences nothing else."""
    setting, person = modes.get(contact.organisation), contact.email.casefold()
    if setting is None or setting.mode is Mode.LIVE:
        return person
    return f"{setting.mode}/{setting.address or ''}/{person}"
