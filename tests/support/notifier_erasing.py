"""What names a student who is erased, in the notifier's store in memory."""

from collections.abc import Sequence
from dataclasses import replace

from services.notifier.domain.alerts import Alert
from services.notifier.domain.delivery import Mail
from services.notifier.domain.erasing import Written
from services.notifier.domain.notices import Told
from shared.short_code import short_code


class MemoryErasing:
    """Erases in the dictionaries of the store."""

    alerts: dict[str, Alert]
    notices: list[tuple[Told, str]]
    mails_by_id: dict[str, Mail]

    async def written_about(self, student: str) -> Sequence[Written]:
        about = {each.id for each in self.alerts.values() if each.case.student == student}
        told = {each.mail: each.alert in about for each, _ in self.notices}
        found: list[Written] = []
        for mail in sorted(self.mails_by_id.values(), key=lambda each: each.id):
            alerts = {each.alert for each, _ in self.notices if each.mail == mail.id}
            is_named = any(name in mail.text + mail.invitation for name in (student, short_code(student)))
            if alerts & about or (mail.id not in told and is_named):
                names_others = bool(alerts - about) or (not alerts and mail.students != 1)
                found.append(Written(mail.id, mail.text, mail.html, mail.invitation, names_others))
        return found

    async def rewrite(self, written: Written) -> None:
        held = self.mails_by_id[written.id]
        changed = {"text": written.text, "html": written.html, "invitation": written.invitation}
        self.mails_by_id[written.id] = replace(held, **changed)  # type: ignore[arg-type]

    async def erase_mail(self, mail: str) -> None:
        del self.mails_by_id[mail]

    async def erase_alerts(self, student: str) -> None:
        about = {each.id for each in self.alerts.values() if each.case.student == student}
        self.notices = [(told, reason) for told, reason in self.notices if told.alert not in about]
        for alert in about:
            del self.alerts[alert]
