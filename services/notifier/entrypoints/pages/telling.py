"""One alert as a page tells it: the words of its mails, how it stands, and what can be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.notifier.domain.alerts import Alert, AlertState
from services.notifier.domain.contacts import ID, Addressee, Contact
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.letters.calling import Names
from services.notifier.domain.letters.items import Writer
from services.notifier.domain.letters.shape import Item
from services.notifier.domain.mentions import fill_text
from services.notifier.domain.notices import Notice
from services.notifier.domain.routing import addressees
from services.notifier.entrypoints.pages.link_words import DUTCH, LINK_WORDS, LinkWords
from services.notifier.handlers.answering import others
from services.notifier.handlers.looking import AlertFile

SIGNED_IN = "person/"
"""How the audit names who signed in: by a pseudonym."""
SNOOZES = (1, 3, 7, 14, 30)
"""Days from today that one can choose; somebody else's holiday is no reason to ask for another day."""


@dataclass(frozen=True, slots=True)
class TellingAlert:
    """What a page shows of an alert, in these `words`; `standing` are sentences on who did what with it."""

    words: LinkWords
    alert: Alert
    item: Item
    call: str
    state: tuple[str, str]
    standing: Sequence[str]
    others: Sequence[tuple[str, str]]


def tell_alert(alert: Alert, knowledge: Knowledge, reader: Contact | None = None) -> TellingAlert:
    """The alert for this reader, in their language; for whoever looks at the pages as for the first who is responsible."""
    words = LINK_WORDS[reader.preferences.language] if reader is not None else DUTCH
    names = Names(words.phrases, knowledge)
    first = addressees(alert, knowledge)[0]
    who = reader or Contact("", first.organisation, first.role, "")
    addressee = Addressee(who.role, who.organisation)
    item = Writer(names, {}, alert.case.region).item(Notice(alert, addressee, who, news=alert.news))
    call = fill_text(item.call, names.mentions.values())
    choices = [(each.id, _named(each, names)) for each in others(alert, who.id, knowledge)]
    return TellingAlert(words, alert, item, call, words.states[alert.state], _standing(alert, names, words), choices)


def snooze_days(today: date, words: LinkWords = DUTCH) -> list[tuple[str, str]]:
    """Until when one can put off, as options of a form."""
    days = ((today + timedelta(days=number), number) for number in SNOOZES)
    return [
        (
            day.isoformat(),
            f"{words.phrases.date(day)} ({words.tomorrow if number == 1 else words.in_days.format(count=number)})",
        )
        for day, number in days
    ]


def role_of(contact: str, knowledge: Knowledge, words: LinkWords = DUTCH, organisation: str | None = None) -> str:
    """Who a contact is, without a name; somebody who did it on the pages is called by their organisation where it is known."""
    if contact in knowledge.by_id or organisation:
        return Names(words.phrases, knowledge).doer(contact, organisation)
    if contact.startswith(SIGNED_IN):
        return words.signed_in
    return words.somebody_gone if ID.fullmatch(contact) else words.on_pages.format(name=contact)


def who_is(contact: str, file: AlertFile) -> str:
    """Who a contact is: of the organisation that looks by name, since there may be others with the role, and of another by role."""
    known, role = file.own.get(contact), role_of(contact, file.knowledge)
    return f"{known.name}, {role}" if known is not None and known.name else role


def _named(contact: Contact, names: Names) -> str:
    role = names.role_of(Addressee(contact.role, contact.organisation))
    return f"{contact.name}, {role}" if contact.name else role


def _standing(alert: Alert, names: Names, words: LinkWords) -> list[str]:
    care, phrases, said = alert.care, words.phrases, []
    if care.handed_to is not None:
        said.append(words.given_to.format(who=role_of(care.handed_to, names.knowledge, words)))
    if care.acknowledged_by is not None and care.acknowledged_at is not None:
        by = role_of(care.acknowledged_by, names.knowledge, words, care.acknowledged_for)
        said.append(words.taken_on.format(who=by, moment=phrases.moment(care.acknowledged_at)))
    if alert.state is AlertState.SNOOZED and care.snoozed_until is not None:
        said.append(words.snoozed.format(date=phrases.date(care.snoozed_until)))
    if alert.escalate_at is not None and alert.is_live:
        said.append(words.next_hears.format(moment=phrases.moment(alert.escalate_at)))
    return said
