"""One alert as a page tells it: the words of its mails, how it stands, and what can be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.notifier.domain.alerts import Alert, AlertState, Care
from services.notifier.domain.contacts import ID, Addressee, Contact
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.letters.calling import Names
from services.notifier.domain.letters.items import Writer
from services.notifier.domain.letters.shape import Item
from services.notifier.domain.mentions import fill_text
from services.notifier.domain.notices import Notice
from services.notifier.domain.phrases import DUTCH
from services.notifier.domain.routing import addressees
from services.notifier.entrypoints.pages.words import ALERT_STATES
from services.notifier.handlers.answering import others
from shared.dutch import dutch_date, dutch_moment

SIGNED_IN = "person/"
"""How the audit names who signed in: by a pseudonym."""
SNOOZES = (1, 3, 7, 14, 30)
"""Days from today that one can choose; somebody else's holiday is no reason to ask for another day."""


@dataclass(frozen=True, slots=True)
class TellingAlert:
    """What a page shows of an alert; `standing` are sentences on who did what with it."""

    alert: Alert
    item: Item
    call: str
    state: tuple[str, str]
    standing: Sequence[str]
    others: Sequence[tuple[str, str]]


def tell_alert(alert: Alert, knowledge: Knowledge, reader: Contact | None = None) -> TellingAlert:
    """The alert for this reader; for whoever looks at the pages as for the first who is responsible."""
    names = Names(DUTCH, knowledge)
    first = addressees(alert, knowledge)[0]
    who = reader or Contact("", first.organisation, first.role, "")
    addressee = Addressee(who.role, who.organisation)
    item = Writer(names, {}, alert.case.region).item(Notice(alert, addressee, who, news=alert.news))
    call = fill_text(item.call, names.mentions.values())
    choices = [(each.id, _named(each, names)) for each in others(alert, who.id, knowledge)]
    return TellingAlert(alert, item, call, ALERT_STATES[alert.state], _standing(alert, names), choices)


def snooze_days(today: date) -> list[tuple[str, str]]:
    """Until when one can put off, as options of a form."""
    days = ((today + timedelta(days=number), number) for number in SNOOZES)
    return [
        (day.isoformat(), f"{dutch_date(day)} ({'morgen' if number == 1 else f'over {number} dagen'})")
        for day, number in days
    ]


def role_of(contact: str, knowledge: Knowledge) -> str:
    """Who a contact is, without a name; somebody who did it on the pages is called by their organisation."""
    found = knowledge.by_id.get(contact)
    if found is not None:
        return f"de {Names(DUTCH, knowledge).role_of(Addressee(found.role, found.organisation))}"
    if contact.startswith(SIGNED_IN):
        return "iemand die was aangemeld"
    return "iemand die niet meer in Leerplek staat" if ID.fullmatch(contact) else f"iemand op de bladzijden ({contact})"


def _taker(care: Care, names: Names) -> str:
    """Who took it on; of who signed in the organisation is known, of nobody else."""
    if care.acknowledged_for and care.acknowledged_by not in names.knowledge.by_id:
        return names.doer("", care.acknowledged_for)
    return role_of(care.acknowledged_by or "", names.knowledge)


def _named(contact: Contact, names: Names) -> str:
    role = names.role_of(Addressee(contact.role, contact.organisation))
    return f"{contact.name}, {role}" if contact.name else role


def _standing(alert: Alert, names: Names) -> list[str]:
    care, said = alert.care, []
    if care.handed_to is not None:
        said.append(f"Doorgegeven aan {role_of(care.handed_to, names.knowledge)}.")
    if care.acknowledged_by is not None and care.acknowledged_at is not None:
        by = _taker(care, names)
        said.append(f"Opgepakt door {by}, {dutch_moment(care.acknowledged_at)}.")
    if alert.state is AlertState.SNOOZED and care.snoozed_until is not None:
        said.append(f"Uitgesteld tot {dutch_date(care.snoozed_until)}.")
    if alert.escalate_at is not None and alert.is_live:
        said.append(f"Pakt niemand het op, dan hoort de volgende het: {dutch_moment(alert.escalate_at)}.")
    return said
