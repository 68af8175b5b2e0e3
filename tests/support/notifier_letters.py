"""One letter of every kind, for each role that gets it, with all that can stand in it: for tests of words, looks and bytes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.notifier.domain.alerts import LEVELS, Alert, AlertKind, AlertState, Case, Channel, Level, News
from services.notifier.domain.calendar import SchoolCalendar
from services.notifier.domain.contacts import PLATFORM, Addressee, Contact, Language, Preferences, Role
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.letters import Letter, write_letter
from services.notifier.domain.notices import Draft, Notice, Week
from shared.contracts.placements import MoveCause, UnplacedReason
from shared.contracts.signals import AtRiskRule
from shared.contracts.vocabulary import MismatchKind, Sector, Tier
from tests.support.notifier import INSTITUTE, NOW, PEOPLE, REGION, SITE, STARTS, knowledge

OTHER_SITE = "02CD00"
STUDENT = "019385a0-0000-7000-8000-00003f2a91bc"
GUIDE = "019385a0-0000-7000-8000-0000aa55c0de"

LEADER = Contact("c4", SITE, Role.SCHOOL_LEADER, "leiding@school.example", "Jet Mol", "010 111 22 33")
INSTITUTE_TRAINER = Contact("c5", INSTITUTE, Role.INSTITUTE_TRAINER, "io@vu.example", "Ada Bron", "020 111 22 33")
OPERATOR = Contact("c6", PLATFORM, Role.OPERATOR, "beheer@leerplek.example", "Ton Kok")
EVERYBODY = (*PEOPLE.all(), LEADER, INSTITUTE_TRAINER, OPERATOR)
KNOWN = knowledge(EVERYBODY)

_BASE = Case(
    REGION, STUDENT, INSTITUTE, subject="wiskunde", site=SITE, periods=("2026-S1",), starts=STARTS, next_date=date(2026, 8, 17)
)  # fmt: skip
_NO_STUDENT = replace(_BASE, student="", institute="", starts=None)
_GUIDANCE = frozenset({AtRiskRule.HOURS_BELOW_80, AtRiskRule.SUPPORT_BELOW_NORM, AtRiskRule.NO_SUCCESSOR})
_HOURS = {"norm-qh": 6, "given-qh": 4, "percent-missing": 33}
_REASONS: Mapping[AlertKind, tuple[str, ...]] = {
    AlertKind.CHANGED: tuple(MoveCause),
    AlertKind.LOST: tuple(MoveCause),
    AlertKind.UNPLACED: tuple(UnplacedReason),
    AlertKind.MISMATCH: tuple(MismatchKind),
    AlertKind.DETECTED: tuple(MismatchKind),
    AlertKind.AT_RISK: tuple(AtRiskRule),
    AlertKind.SHORTAGE: ("", *Tier),
    AlertKind.FAIRNESS: ("institute", "route", "support", "subject", "phase", "sector"),
    AlertKind.GAP: (Role.SCHOOL_TRAINER, Role.INSTITUTE_COORDINATOR),
    AlertKind.PARKED: ("student.registrations",),
    AlertKind.SILENT: ("day.started",),
}
FIGURES = {
    "days-left": 12, "workplaces-for-subject": 4, "workplaces-in-reach": 3, "nearest-min": 82, "limit-min": 75,
    "places": 5, "places-without": 2, "short-qh": 3, "minutes": 97, "days": 4, "common-days": 1, "school-days": 12,
    "moves": 2, "students": 7, "missing-qh": 41, "asked-qh": 30, "available-qh": 24, "parked": 3, "hours": 27, "travel-min": 35,
    **_HOURS,
}  # fmt: skip
READERS: Mapping[AlertKind, tuple[Contact, ...]] = {
    **dict.fromkeys(AlertKind, (PEOPLE.coordinator, PEOPLE.trainer, PEOPLE.manager, LEADER, INSTITUTE_TRAINER)),
    AlertKind.PARKED: (OPERATOR,),
    AlertKind.SILENT: (OPERATOR,),
    AlertKind.GAP: (PEOPLE.manager, OPERATOR),
    AlertKind.FAIRNESS: (PEOPLE.manager,),
}


@dataclass(frozen=True)
class Written:
    """A letter and whom it is for."""

    name: str
    draft: Draft
    letter: Letter


def alert_of(kind: AlertKind, reason: str | None = None, number: int = 0, **changes: object) -> Alert:
    """An alert of this kind with everything that its text can use; `number` tells students apart."""
    reason = _REASONS.get(kind, ("",))[0] if reason is None else reason
    case = replace(_case(kind, reason), **changes)  # type: ignore[arg-type]
    if number and case.student:
        case = replace(case, student=f"{STUDENT[:-8]}{number:08x}")
    return Alert(f"{kind}/{reason}/{number}", kind, case, AlertState.RAISED, 1, 1, NOW, LEVELS[kind], news_at=NOW)


def _case(kind: AlertKind, reason: str) -> Case:
    match kind:
        case AlertKind.SHORTAGE:
            tier = Tier(reason) if reason else None
            about = replace(_NO_STUDENT, sector=Sector.SECONDARY, tier=tier, levers=("team", "lending"))
        case AlertKind.OVERLOADED:
            about = replace(_NO_STUDENT, subject=None, supervisor=GUIDE, levers=("leadership",))
        case AlertKind.FAIRNESS:
            figures = {"unplaced": 12, "students": 40, "tenths-above": 180, "overall-permille": 120}
            return replace(_NO_STUDENT, reason=reason, site=None, group="01VU", figures=figures, levers=("extra",))
        case AlertKind.GAP:
            at = SITE if reason == Role.SCHOOL_TRAINER else INSTITUTE
            return Case(REGION, reason=reason, organisation=at)
        case AlertKind.PARKED | AlertKind.SILENT:
            about = Case(REGION)
        case AlertKind.MISMATCH:
            about = replace(_BASE, reported_by="school")
        case AlertKind.CHANGED:
            about = replace(_BASE, previous_site=OTHER_SITE)
        case AlertKind.AT_RISK:
            cause = "wpb-fewer-hours" if reason in _GUIDANCE else None
            about = replace(_BASE, cause=cause, levers=("duo", "extra"))
        case AlertKind.LOST | AlertKind.UNPLACED:
            about = replace(_BASE, levers=("duo", "extra"))
        case _:
            about = _BASE
    return replace(about, reason=reason, figures=FIGURES)


def draft_of(reader: Contact, *alerts: Alert, channel: Channel = Channel.IMMEDIATE, **of_notice: object) -> Draft:
    """A draft of these alerts for a reader; `of_notice` are fields of every notice."""
    addressee = Addressee(reader.role, reader.organisation)
    notices = tuple(
        Notice(alert, addressee, reader, news=alert.news, **of_notice)  # type: ignore[arg-type]
        for alert in alerts
    )
    is_one_kind = channel in {Channel.IMMEDIATE, Channel.ESCALATION}
    return Draft(reader, reader.role, alerts[0].kind if is_one_kind else None, REGION, notices, channel)


def english(reader: Contact) -> Contact:
    """The same reader, who asked for English."""
    return replace(reader, preferences=Preferences(language=Language.ENGLISH))


def every_reason() -> Iterator[tuple[AlertKind, str, Contact]]:
    """Every kind with every reason and each role that may get it."""
    for kind in AlertKind:
        for reason in _REASONS.get(kind, ("",)):
            for reader in READERS[kind]:
                yield kind, reason, reader


def gallery(language: Language = Language.DUTCH, known: Knowledge = KNOWN) -> list[Written]:
    """What people get: every kind once, several at once, escalated, the digest, what was over the limit, the week."""
    drafts: dict[str, Draft] = {}
    for kind in AlertKind:
        drafts[kind] = draft_of(READERS[kind][0], alert_of(kind))
    drafts["lost-school"] = draft_of(PEOPLE.trainer, *(alert_of(AlertKind.LOST, number=each) for each in (1, 2, 3)))
    drafts["unplaced-many"] = draft_of(
        PEOPLE.coordinator,
        *(alert_of(AlertKind.UNPLACED, reason, number) for number, reason in enumerate([*UnplacedReason] * 2, 1)),
    )
    drafts["mismatch-school"] = draft_of(
        PEOPLE.trainer, alert_of(AlertKind.MISMATCH, MismatchKind.GUIDANCE_MATCH, reported_by="institute")
    )
    drafts["escalated"] = draft_of(
        PEOPLE.manager,
        replace(alert_of(AlertKind.AT_RISK, AtRiskRule.NO_SUCCESSOR), level=Level.CRITICAL, news=News.ESCALATED),
        channel=Channel.ESCALATION,
        escalated_from=(Addressee(Role.SCHOOL_TRAINER, SITE), Addressee(Role.INSTITUTE_COORDINATOR, INSTITUTE)),
    )
    drafts["stand-in"] = draft_of(
        PEOPLE.manager,
        alert_of(AlertKind.SHORTAGE, Tier.WORKPLACE_SUPERVISOR),
        stands_in_for=(Addressee(Role.SCHOOL_LEADER, SITE),),
        hides=12,
    )
    drafts["digest"] = draft_of(PEOPLE.coordinator, *_of_a_day(), channel=Channel.DIGEST)
    drafts["digest-school"] = draft_of(LEADER, *_of_a_day(), channel=Channel.DIGEST)
    drafts["overflow"] = draft_of(PEOPLE.coordinator, *_of_a_day(), channel=Channel.OVERFLOW)
    drafts["weekly"] = Draft(PEOPLE.manager, PEOPLE.manager.role, None, REGION, (), Channel.WEEKLY, a_week())
    written = []
    for name, draft in drafts.items():
        draft = draft if language is Language.DUTCH else _in_english(draft)
        written.append(Written(name, draft, write_letter(draft, {}, known, SchoolCalendar())))
    return written


def _in_english(draft: Draft) -> Draft:
    notices = tuple(replace(each, contact=english(each.contact)) for each in draft.notices)
    return replace(draft, contact=english(draft.contact), notices=notices)


def _of_a_day() -> list[Alert]:
    found = [alert_of(AlertKind.LOST), alert_of(AlertKind.UNPLACED, number=7)]
    found += [alert_of(AlertKind.AT_RISK, reason, number) for number, reason in enumerate(AtRiskRule, 20)]
    found.append(replace(alert_of(AlertKind.SHORTAGE, Tier.SCHOOL_TRAINER), news=News.WORSENED))
    found.append(alert_of(AlertKind.DETECTED, MismatchKind.DAYS, 40))
    found += [alert_of(AlertKind.PROPOSED, number=100 + each) for each in range(30)]
    found += [alert_of(AlertKind.SETTLED, number=200 + each) for each in range(4)]
    over = (alert_of(AlertKind.MISMATCH, number=300), alert_of(AlertKind.LOST, number=301))
    found += [replace(each, state=AlertState.CLEARED, news=News.CLEARED) for each in over]
    return found


def a_week() -> Week:
    """A week in which a lot happened."""
    start = date(2026, 5, 25)
    return Week(
        REGION,
        start,
        start + timedelta(6),
        raised={AlertKind.LOST: 9, AlertKind.UNPLACED: 14, AlertKind.AT_RISK: 22, AlertKind.SHORTAGE: 3},
        cleared={AlertKind.LOST: 6, AlertKind.UNPLACED: 8, AlertKind.MISMATCH: 1},
        live={
            AlertKind.LOST: 3,
            AlertKind.UNPLACED: 21,
            AlertKind.AT_RISK: 40,
            AlertKind.SHORTAGE: 5,
            AlertKind.FAIRNESS: 1,
        },
        by_day={start + timedelta(each): count for each, count in enumerate((12, 7, 19, 4, 6, 0, 0))},
        unplaced_by_reason={
            UnplacedReason.NO_SUPERVISOR_HOURS: 11,
            UnplacedReason.SEATS_TAKEN: 5,
            UnplacedReason.NO_WORKPLACE_IN_REACH: 3,
            UnplacedReason.NO_INSTITUTE_TRAINER_HOURS: 2,
        },
        shortages=(
            _case(AlertKind.SHORTAGE, Tier.WORKPLACE_SUPERVISOR),
            replace(_case(AlertKind.SHORTAGE, ""), site=None),
        ),
        oldest=(alert_of(AlertKind.MISMATCH), alert_of(AlertKind.UNPLACED, number=9)),
        unacknowledged=4,
        mails=132,
    )
