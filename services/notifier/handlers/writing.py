"""Writes drafts as mails; a draft that meets a bug is put off by itself, and a digest goes without the lines that meet one."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import uuid_utils

from services.notifier.domain.alerts import Alert, Channel
from services.notifier.domain.calendar import SchoolCalendar
from services.notifier.domain.contacts import Role
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.letters import write_letter
from services.notifier.domain.modes import Mode, Modes, reader
from services.notifier.domain.muting import quiet_until
from services.notifier.domain.notices import Draft, Notice
from services.notifier.domain.unwritten import Unwritten, draft_id, put_off, still_put_off
from services.notifier.ports.posting import Composer
from shared.dutch import dutch_day
from shared.observability.bugs import bug_places

MIXED = frozenset({Channel.DIGEST, Channel.OVERFLOW})
"""A mail about many things, which one of them must not keep back."""
AT_EIGHT = frozenset({Channel.DIGEST, Channel.WEEKLY})
"""What is written at eight o'clock, whatever hours its reader keeps."""
FOR_PEOPLE = frozenset({Channel.WEEKLY, Channel.PARTING})
"""What a system has no use for: it goes by mail where everything else is given to one."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A draft that met a bug: `bug` says which and where, without personal data."""

    unwritten: Unwritten
    bug: str


class WritingDesk:
    """What became of one pass's drafts: `written`, or `unwritten` with the `failures` that are new."""

    def __init__(
        self,
        composer: Composer,
        rivals: Mapping[str, Alert],
        knowledge: Knowledge,
        now: datetime,
        modes: Modes,
        person_key: Callable[[str], str],
        calendar: SchoolCalendar,
    ) -> None:
        self._composer = composer
        self._rivals = rivals
        self._knowledge = knowledge
        self._now = now
        self._modes = modes
        self._person_key = person_key
        self._calendar = calendar
        self._owed: set[tuple[str, str]] = set()
        self.written: list[tuple[Draft, Mail]] = []
        self.unwritten: list[Unwritten] = []
        self.failures: list[Failure] = []

    def write(self, drafts: Sequence[Draft], before: Sequence[Unwritten]) -> None:
        """Writes the drafts; those that failed `before` only after their pause."""
        held = {each.id: each for each in before}
        for draft in drafts:
            earlier = held.get(draft_id(draft))
            if earlier is not None and earlier.next_try_at > self._now:
                self._put_off(draft, still_put_off(draft, earlier))
                continue
            try:
                self.written.append((draft, self._compose(draft)))
            except Exception as bug:  # noqa: BLE001  # named in the log, counted, shown on the page, tried again
                self._fail(draft, earlier, bug)

    def owes(self, notice: Notice) -> bool:
        """Whether this alert should have reached this address by a mail that could not be written."""
        return (notice.alert.id, reader(notice.contact, self._modes)) in self._owed

    def _fail(self, draft: Draft, earlier: Unwritten | None, bug: Exception) -> None:
        good = tuple(each for each in draft.notices if self._can_be_told(draft, each)) if draft.channel in MIXED else ()
        if good and len(good) < len(draft.notices):
            part = replace(draft, notices=good)
            self.written.append((part, self._compose(part)))
            draft = replace(draft, notices=tuple(each for each in draft.notices if each not in good))
        put = put_off(draft, earlier, self._now)
        self._put_off(draft, put)
        self.failures.append(Failure(put, bug_places(bug)))

    def _can_be_told(self, draft: Draft, notice: Notice) -> bool:
        try:
            self._compose(replace(draft, notices=(notice,)))
        except Exception:  # noqa: BLE001  # it was told of the whole draft
            return False
        return True

    def _put_off(self, draft: Draft, unwritten: Unwritten) -> None:
        self.unwritten.append(unwritten)
        self._owed |= {(notice.alert.id, reader(notice.contact, self._modes)) for notice in draft.notices}

    def _compose(self, draft: Draft) -> Mail:
        letter = write_letter(draft, self._rivals, self._knowledge, self._calendar)
        contact, identifier = draft.contact, str(uuid_utils.uuid7())
        page = "" if contact.role is Role.PROGRAMME_MANAGER else f"berichten/{identifier}"
        person = self._person_key(reader(contact, self._modes))
        text, html = self._composer.compose(letter, page)
        mail = Mail(
            id=identifier,
            dedupe_key=_dedupe_key(draft, person, self._now),
            kind=draft.kind,
            channel=draft.channel,
            region=draft.region,
            role=contact.role,
            organisation=contact.organisation,
            contact=contact.id,
            person=person,
            email=contact.email,
            name=contact.name,
            subject=letter.subject,
            text=text,
            html=html,
            because=letter.because,
            thread=_thread(draft),
            students=len({notice.alert.case.student for notice in draft.notices if notice.alert.case.student}),
            created_at=self._now,
            next_try_at=_not_before(draft, self._now),
            mentions=letter.mentions,
            invitation=self._composer.invite(letter, self._now),
        )
        return in_mode(mail, self._modes)


def in_mode(mail: Mail, modes: Modes) -> Mail:
    """The mail as the organisation wants it now: sent, sent to its test address, given to its system, or only shown."""
    setting = modes.of(mail.organisation)
    if setting is None or setting.mode is Mode.LIVE:
        return mail
    if setting.mode is Mode.TEST and setting.address:
        return replace(mail, email=setting.address, name=None)
    if setting.mode is Mode.WEBHOOK:
        return mail if mail.channel in FOR_PEOPLE else replace(mail, state=MailState.HANDED)
    return replace(mail, state=MailState.SHOWN)


def _not_before(draft: Draft, now: datetime) -> datetime:
    """When a mail may go: what has an hour of its own waits for the end of its reader's quiet hours."""
    readers = [draft.contact, *(notice.contact for notice in draft.notices)]
    if draft.channel not in AT_EIGHT:
        return now
    return max((until for each in readers if (until := quiet_until(each, now)) is not None), default=now)


def _dedupe_key(draft: Draft, person: str, now: datetime) -> str:
    """The same alerts in the same revisions for the same contact are the same mail; a person has one digest a day."""
    if draft.channel is Channel.DIGEST:
        return _digest(draft.channel, person, dutch_day(now).isoformat())
    if draft.week is not None:
        return _digest(draft.channel, person, draft.week.region, draft.week.start.isoformat())
    parts = sorted(f"{notice.alert.id}@{notice.alert.revision}" for notice in draft.notices)
    return _digest(draft.contact.id, draft.role, draft.channel, *parts)


def _thread(draft: Draft) -> str:
    """What belongs together in a mailbox: one kind in one region, or all digests."""
    what = draft.kind or draft.channel
    return _digest(what, draft.region if draft.kind else "", draft.contact.role, draft.contact.organisation)[:32]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
