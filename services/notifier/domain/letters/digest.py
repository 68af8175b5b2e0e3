"""The digest of a school day, by urgency and within it by kind; and what was over the day's limit, in short."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from services.notifier.domain.alerts import FACTS, Alert, AlertKind, Channel, Level, News
from services.notifier.domain.doors import door_of
from services.notifier.domain.letters.at_once import because, finding, is_answerable, notes, urgency
from services.notifier.domain.letters.calling import Names
from services.notifier.domain.letters.items import Writer
from services.notifier.domain.letters.shape import Group, Item, Letter, Section, Tone
from services.notifier.domain.notices import Draft, Notice

TONES = {Level.CRITICAL: Tone.URGENT, Level.WARNING: Tone.NOTE, Level.INFO: Tone.PLAIN}
IN_FULL = {Tone.URGENT: 25, Tone.NOTE: 6, Tone.PLAIN: 4, Tone.OVER: 6}
"""Of each kind so many are told of; the others are counted, and all are in Leerplek."""
IN_SHORT = 4
"""The same of what is over the day's limit."""
ORDER = tuple(AlertKind)


def write_digest(draft: Draft, rivals: Mapping[str, Alert], names: Names) -> Letter:
    """The letter for a digest, or for what was over the limit."""
    phrases, writer, is_overflow = names.phrases, Writer(names, rivals, draft.region), draft.channel is Channel.OVERFLOW
    framing, count = phrases.framing, len(draft.notices)
    urgent = sum(_tone(notice, writer) is Tone.URGENT for notice in draft.notices)
    opening = (framing.overflow_opening if is_overflow else framing.digest_opening).of(count)
    told = f"{opening} {framing.digest_urgent.of(urgent)}" if urgent and not is_overflow and count > 1 else opening
    first = min((day for notice in draft.notices if (day := writer.deadline(notice)) is not None), default=None)
    return Letter(
        language=phrases.language,
        subject=framing.overflow_subject if is_overflow else framing.digest_subject,
        preheader=f"{told} {_kinds(draft.notices, names)}",
        opening=told,
        notes=notes(draft.notices, names),
        by_when=writer.when(first) if first and urgent else "",
        call="",
        sections=tuple(_sections(draft.notices, writer, is_overflow=is_overflow)),
        closing="",
        finding=finding(draft, names),
        because=because(draft, names),
        mentions=tuple(names.mentions.values()),
        is_answerable=any(is_answerable(notice) for notice in draft.notices),
        is_digest=True,
    )


def _tone(notice: Notice, writer: Writer) -> Tone:
    if notice.news is News.CLEARED:
        return Tone.OVER
    return TONES[notice.alert.level] if writer.is_asked(notice) else Tone.PLAIN


def _sections(notices: Sequence[Notice], writer: Writer, *, is_overflow: bool) -> Iterable[Section]:
    framing = writer.names.phrases.framing
    titles = {TONES[level]: title for level, title in framing.sections.items()} | {Tone.OVER: framing.section_solved}
    for tone in Tone:
        found = [notice for notice in notices if _tone(notice, writer) is tone]
        by_kind = ((kind, [each for each in found if each.alert.kind is kind]) for kind in ORDER)
        groups = tuple(_group(kind, own, writer, tone, in_short=is_overflow) for kind, own in by_kind if own)
        if groups:
            yield Section(titles[tone], tone, groups)


def _group(kind: AlertKind, notices: Sequence[Notice], writer: Writer, tone: Tone, *, in_short: bool) -> Group:
    ordered = sorted(notices, key=lambda notice: urgency(notice, writer))
    shown, title = (
        ordered[: IN_SHORT if in_short else IN_FULL[tone]],
        f"{writer.names.phrases.subjects[kind]} ({len(ordered)})",
    )
    rest = len(ordered) - len(shown)
    if in_short or tone is Tone.OVER or kind in FACTS:
        return Group(title, items=tuple(_in_short(notice, writer) for notice in shown), untold=rest)
    items = tuple(_item(notice, writer, tone) for notice in shown)
    calls = {item.call for item in items if item.asks}
    call = calls.pop() if len(items) > 1 and len(calls) == 1 else ""
    return Group(title, call, items if not call else tuple(replace(item, call="") for item in items), untold=rest)


def _item(notice: Notice, writer: Writer, tone: Tone) -> Item:
    """What would help a single student, and who else is asked, is told where it cannot wait; of the others Leerplek shows it."""
    item = writer.item(notice)
    return item if tone is Tone.URGENT or not notice.alert.case.student else replace(item, levers="", also="")


def _in_short(notice: Notice, writer: Writer) -> Item:
    """What it is about, and its number: what happened is the title of its group."""
    case, is_over = notice.alert.case, notice.news is News.CLEARED
    door = None if is_over else door_of(notice.alert, notice.contact)
    return Item(writer.what(case, notice.alert.kind), number=case.student or case.supervisor or "", door=door)


def _kinds(notices: Sequence[Notice], names: Names) -> str:
    """The kinds in it, as the line beside the subject tells them."""
    found = [kind for kind in ORDER if any(notice.alert.kind is kind for notice in notices)]
    return ", ".join(names.phrases.subjects[kind] for kind in found) + "."
