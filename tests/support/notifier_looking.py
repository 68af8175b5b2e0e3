"""What people look at, of the notifier's store in memory."""

from collections.abc import Callable, Sequence
from datetime import datetime

from services.notifier.domain.alerts import FACTS, Alert
from services.notifier.domain.contacts import Contact, is_board, is_part_of
from services.notifier.domain.knowledge import KnownRegion, KnownSite
from services.notifier.domain.notices import Told
from services.notifier.ports.looking import AlertFilter, Done


class MemoryLooking:
    """Looks in the dictionaries of the store."""

    now: Callable[[], datetime]
    alerts: dict[str, Alert]
    notices: list[tuple[Told, str]]
    notes: list[tuple[str, str, str]]
    contacts_by_id: dict[str, Contact]
    sites_by_id: dict[str, KnownSite]
    regions_by_id: dict[str, KnownRegion]

    async def alerts_where(self, wanted: AlertFilter) -> Sequence[Alert]:
        found = sorted(self.alerts.values(), key=lambda each: (each.opened_at, each.id), reverse=True)
        return [each for each in found if self._fits(each, wanted)][: wanted.limit]

    async def told_by(self, mail: str) -> Sequence[Told]:
        found = (each for each, _ in self.notices if each.mail == mail)
        return sorted(found, key=lambda each: (each.alert, each.contact, each.role))

    async def done_with(self, alert: str) -> Sequence[Done]:
        return [Done(self.now(), action, by) for action, about, by in self.notes if about == alert]

    async def organisations(self, begin: str, limit: int, own: str | None = None) -> Sequence[str]:
        found = {each.organisation for each in self.contacts_by_id.values()} | {*self.sites_by_id, *self.regions_by_id}
        for each in self.alerts.values():
            found |= {each.case.institute, each.case.site or ""}
        return sorted(
            each for each in found if each and each.startswith(begin) and (own is None or self._is_of(each, own))
        )[:limit]

    async def organisations_in(self, region: str) -> Sequence[str]:
        found = {each.id for each in self.sites_by_id.values() if each.region == region}
        for each in self.alerts.values():
            found |= {each.case.institute, each.case.site or ""} if each.case.region == region else set()
        return sorted(found - {""})

    def _fits(self, alert: Alert, wanted: AlertFilter) -> bool:
        return (
            alert.is_live is not wanted.is_over
            and (alert.kind not in FACTS if wanted.kind is None else alert.kind is wanted.kind)
            and wanted.region in (None, alert.case.region)
            and wanted.level in (None, alert.level)
            and all(self._concerns(alert, each) for each in (wanted.organisation, wanted.concerns) if each is not None)
            and (wanted.told_to is None or self._was_told(alert, wanted.told_to))
            and (wanted.before is None or (alert.opened_at, alert.id) < wanted.before)
        )

    def _concerns(self, alert: Alert, organisation: str) -> bool:
        case = alert.case
        is_of_it = organisation in (case.region, case.institute) or self._is_of(case.site or "", organisation)
        return is_of_it or self._was_told(alert, organisation)

    def _was_told(self, alert: Alert, organisation: str) -> bool:
        told = (self.contacts_by_id.get(each.contact) for each, _ in self.notices if each.alert == alert.id)
        return any(each is not None and self._is_of(each.organisation, organisation) for each in told)

    def _is_of(self, code: str, organisation: str) -> bool:
        if is_board(organisation):
            return code in self.sites_by_id and self.sites_by_id[code].board == organisation
        return is_part_of(code, organisation)
