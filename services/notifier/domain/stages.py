"""From open alerts to drafts of mails: route, group, inhibit, deduplicate. Each stage is pure and gives its reasons."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.notifier.domain.alerts import Alert, AlertKind, AlertState
from services.notifier.domain.contacts import Addressee, Contact, Role
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.notices import Draft, Notice, Told


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a stage let something pass, wait or stop; for the log and the metrics."""

    stage: str
    verdict: str
    reason: str
    alert: str
    role: Role


@dataclass(frozen=True, slots=True)
class Dropped:
    """A notice that will not be sent since its role has heard of the alert otherwise."""

    notice: Notice
    reason: str


@dataclass(frozen=True, slots=True)
class Situation:
    """Open alerts, the live alerts about the same students, and what was told.

    `owed`: by alert and role the contacts whose mail could not be written; they are told though others in the role were.
    """

    now: datetime
    group_wait: timedelta
    alerts: Sequence[Alert]
    related: Sequence[Alert]
    told: Sequence[Told]
    owed: Mapping[tuple[str, Role], Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write, what not to, and who is missing."""

    drafts: tuple[Draft, ...]
    dropped: tuple[Dropped, ...]
    unreachable: tuple[tuple[Alert, Addressee], ...]
    decisions: tuple[Decision, ...] = field(default=())


def plan_mails(situation: Situation, knowledge: Knowledge) -> Plan:
    """All stages in order: only groups of which the oldest alert has waited long enough are written."""
    decisions: list[Decision] = []
    notices, unreachable = route(situation, knowledge, decisions)
    kept, inhibited = inhibit(group_notices(notices), situation, decisions)
    due = [draft for draft in kept if _is_due(draft, situation, decisions)]
    drafts, doubles = deduplicate(due, situation.told, decisions)
    return Plan(tuple(drafts), (*inhibited, *doubles), tuple(unreachable), tuple(decisions))


def addressees(alert: Alert, knowledge: Knowledge) -> tuple[Addressee, ...]:
    """Who is responsible: the institute; also the school that lost a student, and it alone when the institute withdrew them;
    for a mismatch the party that did not report it.
    """
    case = alert.case
    if alert.is_withdrawal and case.site is not None:
        return (Addressee(Role.SCHOOL_TRAINER, case.site),)
    institute = Addressee(Role.INSTITUTE_COORDINATOR, case.institute)
    if alert.kind is AlertKind.LOST and case.site is not None:
        return institute, Addressee(Role.SCHOOL_TRAINER, case.site)
    if alert.kind is AlertKind.MISMATCH and case.reported_by == "institute":
        site = knowledge.site_now(case.student)
        if site is None:
            return (Addressee(Role.PROGRAMME_MANAGER, case.region),)
        return (Addressee(Role.SCHOOL_TRAINER, site),)
    return (institute,)


def route(
    situation: Situation, knowledge: Knowledge, decisions: list[Decision]
) -> tuple[list[Notice], list[tuple[Alert, Addressee]]]:
    """The contacts of every role that has not been told yet, or is owed a mail; where nobody has it, the programme manager."""
    told = {(each.alert, each.revision, each.role) for each in situation.told}
    notices: list[Notice] = []
    unreachable: list[tuple[Alert, Addressee]] = []
    for alert in situation.alerts:
        for addressee in addressees(alert, knowledge):
            is_told = (alert.id, alert.revision, addressee.role) in told
            owed = situation.owed.get((alert.id, addressee.role), ())
            if is_told and not owed:
                continue
            found = knowledge.with_role(addressee)
            missing: tuple[Addressee, ...] = ()
            if not found:
                missing = (addressee,)
                found = knowledge.with_role(Addressee(Role.PROGRAMME_MANAGER, alert.case.region))
                verdict = "stand-in" if found else "unreachable"
                decisions.append(
                    Decision("route", verdict, f"nobody is registered as {addressee.role}", alert.id, addressee.role)
                )
            if not found and not is_told:
                unreachable.append((alert, addressee))
            left = [contact for contact in found if not is_told or contact.id in owed]
            notices.extend(Notice(alert, addressee, contact, missing) for contact in left)
    return notices, unreachable


def group_notices(notices: Iterable[Notice]) -> list[Draft]:
    """One draft per contact, role, kind and region, in a fixed order."""
    groups: dict[tuple[str, Role, AlertKind, str], list[Notice]] = {}
    for notice in notices:
        key = (notice.contact.id, notice.addressee.role, notice.alert.kind, notice.alert.case.region)
        groups.setdefault(key, []).append(notice)
    return [
        Draft(members[0].contact, role, kind, region, tuple(sorted(members, key=lambda each: each.alert.id)))
        for (_, role, kind, region), members in sorted(groups.items(), key=lambda item: item[0])
    ]


def inhibit(
    drafts: Sequence[Draft], situation: Situation, decisions: list[Decision]
) -> tuple[list[Draft], list[Dropped]]:
    """Holds back a second mail to one role about one lost place: whichever of loss and unplaced is told first tells both."""
    rivals = rivals_of(situation.alerts, situation.related)
    mailed = {(each.alert, each.revision, each.role) for each in situation.told if each.contact is not None}
    heard = {(each.alert, each.revision, each.role) for each in situation.told}
    kept: list[Draft] = []
    dropped: list[Dropped] = []
    for draft in drafts:
        passing: list[Notice] = []
        for notice in draft.notices:
            rival, role = rivals.get(notice.alert.id), notice.addressee.role
            if rival is None or role is not Role.INSTITUTE_COORDINATOR:
                passing.append(notice)
            elif (rival.id, rival.revision, role) in mailed:
                dropped.append(Dropped(notice, f"told by {rival.kind}"))
                decisions.append(Decision("inhibit", "dropped", f"told by {rival.kind}", notice.alert.id, role))
            elif notice.alert.kind is AlertKind.UNPLACED and (rival.id, rival.revision, role) not in heard:
                decisions.append(Decision("inhibit", "held", f"yields to {rival.kind}", notice.alert.id, role))
            else:
                passing.append(notice)
        if passing:
            kept.append(replace(draft, notices=tuple(passing)))
    return kept, dropped


def rival_of(alert: Alert, others: Iterable[Alert]) -> Alert | None:
    """The live alert that tells of the same loss: a lost place and the same student unplaced since; a withdrawal has none."""
    wanted = {AlertKind.LOST: AlertKind.UNPLACED, AlertKind.UNPLACED: AlertKind.LOST}.get(alert.kind)
    for other in others:
        is_same_loss = alert.case.site is not None and other.case.site == alert.case.site
        is_live = other.state is not AlertState.CLEARED and not (alert.is_withdrawal or other.is_withdrawal)
        if other.kind is wanted and other.case.student == alert.case.student and is_same_loss and is_live:
            return other
    return None


def rivals_of(alerts: Iterable[Alert], related: Iterable[Alert]) -> dict[str, Alert]:
    """The rival of every alert that has one, by the id of the alert."""
    by_student: dict[str, list[Alert]] = {}
    for other in related:
        by_student.setdefault(other.case.student, []).append(other)
    found = ((alert.id, rival_of(alert, by_student.get(alert.case.student, ()))) for alert in alerts)
    return {alert: rival for alert, rival in found if rival is not None}


def deduplicate(
    drafts: Sequence[Draft], told: Sequence[Told], decisions: list[Decision]
) -> tuple[list[Draft], list[Dropped]]:
    """One alert reaches one address once, also when its owner has two roles or stands in for two."""
    by_contact = {(each.alert, each.revision, each.contact) for each in told}
    firsts: dict[tuple[str, str], Notice] = {}
    kept: list[tuple[Draft, list[Notice]]] = []
    dropped: list[Dropped] = []
    for draft in drafts:
        passing: list[Notice] = []
        for notice in draft.notices:
            address = (notice.alert.id, notice.contact.email.casefold())
            heard = (notice.alert.id, notice.alert.revision, notice.contact.id) in by_contact
            if not heard and address not in firsts:
                firsts[address] = notice
                passing.append(notice)
                continue
            if address in firsts:
                both = (*firsts[address].stands_in_for, *notice.stands_in_for)
                firsts[address] = replace(firsts[address], stands_in_for=tuple(dict.fromkeys(both)))
            dropped.append(Dropped(notice, "told at the same address"))
            decisions.append(
                Decision("deduplicate", "dropped", "told at the same address", notice.alert.id, notice.addressee.role)
            )
        if passing:
            kept.append((draft, passing))
    merged = [
        replace(draft, notices=tuple(firsts[each.alert.id, each.contact.email.casefold()] for each in passing))
        for draft, passing in kept
    ]
    return merged, dropped


def _is_due(draft: Draft, situation: Situation, decisions: list[Decision]) -> bool:
    oldest = min(notice.alert.opened_at for notice in draft.notices)
    is_due = situation.now - oldest >= situation.group_wait
    verdict, reason = ("due", "waited") if is_due else ("held", "waits for its group")
    decisions.extend(Decision("group", verdict, reason, each.alert.id, each.addressee.role) for each in draft.notices)
    return is_due
