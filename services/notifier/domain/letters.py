"""What a mail says, before it is laid out: what happened, why, what can be done, by when, whom to call, and why you get it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.notifier.domain import words
from services.notifier.domain.alerts import Alert, AlertKind
from services.notifier.domain.contacts import Addressee, Contact, Role
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.mentions import Mention, mark
from services.notifier.domain.notices import Draft, Notice
from shared.contracts.placements import MoveCause, UnplacedReason
from shared.contracts.vocabulary import MismatchKind
from shared.dutch import called_region
from shared.short_code import short_code

MAX_LINES = 25

CLOSINGS = {
    AlertKind.LOST: "Leerplek blijft zoeken naar een andere plek.",
    AlertKind.UNPLACED: "Leerplek blijft zoeken naar een plek.",
    AlertKind.MISMATCH: "Is het opgelost? Trek de melding dan in, of vraag dat aan wie meldde.",
}

NO_SEARCH = "Leerplek zoekt geen andere plek: de inschrijving is er niet meer."
SOME_SEARCH = "Voor wie nog is ingeschreven, blijft Leerplek zoeken naar een andere plek."

SUBJECTS = {
    AlertKind.LOST: "Plaatsing vervallen",
    AlertKind.UNPLACED: "Student zonder leerwerkplek",
    AlertKind.MISMATCH: "Melding: student en plek passen niet",
}
"""One subject per kind, so that mails about one thing stay together; the numbers are in the mail."""


@dataclass(frozen=True, slots=True)
class Line:
    """One student: what happened, why, what can be done, by when, whom to call (a mark, see `mentions`)."""

    student: str
    what: str
    why: str
    can: str
    by_when: str | None
    call: str

    @property
    def advice(self) -> str:
        """What can be done as a sentence of its own, also where that is nothing."""
        return f"Wat u kunt doen: {self.can}" if words.asks_something(self.can) else self.can


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail; `more` students are told of in short, `call` is set when it is the same for every line.

    `finding` tells how to find out who a student is. What is said of persons is in `mentions`; marks stand for it elsewhere.
    """

    subject: str
    preheader: str
    opening: str
    by_when: str | None
    call: str | None
    lines: tuple[Line, ...]
    more: tuple[Line, ...]
    closing: str
    finding: str
    stands_in: tuple[str, ...]
    because: str
    mentions: tuple[Mention, ...]


def write_letter(draft: Draft, rivals: Mapping[str, Alert], knowledge: Knowledge) -> Letter:
    """The letter for a draft; `rivals` are alerts that tell more about the same loss, by the alert they belong to."""
    ordered = sorted(draft.notices, key=lambda notice: _urgency(notice.alert, knowledge))
    mentions: dict[str, Mention] = {}
    lines = tuple(_line(notice, rivals.get(notice.alert.id), knowledge, mentions) for notice in ordered[:MAX_LINES])
    more = tuple(_line(notice, rivals.get(notice.alert.id), knowledge, {}) for notice in ordered[MAX_LINES:])
    count, today = len(ordered), knowledge.day_in(draft.region)
    deadline = min((day for notice in ordered if (day := _deadline(notice, knowledge)) is not None), default=None)
    by_when = None if deadline is None else words.before(deadline, today)
    calls = {line.call for line in lines}
    opening = _opening(draft, count)
    return Letter(
        subject=SUBJECTS[draft.kind],
        preheader=opening if by_when is None else f"{opening} Wat u kunt doen, liefst {by_when}.",
        opening=opening,
        by_when=by_when,
        call=calls.pop() if len(calls) == 1 else None,
        lines=lines,
        more=more,
        closing=_closing(draft),
        finding=words.FINDING[draft.contact.role],
        stands_in=tuple(dict.fromkeys(_stands_in(each, knowledge) for n in ordered for each in n.stands_in_for)),
        because=_because(draft, knowledge),
        mentions=tuple(mentions.values()),
    )


def _deadline(notice: Notice, knowledge: Knowledge) -> date | None:
    """By when the reader must act; None where nothing is asked."""
    return knowledge.deadline(notice.alert) if _asks_something(notice) else None


def _asks_something(notice: Notice) -> bool:
    return words.asks_something(_why_and_can(notice)[1])


def _urgency(alert: Alert, knowledge: Knowledge) -> tuple[date, str, str]:
    return knowledge.deadline(alert) or date.max, alert.case.subject or "", alert.case.student


def _closing(draft: Draft) -> str:
    """What Leerplek does next; for who withdrew it looks no further."""
    withdrawn = [notice.alert.is_withdrawal for notice in draft.notices]
    if all(withdrawn):
        return NO_SEARCH
    return SOME_SEARCH if any(withdrawn) else CLOSINGS[draft.kind]


def _opening(draft: Draft, count: int) -> str:
    who, is_one = words.students(count), count == 1
    if draft.kind is AlertKind.LOST and draft.role is Role.SCHOOL_TRAINER:
        return f"Bij {who} vervalt de plaatsing op {'uw' if draft.contact.role is draft.role else 'een'} school."
    if draft.kind is AlertKind.LOST:
        return f"{who[:1].upper()}{who[1:]} {'had' if is_one else 'hadden'} een leerwerkplek en nu niet meer."
    if draft.kind is AlertKind.UNPLACED:
        return f"Voor {who} is nog geen leerwerkplek gevonden."
    return f"Bij {who} is gemeld dat de student en de plek niet goed bij elkaar passen."


def _line(notice: Notice, rival: Alert | None, knowledge: Knowledge, mentions: dict[str, Mention]) -> Line:
    alert = notice.alert
    why, can = _why_and_can(notice)
    if rival is not None and alert.kind is AlertKind.LOST and notice.addressee.role is not Role.SCHOOL_TRAINER:
        still, more = words.UNPLACED[UnplacedReason(rival.case.reason)]
        why, can = f"{why} Er is nog geen andere plek. {still}", f"{can} {more}"
    deadline, call = _deadline(notice, knowledge), _whom_to_call(notice, knowledge, mentions)
    return Line(
        student=alert.case.student,
        what=_what(alert, knowledge),
        why=why,
        can=can,
        by_when=None if deadline is None else words.before(deadline, knowledge.day_in(alert.case.region)),
        call=call if _asks_something(notice) else f"Vragen? {call}",
    )


def _why_and_can(notice: Notice) -> tuple[str, str]:
    alert = notice.alert
    if alert.kind is AlertKind.LOST:
        why, can = words.LOST[MoveCause(alert.case.reason)]
        is_school = notice.addressee.role is Role.SCHOOL_TRAINER
        return why, words.LOST_AT_SCHOOL[MoveCause(alert.case.reason)] if is_school else can
    if alert.kind is AlertKind.UNPLACED:
        return words.UNPLACED[UnplacedReason(alert.case.reason)]
    return words.MISMATCH[MismatchKind(alert.case.reason)]


def _what(alert: Alert, knowledge: Knowledge) -> str:
    case, code = alert.case, short_code(alert.case.student)
    subject = f", {case.subject.replace('-', ' ')}" if case.subject else ""
    if alert.kind is AlertKind.LOST and case.site is not None:
        return f"student {code}{subject}, eerst op {_site(case.site, knowledge)}"
    if alert.kind is AlertKind.MISMATCH:
        site = knowledge.site_now(case.student)
        reporter = "de opleiding" if case.reported_by == "institute" else "de school"
        where = f", op {_site(site, knowledge)}" if site else ""
        return f"student {code}{where}, gemeld door {reporter}"
    return f"student {code}{subject}"


def _whom_to_call(notice: Notice, knowledge: Knowledge, mentions: dict[str, Mention]) -> str:
    wanted = _other_parties(notice, knowledge)
    for addressee in wanted:
        for contact in knowledge.with_role(addressee):
            if contact.email.casefold() != notice.contact.email.casefold():
                mentions[contact.id] = Mention(contact.id, _reach(contact, knowledge))
                return mark(contact.id)
    return f"Voor overleg is nog niemand bekend. Er staat geen {_role_of(wanted[0], knowledge)} ingeschreven."


def _other_parties(notice: Notice, knowledge: Knowledge) -> list[Addressee]:
    """Those who can do something about it together with the reader, the nearest first."""
    case, role = notice.alert.case, notice.addressee.role
    institute = Addressee(Role.INSTITUTE_COORDINATOR, case.institute)
    site = case.site if notice.alert.kind is AlertKind.LOST else knowledge.site_now(case.student)
    school = [Addressee(Role.SCHOOL_TRAINER, site)] if site else []
    region = Addressee(Role.PROGRAMME_MANAGER, case.region)
    if role is Role.INSTITUTE_COORDINATOR:
        made_room = notice.alert.kind is AlertKind.LOST and case.reason == MoveCause.MADE_ROOM
        return [region, *school, institute] if made_room else [*school, region, institute]
    return [institute, region]


def _reach(contact: Contact, knowledge: Knowledge) -> str:
    who = contact.name or f"de {words.ROLE_NAMES[contact.role]}"
    where = _organisation(Addressee(contact.role, contact.organisation), knowledge)
    role = f", {words.ROLE_NAMES[contact.role]} van {where}" if contact.name else f" van {where}"
    return f"Bel {who}{role}: {contact.phone}." if contact.phone else f"Mail {who}{role}: {contact.email}."


def _stands_in(addressee: Addressee, knowledge: Knowledge) -> str:
    return f"Er staat niemand ingeschreven als {_role_of(addressee, knowledge)}. Daarom krijgt u dit bericht."


def _because(draft: Draft, knowledge: Knowledge) -> str:
    own = Addressee(draft.contact.role, draft.contact.organisation)
    return f"U ontvangt dit omdat u in Leerplek staat als {_role_of(own, knowledge)}."


def _role_of(addressee: Addressee, knowledge: Knowledge) -> str:
    return f"{words.ROLE_NAMES[addressee.role]} van {_organisation(addressee, knowledge)}"


def _organisation(addressee: Addressee, knowledge: Knowledge) -> str:
    if addressee.role is Role.SCHOOL_TRAINER:
        return _site(addressee.organisation, knowledge)
    if addressee.role is Role.PROGRAMME_MANAGER:
        known = knowledge.regions.get(addressee.organisation)
        return called_region(known.name if known and known.name else addressee.organisation)
    return f"opleiding {addressee.organisation}"


def _site(site: str, knowledge: Knowledge) -> str:
    known = knowledge.sites.get(site)
    if known is None or not known.name:
        return f"school {site}"
    return f"{known.name} in {known.town}" if known.town else known.name
