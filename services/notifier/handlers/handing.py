"""Gives mails to the systems of organisations that want no mail, and mails them after all where no system takes it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.handing import after_handing, handed, told_by_system
from services.notifier.domain.notices import Draft
from services.notifier.ports import Store

AT_A_TIME = 500
"""So many mails are looked at in one pass; the next pass takes more."""


async def hand_over(store: Store, written: Iterable[tuple[Draft, Mail]]) -> list[tuple[Draft, Mail]]:
    """The mails, those for a system put in its queue; where an organisation has no system the mail itself goes and none is told."""
    found = []
    for draft, mail in written:
        if mail.state is MailState.HANDED:
            told = told_by_system(draft, mail)
            if told and all([await store.has_system(each) for each in told]):
                for each in told.items():
                    await store.tell_system(*each)
                mail = handed(mail)
            else:
                mail = replace(mail, state=MailState.WAITING)
        found.append((draft, mail))
    return found


async def fall_back(store: Store, now: datetime) -> int:
    """Looks what became of what systems were given; how many mails go after all."""
    found = [(mail, after_handing(mail, took, now)) for mail, took in await store.handed_mails(now, AT_A_TIME)]
    for before, after in found:
        if after != before:
            await store.save_mail(after)
    return sum(after.state is MailState.WAITING for _, after in found)
