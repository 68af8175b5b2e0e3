"""Inhibit: what somebody hears by one alert is not told to them by another as well. Nobody is left without any."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.notifier.domain.alerts import Alert, AlertKind, News
from services.notifier.domain.contacts import Addressee, Contact, Role
from services.notifier.domain.decisions import Decision
from services.notifier.domain.notices import Notice, Told
from shared.contracts.signals import AtRiskRule

WITHOUT_PLACE = frozenset({AtRiskRule.UNPLACED_30_DAYS, AtRiskRule.UNPLACED_14_DAYS})
OF_ONE_STUDENT = frozenset({AlertKind.UNPLACED, AlertKind.AT_RISK, AlertKind.DETECTED})
COVERING = (AlertKind.SHORTAGE, AlertKind.OVERLOADED)
"""The kinds that may hide alerts about other students than their own."""
_RIVALS = {AlertKind.LOST: AlertKind.UNPLACED, AlertKind.UNPLACED: AlertKind.LOST}
SAME_NEWS = timedelta(days=2)
"""Of who was told so recently that there is no place, it needs no second mail that the period comes near."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A notice that will not be sent, since its reader has heard or hears of it otherwise: `by` the alert that says more, if any."""

    notice: Notice
    reason: str
    by: Alert | None = None

    @property
    def is_one_of_many(self) -> bool:
        """Its reader knows of many, of whom this is one: whether somebody takes this one on, nobody has said."""
        return self.by is not None and self.by.kind in COVERING


@dataclass(frozen=True, slots=True)
class Inhibited:
    """What is left to tell, what is never told, and what waits for the alert that says more."""

    kept: tuple[Notice, ...]
    dropped: tuple[Dropped, ...]
    held: tuple[Notice, ...]


def inhibit(
    notices: Sequence[Notice],
    related: Iterable[Alert],
    told: Sequence[Told],
    decisions: list[Decision],
    *,
    in_one_mail: bool,
) -> Inhibited:
    """Drops what the same reader was told by an alert that says more; `in_one_mail`: also by one that goes with it now.

    Where the one that says more is still to go in a mail of its own, the other waits: should that mail never go, this does.
    """
    related = list(related)
    mailed = told_lately(related, told)
    going = {(each.alert.id, each.contact.id) for each in notices}
    others = _Others(related)
    hides: dict[tuple[str, str], int] = {}
    kept: list[Notice] = []
    dropped: list[Dropped] = []
    held: list[Notice] = []
    for notice in notices:
        verdict, by = _judge(notice, others.about(notice.alert), mailed, going)
        if by is None:
            kept.append(notice)
            continue
        if verdict == "yields" and not in_one_mail:
            held.append(notice)
            decisions.append(_decision("held", f"yields to {by.kind}", notice))
            continue
        hides[by.id, notice.contact.id] = hides.get((by.id, notice.contact.id), 0) + 1
        dropped.append(Dropped(notice, f"told by {by.kind}", by))
        decisions.append(_decision("dropped", f"told by {by.kind}", notice))
    counted = (replace(each, hides=hides.get((each.alert.id, each.contact.id), 0)) for each in kept)
    return Inhibited(tuple(counted), tuple(dropped), tuple(held))


def is_still_hidden(alert: Alert, others: Iterable[Alert]) -> bool:
    """Whether another alert that goes on says what this one says, to whoever that is told."""
    reader = Contact("", alert.case.institute, Role.INSTITUTE_COORDINATOR, "")
    notice = Notice(alert, Addressee(reader.role, reader.organisation), reader, news=alert.news)
    found = _Others(each for each in others if each.is_live).about(alert)
    return any(_covers(each, notice, is_told=True) for each in found)


def told_lately(alerts: Iterable[Alert], told: Iterable[Told]) -> set[tuple[str, str]]:
    """Alert and contact of every mail since the alert was last opened."""
    opened = {alert.id: alert.opened_at for alert in alerts}
    return {
        (each.alert, each.contact)
        for each in told
        if each.mail is not None and (each.at is None or each.alert not in opened or each.at >= opened[each.alert])
    }


def rival_of(alert: Alert, others: Iterable[Alert]) -> Alert | None:
    """The live alert that tells of the same loss: a lost place and the same student unplaced since; a withdrawal has none."""
    wanted = _RIVALS.get(alert.kind)
    for other in others:
        is_same_loss = alert.case.site is not None and other.case.site == alert.case.site
        is_live = other.is_live and not (alert.is_withdrawal or other.is_withdrawal)
        if other.kind is wanted and other.case.student == alert.case.student and is_same_loss and is_live:
            return other
    return None


def rivals_of(alerts: Iterable[Alert], related: Iterable[Alert]) -> dict[str, Alert]:
    """The rival of every alert that has one, by the id of the alert."""
    by_student: dict[str, list[Alert]] = {}
    for other in related:
        if other.kind in _RIVALS:
            by_student.setdefault(other.case.student, []).append(other)
    found = (
        (alert.id, rival_of(alert, by_student.get(alert.case.student, ()))) for alert in alerts if alert.kind in _RIVALS
    )
    return {alert: rival for alert, rival in found if rival is not None}


def measured_levers(alerts: Iterable[Alert]) -> dict[str, tuple[str, ...]]:
    """By student without a place what would help them, as the signals about them say."""
    of_place = (each for each in alerts if each.kind is AlertKind.LOST or each.case.reason in WITHOUT_PLACE)
    return {each.case.student: each.case.levers for each in of_place if each.is_live and each.case.levers}


class _Others:
    """Alerts by whom they are about, so that each is compared with few."""

    def __init__(self, related: Iterable[Alert]) -> None:
        self._by_student: dict[str, list[Alert]] = {}
        self._covering: dict[str, list[Alert]] = {}
        for each in related:
            if each.case.student:
                self._by_student.setdefault(each.case.student, []).append(each)
            elif each.kind in COVERING and each.is_live:
                self._covering.setdefault(each.case.region, []).append(each)

    def about(self, alert: Alert) -> list[Alert]:
        """Those that may say more than this one."""
        if not alert.case.student:
            return []
        own = [each for each in self._by_student.get(alert.case.student, ()) if each.id != alert.id]
        return own + self._covering.get(alert.case.region, [])


def _judge(
    notice: Notice, others: Iterable[Alert], mailed: set[tuple[str, str]], going: set[tuple[str, str]]
) -> tuple[str, Alert | None]:
    for other in others:
        pair = (other.id, notice.contact.id)
        if pair in mailed and _covers(other, notice, is_told=True):
            return "told", other
        if pair in going and _covers(other, notice, is_told=False):
            return "yields", other
    return "", None


def _covers(other: Alert, notice: Notice, *, is_told: bool) -> bool:
    """Whether `other` says what the notice says. Of a loss and an unplaced student either does once it is told; the loss goes first.

    That nobody took this one on is said by nothing about many.
    """
    alert = notice.alert
    if alert.case.student and other.case.student == alert.case.student:
        return _of_same_student(other, notice, is_told=is_told)
    if notice.news is News.ESCALATED:
        return False
    if other.kind is AlertKind.SHORTAGE and alert.kind in OF_ONE_STUDENT:
        return _is_from_shortage(other, alert) and not alert.is_withdrawal
    is_same_site = other.case.site is not None and other.case.site == alert.case.site
    return other.kind is AlertKind.OVERLOADED and is_same_site and alert.case.reason == AtRiskRule.TRAINER_OVERLOADED


def _of_same_student(other: Alert, notice: Notice, *, is_told: bool) -> bool:
    alert = notice.alert
    if rival_of(alert, [other]) is not None:
        if alert.kind is AlertKind.LOST:
            return is_told and notice.addressee.role is Role.INSTITUTE_COORDINATOR
        return True
    if alert.kind in {AlertKind.UNPLACED, AlertKind.LOST} and not alert.is_live:
        return other.kind is AlertKind.PROPOSED and other.news_at is not None  # where to, says that it is over
    if other.is_withdrawal or not other.is_live:
        return False
    if alert.kind is AlertKind.AT_RISK and alert.case.reason in WITHOUT_PLACE:
        return other.kind in {AlertKind.LOST, AlertKind.UNPLACED} and _is_recent(other, alert, is_told=is_told)
    return other.kind is AlertKind.LOST and alert.kind in {AlertKind.AT_RISK, AlertKind.DETECTED}


def _is_recent(other: Alert, alert: Alert, *, is_told: bool) -> bool:
    at: datetime | None = other.told_at if is_told else other.news_at
    return at is not None and alert.news_at is not None and alert.news_at - at <= SAME_NEWS


def _is_from_shortage(shortage: Alert, alert: Alert) -> bool:
    """At a site: whatever is about a student there; in the region: who has no place for this subject."""
    if shortage.case.site is not None:
        is_same_subject = alert.case.subject in (None, shortage.case.subject)
        return alert.case.site == shortage.case.site and is_same_subject
    is_without_place = alert.kind is AlertKind.UNPLACED or alert.case.reason in WITHOUT_PLACE
    return is_without_place and alert.case.subject is not None and alert.case.subject == shortage.case.subject


def _decision(verdict: str, reason: str, notice: Notice) -> Decision:
    return Decision("inhibit", verdict, reason, notice.alert.id, notice.addressee.role)
