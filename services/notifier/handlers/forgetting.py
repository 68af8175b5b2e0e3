"""Forgets a student: no alert, no mail and nothing that waits names them any more; that it was so stays in the audit."""

from dataclasses import replace
from datetime import datetime

from services.notifier.domain.erasing import without_student
from services.notifier.handlers.cancelling import cancel_mails
from services.notifier.ports import Store


async def forget_student(store: Store, student: str, now: datetime) -> None:
    """Of a student nothing more is told: mails that wait are written anew without them, and what was written loses their lines."""
    await store.remember_erased(student)
    await cancel_mails(store, await store.waiting_mails_about(student), now)
    for written in await store.written_about(student):
        if written.names_others:
            await store.rewrite(without_student(written, student))
        else:
            await store.erase_mail(written.id)
    await _forget_unwritten(store, student)
    await store.erase_alerts(student)
    await store.forget_place(student)


async def _forget_unwritten(store: Store, student: str) -> None:
    held = await store.unwritten()
    about = {alert.id for alert in await store.alerts_of(student)}
    kept = [
        replace(
            each,
            alerts=tuple(alert for alert in each.alerts if alert not in about),
            students=tuple(one for one in each.students if one != student),
        )
        for each in held
    ]
    if kept != list(held):
        await store.keep_unwritten([each for each in kept if each.alerts])
