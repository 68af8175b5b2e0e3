"""The mail to an address that Leerplek writes to no more, since somebody changed it or took its contact out: whoever reads there must know."""

from datetime import datetime
from enum import StrEnum

from services.notifier.domain.contacts import Addressee, Contact
from services.notifier.domain.letters.calling import Names
from services.notifier.domain.letters.shape import Letter


class Parting(StrEnum):
    """What became of the address."""

    CHANGED = "changed"
    REMOVED = "removed"


def write_parting(contact: Contact, parting: Parting, names: Names, now: datetime) -> Letter:
    """The letter to a contact at the address that they had; without links, since nobody there can act any more."""
    said = names.phrases.parting
    is_removed = parting is Parting.REMOVED
    role = names.role_of(Addressee(contact.role, contact.organisation))
    opening = (said.removed if is_removed else said.changed).format(role=role, moment=names.phrases.moment(now))
    return Letter(
        language=names.phrases.language,
        subject=said.removed_subject if is_removed else said.changed_subject,
        preheader=opening,
        opening=opening,
        notes=(said.right, said.wrong),
        by_when="",
        call="",
        sections=(),
        closing="",
        finding="",
        because=said.because,
        mentions=(),
        signs_in=False,
        has_links=False,
    )
