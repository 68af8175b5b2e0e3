"""The mail about alerts of one kind: at once, escalated, or (in short) over the day's limit."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from services.notifier.domain.alerts import Alert, AlertKind, Channel, News
from services.notifier.domain.asking import asks
from services.notifier.domain.contacts import AT_SCHOOL, Addressee
from services.notifier.domain.letters.calling import Names
from services.notifier.domain.letters.items import Writer
from services.notifier.domain.letters.meetings import Meeting
from services.notifier.domain.letters.shape import Group, Letter, Section, Tone
from services.notifier.domain.notices import Draft, Notice

MAX_ITEMS = 25
"""So many are told of in full; of the others what happened and why."""


def write_at_once(draft: Draft, rivals: Mapping[str, Alert], names: Names) -> Letter:
    """The letter for a draft of one kind."""
    assert draft.kind is not None
    phrases, writer = names.phrases, Writer(names, rivals, draft.region)
    ordered = sorted(draft.notices, key=lambda notice: urgency(notice, writer))
    items = tuple(writer.item(notice) for notice in ordered[:MAX_ITEMS])
    mentions = tuple(names.mentions.values())
    more = tuple(writer.item(notice) for notice in ordered[MAX_ITEMS:])
    first = min((day for notice in ordered if (day := writer.deadline(notice)) is not None), default=None)
    by_when = writer.when(first) if first else ""
    calls = {item.call for item in items}
    opening = _opening(draft, names)
    return Letter(
        language=phrases.language,
        subject=phrases.subjects[draft.kind],
        preheader=f"{opening} {phrases.framing.preview.format(when=by_when)}" if by_when else opening,
        opening=opening,
        notes=notes(draft.notices, names),
        by_when=by_when,
        call=calls.pop() if len(calls) == 1 else "",
        sections=(Section("", Tone.PLAIN, (Group(items=items, more=more),)),),
        closing=_closing(draft, names),
        finding=finding(draft, names),
        because=because(draft, names),
        mentions=mentions,
        is_answerable=any(is_answerable(notice) for notice in draft.notices),
    )


def with_meetings(letter: Letter, meetings: tuple[Meeting, ...], names: Names) -> Letter:
    """The letter that also proposes these meetings; that one is off the calendar file tells by itself."""
    said = names.phrases.framing.meeting
    proposed = (each for each in meetings if not each.is_cancelled)
    told = (said.format(moment=names.phrases.moment(each.starts), place=each.place) for each in proposed)
    return replace(letter, meetings=meetings, notes=(*letter.notes, *dict.fromkeys(told)))


def urgency(notice: Notice, writer: Writer) -> tuple[date, str, str]:
    """What must be done first comes first."""
    case = notice.alert.case
    return writer.deadline(notice) or date.max, case.subject or "", case.student or notice.alert.id


def notes(notices: tuple[Notice, ...], names: Names) -> tuple[str, ...]:
    """Why this reader is told, where it is not just that they have the role, and whose alerts are not told since this one is."""
    framing, found = names.phrases.framing, dict[str, None]()
    for notice in notices:
        for each in notice.stands_in_for:
            found[framing.stands_in.format(role=names.role_of(each))] = None
        if notice.replaces is not None:
            absent = Addressee(notice.replaces.role, notice.replaces.organisation)
            found[framing.replaces.format(role=names.role_of(absent))] = None
        if notice.escalated_from:
            before = ", ".join(names.role_of(each) for each in notice.escalated_from)
            found[framing.escalated.format(roles=before)] = None
    hidden = sum(notice.hides for notice in notices)
    return (*found, *((framing.hides.of(hidden),) if hidden else ()))


def because(draft: Draft, names: Names) -> str:
    """By which roles of theirs the reader is told."""
    told = [each.contact for each in draft.notices] or [draft.contact]
    own = dict.fromkeys(names.role_of(Addressee(each.role, each.organisation)) for each in told)
    *others, last = own
    framing = names.phrases.framing
    role = framing.and_last.format(others=", ".join(others), last=last) if others else last
    return framing.because.format(role=role)


def finding(draft: Draft, names: Names) -> str:
    """How to find who a student or a supervisor is; empty where none is told of."""
    framing, cases = names.phrases.framing, [notice.alert.case for notice in draft.notices]
    said = [framing.finding[draft.contact.role]] if any(case.student for case in cases) else []
    if any(case.supervisor for case in cases):
        said.append(framing.finding_guide)
    return " ".join(said)


def is_answerable(notice: Notice) -> bool:
    """Whether its reader can take it on, put it off or give it to somebody."""
    is_going_on = notice.alert.is_live and not notice.alert.is_fact and notice.news is not News.CLEARED
    return is_going_on and asks(notice.alert, notice.addressee.role)


def _opening(draft: Draft, names: Names) -> str:
    phrases, count = names.phrases, len(draft.notices)
    assert draft.kind is not None
    if draft.channel is Channel.OVERFLOW:
        return phrases.framing.overflow_opening.of(count)
    if draft.kind is AlertKind.LOST and draft.role in AT_SCHOOL:
        schools = {notice.contact.organisation for notice in draft.notices}
        return phrases.lost_at_school[draft.contact.role in AT_SCHOOL and len(schools) == 1].of(count)
    return phrases.openings[draft.kind].of(count)


def _closing(draft: Draft, names: Names) -> str:
    """What Leerplek does next; for who withdrew it looks no further."""
    assert draft.kind is not None
    withdrawn = [notice.alert.is_withdrawal for notice in draft.notices]
    if all(withdrawn):
        return names.phrases.no_search
    return names.phrases.some_search if any(withdrawn) else names.phrases.closings.get(draft.kind, "")
