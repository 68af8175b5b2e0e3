"""What happens with the mails of an organisation: they are sent, sent to a test address, only shown, or given to its own system."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.notifier.domain.contacts import Contact, school_of


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


@dataclass(frozen=True, slots=True)
class Modes:
    """What organisations said of their mails; `boards` has of sites the board, where that said something."""

    said: Mapping[str, ModeSetting] = field(default_factory=dict)
    boards: Mapping[str, str] = field(default_factory=dict)

    def of(self, organisation: str) -> ModeSetting | None:
        """What holds for an organisation: what it said itself, or for a site its school, or its board; None is LIVE."""
        return self.said.get(organisation) or self.above(organisation)

    def above(self, organisation: str) -> ModeSetting | None:
        """What holds for a site that says nothing itself: what its school said, or its board."""
        heads = (school_of(organisation), self.boards.get(organisation, ""))
        return next((self.said[each] for each in heads if each in self.said and each != organisation), None)


def is_preview(organisation: str, modes: Modes) -> bool:
    """Whether the mails of this organisation are only shown."""
    setting = modes.of(organisation)
    return setting is not None and setting.mode is Mode.PREVIEW


def reader(contact: Contact, modes: Modes) -> str:
    """One person, whatever roles they have, and apart for what is not sent to them: a preview or a test silences nothing else."""
    setting, person = modes.of(contact.organisation), contact.email.casefold()
    if setting is None or setting.mode is Mode.LIVE:
        return person
    return f"{setting.mode}/{setting.address or ''}/{person}"
