"""What is old enough to go, in the notifier's store in memory."""

from datetime import datetime

from services.notifier.domain.alerts import Alert, AlertState
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.notices import Told


class MemoryOutlived:
    """Removes from the dictionaries of the store."""

    alerts: dict[str, Alert]
    notices: list[tuple[Told, str]]
    mails_by_id: dict[str, Mail]

    async def forget_alerts(self, ended_before: datetime, limit: int) -> int:
        waiting = {told.alert for told, _ in self.notices if told.mail and self._is_on_its_way(told.mail)}
        over = [
            alert
            for alert in self.alerts.values()
            if alert.state is AlertState.CLOSED and alert.ended_at and alert.ended_at < ended_before
        ]
        gone = {each.id for each in sorted(over, key=lambda each: str(each.ended_at)) if each.id not in waiting}
        gone = set(sorted(gone)[:limit])
        mails = {told.mail for told, _ in self.notices if told.alert in gone}
        self.notices = [each for each in self.notices if each[0].alert not in gone]
        self.alerts = {name: alert for name, alert in self.alerts.items() if name not in gone}
        for mail in mails - self._telling():
            self.mails_by_id.pop(mail or "", None)
        return len(gone)

    async def forget_mails(self, written_before: datetime, limit: int) -> int:
        telling = self._telling()
        old = [
            mail.id
            for mail in self.mails_by_id.values()
            if mail.created_at < written_before and mail.id not in telling and not self._is_on_its_way(mail.id)
        ][:limit]
        for mail in old:
            del self.mails_by_id[mail]
        return len(old)

    def _telling(self) -> set[str | None]:
        return {told.mail for told, _ in self.notices}

    def _is_on_its_way(self, mail: str) -> bool:
        held = self.mails_by_id.get(mail)
        return held is not None and held.state in {MailState.WAITING, MailState.SENDING}
