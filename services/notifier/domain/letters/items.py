"""One alert as an item of a mail: what happened, why, what can be done, what would help, by when and whom to call."""

from collections.abc import Mapping
from datetime import date

from services.notifier.domain.alerts import Alert, AlertKind, Case, News
from services.notifier.domain.asking import asks
from services.notifier.domain.contacts import AT_SCHOOL, Addressee, Role
from services.notifier.domain.doors import door_of
from services.notifier.domain.letters.calling import Names
from services.notifier.domain.letters.shape import Item
from services.notifier.domain.notices import Notice
from services.notifier.domain.phrases import Said
from services.notifier.domain.routing import addressees
from shared.contracts.placements import UnplacedReason
from shared.contracts.signals import AtRiskRule
from shared.dutch import dutch_day
from shared.short_code import short_code

PLACES = frozenset(
    {AlertKind.LOST, AlertKind.UNPLACED, AlertKind.MISMATCH, AlertKind.PROPOSED, AlertKind.CHANGED, AlertKind.SETTLED}
)
"""What is arranged before the period starts; of the others the matcher tells the day that matters."""
_UNPLACED_RULES = frozenset({AtRiskRule.UNPLACED_30_DAYS, AtRiskRule.UNPLACED_14_DAYS})


class Writer:
    """Writes items for one reader; `rivals` are alerts that tell more about the same loss, by the alert they belong to."""

    def __init__(self, names: Names, rivals: Mapping[str, Alert], region: str) -> None:
        """Days are those of this region."""
        self.names = names
        self._today = names.knowledge.day_in(region)
        self._phrases = names.phrases
        self._rivals = rivals

    def item(self, notice: Notice) -> Item:
        """The whole of it."""
        framing, alert = self._phrases.framing, notice.alert
        if notice.news is News.CLEARED:
            return Item(self.what(alert.case, alert.kind), can=framing.solved, number=_number(alert.case))
        why, can = self._why_and_can(notice)
        taken_on, is_asked = self._taken_on(notice), self.is_asked(notice)
        when, call = self.deadline(notice), self.names.call(notice)
        return Item(
            what=self.what(alert.case, alert.kind),
            news=f"{framing.news[notice.news]} {taken_on}".strip(),
            why=why,
            can="" if taken_on else can,
            levers=self._levers(alert) if is_asked else "",
            also=self._also_asked(notice) if is_asked else "",
            by_when=self.when(when) if when else "",
            call=call if is_asked or not call else framing.questions.format(call=call),
            number=_number(alert.case),
            asks=is_asked,
            door=door_of(alert, notice.contact),
        )

    def is_asked(self, notice: Notice) -> bool:
        """Whether something is asked of its reader now: it is theirs to do, and no other took it on."""
        return asks(notice.alert, notice.addressee.role) and not self._taken_on(notice)

    def deadline(self, notice: Notice) -> date | None:
        """By when the reader must act; None where nothing is asked."""
        alert = notice.alert
        if notice.news is News.CLEARED or not self.is_asked(notice):
            return None
        if alert.kind in PLACES:
            return self.names.knowledge.deadline(alert)
        day = alert.case.next_date
        return None if day is None else max(day, self._today)

    def when(self, day: date) -> str:
        """By when to act: today when there is no time left."""
        framing = self._phrases.framing
        if day <= self._today:
            return framing.today.format(date=self._phrases.date(self._today))
        return framing.before.format(date=self._phrases.date(day))

    def what(self, case: Case, kind: AlertKind) -> str:
        """What it is about, as the beginning of a sentence."""
        said = self._about_student(case, kind) if case.student else self._about(case, kind)
        return f"{said[:1].upper()}{said[1:]}"

    def _about_student(self, case: Case, kind: AlertKind) -> str:
        naming, site = self._phrases.naming, case.site
        said = naming.student.format(code=short_code(case.student))
        if case.subject and kind is not AlertKind.MISMATCH:
            said += naming.subject.format(subject=_subject(case))
        if kind is AlertKind.UNPLACED:
            return said
        if kind is AlertKind.LOST:
            return said + (naming.was_at.format(site=self.names.site(site)) if site else "")
        if kind is AlertKind.CHANGED and site and case.previous_site and case.previous_site != site:
            before = self.names.site(case.previous_site)
            return said + naming.moved.format(site=self.names.site(site), before=before)
        if kind is AlertKind.MISMATCH:
            now = self.names.knowledge.site_now(case.student)
            party = naming.parties.get(case.reported_by or "", naming.parties["school"])
            where = naming.at.format(site=self.names.site(now)) if now else ""
            return said + where + naming.reported_by.format(party=party)
        return said + (naming.at.format(site=self.names.site(site)) if site else "")

    def _about(self, case: Case, kind: AlertKind) -> str:
        naming = self._phrases.naming
        at = naming.at.format(site=self.names.site(case.site)) if case.site else ""
        period = self._period(case)
        match kind:
            case AlertKind.SHORTAGE:
                sector = f" ({naming.sectors[case.sector]})" if case.sector else ""
                return f"{_subject(case)}{sector}{period}{at or naming.region_wide}"
            case AlertKind.OVERLOADED:
                return naming.guide.format(code=short_code(case.supervisor or "")) + period + at
            case AlertKind.FAIRNESS:
                return naming.groups.get(case.reason, "{value}").format(value=self._group(case))
            case AlertKind.GAP:
                return self.names.role_of(Addressee(Role(case.reason), case.organisation or case.region))
            case AlertKind.SILENT:
                return self.names.region(case.region)
            case _:
                return naming.parked.format(topic=case.reason)

    def _period(self, case: Case) -> str:
        """The period by the day it starts, which people know; by its code where that day is not known."""
        if not case.periods:
            return ""
        naming, region = self._phrases.naming, self.names.knowledge.regions.get(case.region)
        starts = region.starts.get(case.periods[0]) if region else None
        if starts is None:
            return naming.period.format(period=case.periods[0])
        return naming.period_from.format(date=self._phrases.date(starts))

    def _group(self, case: Case) -> str:
        """A group as people call it."""
        value = case.group or ""
        match case.reason:
            case "sector":
                return self._phrases.naming.sectors.get(value, value)
            case "phase":
                return self._phrases.naming.phase(value)
            case _:
                return _readable(value)

    def _taken_on(self, notice: Notice) -> str:
        """That another than the reader took it on; empty when nobody did, or they did themselves."""
        care, reader = notice.alert.care, notice.contact.email.casefold()
        if care.acknowledged_by is None or care.acknowledged_at is None:
            return ""
        taker = self.names.knowledge.by_id.get(care.acknowledged_by)
        if care.acknowledged_by == notice.contact.id or (taker is not None and taker.email.casefold() == reader):
            return ""
        who = self.names.doer(care.acknowledged_by, care.acknowledged_for)
        said = self._phrases.framing.taken_on.format(who=who, date=self._phrases.date(dutch_day(care.acknowledged_at)))
        return f"{said[:1].upper()}{said[1:]}"

    def _why_and_can(self, notice: Notice) -> tuple[str, str]:
        alert, role = notice.alert, notice.addressee.role
        case, said = alert.case, self._said(alert)
        why = [said.why, self._tier(case), self._phrases.measured(said.measured, _figures(case))]
        is_measured = bool(self._measured(alert))
        can = said.can_for(role, is_measured=is_measured)
        if alert.kind is AlertKind.MISMATCH and not asks(alert, role):
            can = self._phrases.framing.you_reported
        if alert.kind is AlertKind.AT_RISK and case.reason in _UNPLACED_RULES and case.cause in {*UnplacedReason}:
            reason = self._phrases.said[AlertKind.UNPLACED][str(case.cause)]
            why, can = [said.why, why[2], reason.why], reason.can_for(role, is_measured=is_measured)
        rival = self._rivals.get(alert.id)
        if rival is not None and alert.kind is AlertKind.LOST and role not in AT_SCHOOL:
            more, measured = self._said(rival), self._phrases.measured(self._said(rival).measured, _figures(rival.case))
            why, can = (
                [*why, self._phrases.still_unplaced, more.why, measured],
                f"{can} {more.can_for(role, is_measured=is_measured)}",
            )
        return " ".join(filter(None, why)), can

    def _said(self, alert: Alert) -> Said:
        of_kind = self._phrases.said[alert.kind]
        if alert.kind is AlertKind.SHORTAGE:
            return of_kind[alert.case.tier or "seats"]
        return of_kind.get("") or of_kind[alert.case.reason]

    def _tier(self, case: Case) -> str:
        """Whose hours a student lacks, as the matcher's cause begins with."""
        tier = (case.cause or "").partition("-")[0]
        is_about_hours = bool(case.student) and tier in self._phrases.naming.tiers
        return (
            self._phrases.naming.tier_concerned.format(tier=self._phrases.naming.tiers[tier]) if is_about_hours else ""
        )

    def _also_asked(self, notice: Notice) -> str:
        """Who else is responsible, so that nobody waits for the other; of those who did nothing it is told elsewhere."""
        known = {notice.addressee, *notice.stands_in_for, *notice.escalated_from}
        asked, knowledge = addressees(notice.alert, self.names.knowledge), self.names.knowledge
        others = [
            each for each in asked if each not in known and asks(notice.alert, each.role) and knowledge.with_role(each)
        ]
        if not others or notice.news in {News.HANDED_OVER, News.ESCALATED}:
            return ""
        return self._phrases.framing.also_asked.format(roles=", ".join(self.names.role_of(each) for each in others))

    def _lever(self, lever: str, case: Case) -> str:
        """A lever, and of several students how many it helps."""
        name, figures = self._phrases.naming.levers[lever], case.figures
        count, of = figures.get(f"helped-{lever}"), figures.get("helped-of")
        return self._phrases.framing.helps_some.format(lever=name, count=count, of=of) if count and of else name

    def _measured(self, alert: Alert) -> tuple[str, ...]:
        """The levers that were measured to help; of who has no place also those that another alert about them told."""
        own = alert.case.levers
        is_without_place = alert.kind in {AlertKind.UNPLACED, AlertKind.LOST}
        return own or (self.names.knowledge.levers.get(alert.case.student, ()) if is_without_place else ())

    def _levers(self, alert: Alert) -> str:
        framing, names = self._phrases.framing, self._phrases.naming.levers
        levers = [self._lever(lever, alert.case) for lever in self._measured(alert) if lever in names]
        if not levers:
            return ""
        said = framing.levers if alert.case.student else framing.levers_some
        return said.of(len(levers), levers="; ".join(levers))


def _number(case: Case) -> str:
    return case.student or case.supervisor or ""


def _subject(case: Case) -> str:
    return _readable(case.subject)


def _readable(slug: str | None) -> str:
    return (slug or "").replace("-", " ")


def _figures(case: Case) -> Mapping[str, object]:
    """The figures, and what follows from them: shares in whole percents."""
    figures = dict(case.figures)
    unplaced, students, overall = (figures.get(each) for each in ("unplaced", "students", "overall-permille"))
    if unplaced is None or not students or overall is None:
        return figures
    return {**figures, "share": round(100 * unplaced / students), "overall": round(overall / 10)}
