"""Writes drafts as mails; a draft that meets a bug is put off by itself."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import uuid_utils

from services.notifier.domain.alerts import Alert
from services.notifier.domain.contacts import Role
from services.notifier.domain.delivery import Mail
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.letters import write_letter
from services.notifier.domain.notices import Draft, Notice
from services.notifier.domain.unwritten import Unwritten, draft_id, put_off, still_put_off
from services.notifier.ports import Composer
from shared.observability.bugs import bug_places


@dataclass(frozen=True, slots=True)
class Failure:
    """A draft that met a bug: `bug` says which and where, without personal data."""

    unwritten: Unwritten
    bug: str


class WritingDesk:
    """What became of one pass's drafts: `written`, or `unwritten` with the `failures` that are new."""

    def __init__(self, composer: Composer, rivals: Mapping[str, Alert], knowledge: Knowledge, now: datetime) -> None:
        self._composer = composer
        self._rivals = rivals
        self._knowledge = knowledge
        self._now = now
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
                put = put_off(draft, earlier, self._now)
                self._put_off(draft, put)
                self.failures.append(Failure(put, bug_places(bug)))

    def owes(self, notice: Notice) -> bool:
        """Whether this alert should have reached this address by a mail that could not be written."""
        return (notice.alert.id, notice.contact.email.casefold()) in self._owed

    def _put_off(self, draft: Draft, unwritten: Unwritten) -> None:
        self.unwritten.append(unwritten)
        self._owed |= {(notice.alert.id, draft.contact.email.casefold()) for notice in draft.notices}

    def _compose(self, draft: Draft) -> Mail:
        letter = write_letter(draft, self._rivals, self._knowledge)
        contact, identifier = draft.contact, str(uuid_utils.uuid7())
        page = "" if contact.role is Role.PROGRAMME_MANAGER else f"berichten/{identifier}"
        text, html = self._composer.compose(letter, page)
        return Mail(
            id=identifier,
            dedupe_key=_dedupe_key(draft),
            kind=draft.kind,
            region=draft.region,
            role=contact.role,
            organisation=contact.organisation,
            contact=contact.id,
            email=contact.email,
            name=contact.name,
            subject=letter.subject,
            text=text,
            html=html,
            because=letter.because,
            thread=_digest(draft.kind, draft.region, contact.role, contact.organisation)[:32],
            students=len(draft.notices),
            created_at=self._now,
            next_try_at=self._now,
            mentions=letter.mentions,
        )


def _dedupe_key(draft: Draft) -> str:
    """The same alerts in the same revisions for the same contact are the same mail."""
    parts = sorted(f"{notice.alert.id}@{notice.alert.revision}" for notice in draft.notices)
    return _digest(draft.contact.id, draft.role, *parts)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
