"""What a mail says: what happened, why, what can be done, by when, whom to call, and why its reader gets it."""

from collections.abc import Mapping
from dataclasses import replace

from services.notifier.domain.alerts import Alert, Channel
from services.notifier.domain.calendar import SchoolCalendar
from services.notifier.domain.doors import SIGNS_IN
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.letters.at_once import with_meetings, write_at_once
from services.notifier.domain.letters.calling import Names
from services.notifier.domain.letters.digest import write_digest
from services.notifier.domain.letters.meetings import meetings_of
from services.notifier.domain.letters.shape import Letter
from services.notifier.domain.letters.week import write_week
from services.notifier.domain.notices import Draft
from services.notifier.domain.phrases import PHRASES

__all__ = ["Letter", "write_letter"]


def write_letter(
    draft: Draft, rivals: Mapping[str, Alert], knowledge: Knowledge, calendar: SchoolCalendar | None = None
) -> Letter:
    """The letter for a draft, in its reader's language; `rivals` tell more about the same loss, by the alert they belong to.

    Where there is a `calendar` a talk is proposed on a school day.
    """
    names = Names(PHRASES[draft.contact.preferences.language], knowledge)
    letter = replace(_letter(draft, rivals, names).with_one_door(), signs_in=draft.contact.role in SIGNS_IN)
    return letter if calendar is None else with_meetings(letter, meetings_of(draft, names, calendar), names)


def _letter(draft: Draft, rivals: Mapping[str, Alert], names: Names) -> Letter:
    if draft.channel is Channel.WEEKLY:
        return write_week(draft, names)
    if draft.kind is None or draft.channel is Channel.OVERFLOW:
        return write_digest(draft, rivals, names)
    return write_at_once(draft, rivals, names)
