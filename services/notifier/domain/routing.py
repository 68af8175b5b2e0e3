"""Route: who is responsible for an alert, who hears when they do not act or nobody has the role, and who that is by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.notifier.domain.alerts import FACTS, Alert, AlertKind, AlertState, Case, News
from services.notifier.domain.asking import asks
from services.notifier.domain.contacts import PLATFORM, Addressee, Contact, Role
from services.notifier.domain.decisions import Decision
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.notices import Notice, Told
from shared.contracts.signals import AtRiskRule

ABOUT_GUIDANCE = frozenset(
    {
        AtRiskRule.HOURS_BELOW_80,
        AtRiskRule.SUPPORT_BELOW_NORM,
        AtRiskRule.NO_SUCCESSOR,
        AtRiskRule.NO_BACKUP,
        AtRiskRule.TRAINER_OVERLOADED,
        AtRiskRule.GUIDED_BY_STARTER,
    }
)
"""What the school can do something about."""
SERIOUS = frozenset({AtRiskRule.HOURS_BELOW_80, AtRiskRule.SUPPORT_BELOW_NORM, AtRiskRule.NO_SUCCESSOR})
"""Of these the student's institute hears as well."""

CHAINS = {
    AlertKind.LOST: (Role.INSTITUTE_TRAINER, Role.PROGRAMME_MANAGER),
    AlertKind.UNPLACED: (Role.PROGRAMME_MANAGER,),
    AlertKind.MISMATCH: (Role.INSTITUTE_TRAINER, Role.PROGRAMME_MANAGER),
    AlertKind.DETECTED: (Role.INSTITUTE_TRAINER, Role.PROGRAMME_MANAGER),
    AlertKind.AT_RISK: (Role.INSTITUTE_TRAINER, Role.PROGRAMME_MANAGER),
    AlertKind.SHORTAGE: (Role.PROGRAMME_MANAGER,),
    AlertKind.OVERLOADED: (Role.SCHOOL_LEADER, Role.PROGRAMME_MANAGER),
    AlertKind.GAP: (Role.OPERATOR,),
}
"""Which roles hear, one after another, when nobody takes it on."""


@dataclass(frozen=True, slots=True)
class Routed:
    """Whom to tell, the roles that nobody reachable has, and those of them for whom nobody stands in either."""

    notices: tuple[Notice, ...]
    missing: tuple[tuple[Alert, Addressee], ...]
    unreachable: tuple[tuple[Alert, Addressee], ...]


def addressees(alert: Alert, knowledge: Knowledge) -> tuple[Addressee, ...]:
    """Who is responsible, whoever is asked most first. Of a lost place the institute and the school, of a withdrawal the school
    alone; of a reported mismatch both, and asked is the party that did not report it; of a shortage who can free hours or seats;
    of Leerplek itself the operator.
    """
    case = alert.case
    here = _at(Role.SCHOOL_TRAINER, case.site)
    match alert.kind:
        case AlertKind.LOST if alert.is_withdrawal:
            return here or (_of(Role.INSTITUTE_COORDINATOR, case),)
        case AlertKind.LOST | AlertKind.PROPOSED | AlertKind.SETTLED | AlertKind.DETECTED:
            return _of(Role.INSTITUTE_COORDINATOR, case), *here
        case AlertKind.CHANGED:
            before = _at(Role.SCHOOL_TRAINER, case.previous_site if case.previous_site != case.site else None)
            return _of(Role.INSTITUTE_COORDINATOR, case), *here, *before
        case AlertKind.MISMATCH:
            institute, school = (
                _of(Role.INSTITUTE_COORDINATOR, case),
                _at(Role.SCHOOL_TRAINER, knowledge.site_now(case.student)),
            )
            if case.reported_by == "institute":
                return *(school or (_of(Role.PROGRAMME_MANAGER, case),)), institute
            return institute, *school
        case AlertKind.AT_RISK:
            return _at_risk(case, here)
        case AlertKind.SHORTAGE if case.site is not None:
            return _at(Role.SCHOOL_LEADER, case.site)
        case AlertKind.OVERLOADED if case.site is not None:
            return here
        case AlertKind.SHORTAGE | AlertKind.OVERLOADED | AlertKind.FAIRNESS:
            return (_of(Role.PROGRAMME_MANAGER, case),)
        case AlertKind.GAP:
            is_the_manager = case.reason == Role.PROGRAMME_MANAGER
            return (_of(Role.OPERATOR if is_the_manager else Role.PROGRAMME_MANAGER, case),)
        case AlertKind.PARKED | AlertKind.SILENT:
            return (_of(Role.OPERATOR, case),)
        case _:
            return (_of(Role.INSTITUTE_COORDINATOR, case),)


def chain(alert: Alert) -> tuple[Addressee, ...]:
    """Who hears next, and after them, when those who are responsible do not take it on."""
    return tuple(_of(role, alert.case) for role in CHAINS.get(alert.kind, ()))


def route(alerts: Sequence[Alert], told: Sequence[Told], knowledge: Knowledge, decisions: list[Decision]) -> Routed:
    """The contacts who have not heard yet of each alert's newest news."""
    heard: dict[str, list[Told]] = {}
    for each in told:
        heard.setdefault(each.alert, []).append(each)
    notices: list[Notice] = []
    missing: list[tuple[Alert, Addressee]] = []
    unreachable: list[tuple[Alert, Addressee]] = []
    for alert in alerts:
        before = [each for each in heard.get(alert.id, []) if each.at is None or each.at >= alert.opened_at]
        done = {(each.role, each.contact) for each in before if each.revision == alert.revision}
        found = _who(alert, before, knowledge, decisions, missing, unreachable)
        notices.extend(each for each in found if (each.addressee.role, each.contact.id) not in done)
    return Routed(tuple(notices), tuple(missing), tuple(unreachable))


def parties(alert: Alert, knowledge: Knowledge) -> set[str]:
    """The organisations that an alert concerns: nobody outside them hears of it."""
    case = alert.case
    named = {case.region, case.institute, case.site, case.previous_site, knowledge.site_now(case.student), PLATFORM}
    return {each for each in named if each}


def may_have(alert: Alert, knowledge: Knowledge) -> set[str]:
    """The organisations to whose people an alert may be given: those that it concerns, the platform where it is the operator's."""
    is_the_platforms = any(each.organisation == PLATFORM for each in addressees(alert, knowledge))
    return parties(alert, knowledge) - (set() if is_the_platforms else {PLATFORM})


def _who(
    alert: Alert,
    before: Sequence[Told],
    knowledge: Knowledge,
    decisions: list[Decision],
    missing: list[tuple[Alert, Addressee]],
    unreachable: list[tuple[Alert, Addressee]],
) -> list[Notice]:
    if alert.state is AlertState.CLEARED:
        return _who_was_told(alert, before, knowledge)
    given = _given_to(alert, knowledge)
    if given is not None:
        return [Notice(alert, Addressee(given.role, given.organisation), given, news=alert.news)]
    if alert.news is News.ESCALATED:
        return _next_role(alert, before, knowledge, decisions)
    found: list[Notice] = []
    for addressee in addressees(alert, knowledge):
        is_asked = asks(alert, addressee.role)
        if alert.news is News.REMINDER and not is_asked:
            continue
        reached = knowledge.reachable(addressee)
        found += [Notice(alert, addressee, each, news=alert.news, replaces=absent) for each, absent in reached]
        if reached:
            continue
        if alert.kind in FACTS or not (is_asked or alert.is_withdrawal):
            waits = alert.is_fact and _may_hear_later(alert, addressee, knowledge, missing)
            decisions.append(_nobody("waits" if waits else "dropped", alert, addressee))
            if waits:
                unreachable.append((alert, addressee))
            continue
        missing.append((alert, addressee))
        stand_ins = _stand_ins(alert, addressee, knowledge)
        decisions.append(_nobody("stand-in" if stand_ins else "unreachable", alert, addressee))
        found += stand_ins
        if not stand_ins:
            unreachable.append((alert, addressee))
    return found


def _may_hear_later(
    fact: Alert, addressee: Addressee, knowledge: Knowledge, missing: list[tuple[Alert, Addressee]]
) -> bool:
    """Whether somebody has the role whom no mail reaches today: a fact waits until they are back, or have another address."""
    have_it = knowledge.with_role(addressee)
    if any(each.stopped is not None for each in have_it):
        missing.append((fact, addressee))
    return bool(have_it)


def _who_was_told(alert: Alert, before: Sequence[Told], knowledge: Knowledge) -> list[Notice]:
    """That it is over is for those who heard that it was not."""
    found: dict[str, Notice] = {}
    for each in before:
        contact = knowledge.by_id.get(each.contact)
        if each.mail is not None and contact is not None and contact.stopped is None:
            addressee = Addressee(each.role, contact.organisation)
            found.setdefault(contact.id, Notice(alert, addressee, contact, news=alert.news))
    return list(found.values())


def _next_role(alert: Alert, before: Sequence[Told], knowledge: Knowledge, decisions: list[Decision]) -> list[Notice]:
    """The first of the roles further on in which somebody has not heard; it is nobody's when all have."""
    heard = {each.contact for each in before if each.mail is not None and each.revision < alert.revision}
    first = tuple(each for each in addressees(alert, knowledge) if asks(alert, each.role))
    for addressee in chain(alert)[alert.care.step - 1 :]:
        if not asks(alert, addressee.role):
            continue
        reached = [(each, absent) for each, absent in knowledge.reachable(addressee) if each.id not in heard]
        if reached:
            return [
                Notice(alert, addressee, each, news=News.ESCALATED, replaces=absent, escalated_from=first)
                for each, absent in reached
            ]
        decisions.append(_nobody("skipped", alert, addressee))
    return []


def _stand_ins(alert: Alert, missing: Addressee, knowledge: Knowledge) -> list[Notice]:
    """Somebody of the next roles, told in place of a role that nobody has; for the platform itself nobody stands in."""
    others = [each for each in chain(alert) if each.role is not Role.OPERATOR]
    for addressee in (*others, _of(Role.PROGRAMME_MANAGER, alert.case)):
        if missing.role is Role.OPERATOR or addressee == missing:
            continue
        reached = knowledge.reachable(addressee)
        if reached:
            return [
                Notice(alert, missing, each, (missing,), news=alert.news, replaces=absent) for each, absent in reached
            ]
    return []


def _given_to(alert: Alert, knowledge: Knowledge) -> Contact | None:
    """The contact to whom somebody gave it, while they can be reached; an escalation goes past them."""
    if alert.care.handed_to is None or alert.news is News.ESCALATED:
        return None
    contact = knowledge.by_id.get(alert.care.handed_to)
    if contact is None or contact.stopped is not None or knowledge.is_absent(contact):
        return None
    return contact if contact.organisation in may_have(alert, knowledge) else None


def _at_risk(case: Case, here: tuple[Addressee, ...]) -> tuple[Addressee, ...]:
    institute = _of(Role.INSTITUTE_COORDINATOR, case)
    if case.reason == AtRiskRule.OPEN_MISMATCH:
        return institute, *here
    if case.reason in ABOUT_GUIDANCE and here:
        return (institute, *here) if case.reason in SERIOUS else here
    return (institute,)


def _nobody(verdict: str, alert: Alert, addressee: Addressee) -> Decision:
    return Decision("route", verdict, f"nobody is registered as {addressee.role}", alert.id, addressee.role)


def _at(role: Role, site: str | None) -> tuple[Addressee, ...]:
    return () if site is None else (Addressee(role, site),)


def _of(role: Role, case: Case) -> Addressee:
    organisation = {
        Role.INSTITUTE_COORDINATOR: case.institute,
        Role.INSTITUTE_TRAINER: case.institute,
        Role.SCHOOL_TRAINER: case.site or "",
        Role.SCHOOL_LEADER: case.site or "",
        Role.PROGRAMME_MANAGER: case.region,
        Role.OPERATOR: PLATFORM,
    }[role]
    return Addressee(role, organisation)
