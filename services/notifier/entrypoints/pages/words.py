"""The words of the pages, in Dutch; what mails call something, pages call so too."""

from collections.abc import Mapping
from typing import Any

from services.notifier.domain.alerts import AlertKind, AlertState, Channel, Level, News
from services.notifier.domain.contacts import Role, mask_address
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.phrases import DUTCH
from services.notifier.domain.subscriptions import Pace, Why
from services.notifier.handlers.answering import Deed
from shared.dutch import called_region, counted
from shared.short_code import short_code

MAIL_STATES = {
    MailState.WAITING: ("wacht", "info"),
    MailState.SENDING: ("wordt verstuurd", "info"),
    MailState.SENT: ("verstuurd", "ok"),
    MailState.FAILED: ("mislukt", "danger"),
    MailState.CANCELLED: ("vervallen", "quiet"),
    MailState.SHOWN: ("alleen getoond", "quiet"),
    MailState.HANDED: ("aan het eigen systeem", "info"),
}
ALERT_STATES = {
    AlertState.RAISED: ("wordt gemeld", "info"),
    AlertState.WORSENED: ("erger geworden", "danger"),
    AlertState.MAILED: ("nog niet opgepakt", "warn"),
    AlertState.INHIBITED: ("hoort bij een andere melding", "quiet"),
    AlertState.ACKNOWLEDGED: ("opgepakt", "ok"),
    AlertState.ESCALATED: ("aan de volgende gemeld", "danger"),
    AlertState.SNOOZED: ("uitgesteld", "info"),
    AlertState.CLEARED: ("opgelost", "ok"),
    AlertState.CLOSED: ("voorbij", "quiet"),
}
LEVELS = {
    Level.CRITICAL: ("dringend", "danger"),
    Level.WARNING: ("let op", "warn"),
    Level.INFO: ("ter informatie", "quiet"),
}
KINDS: Mapping[AlertKind | None, str] = {None: "Overzicht"} | {kind: DUTCH.subjects[kind] for kind in AlertKind}
DONE = {
    Deed.ACKNOWLEDGE: "U hebt de melding opgepakt. Er gaat geen bericht meer naar een volgende, tenzij het erger wordt.",
    Deed.SNOOZE: "De melding is uitgesteld. Is het dan nog niet opgelost, dan hoort u het weer.",
    Deed.HAND_OVER: "De melding is doorgegeven. Alleen degene aan wie u haar gaf, hoort er nog van.",
}
ACTIONS = {
    "alert.acknowledged": "opgepakt",
    "alert.snoozed": "uitgesteld",
    "alert.handed-over": "doorgegeven",
}
NEWS = {
    News.RAISED: "nieuw",
    News.WORSENED: "erger geworden",
    News.REMINDER: "herinnering",
    News.ESCALATED: "niet opgepakt, dus aan de volgende gemeld",
    News.HANDED_OVER: "doorgegeven",
    News.RELEASED: "wie het oppakte is weg",
    News.RESTLESS: "komt steeds terug",
    News.CLEARED: "opgelost",
}
WHY = {
    Why.RESPONSIBLE: "hoort bij uw rol",
    Why.NEXT: "als niemand het oppakt, of als een ander niet te bereiken is",
}
PACES = {
    Pace.AT_ONCE_WHEN_CRITICAL: "meteen als het dringend is, anders in het overzicht van 8 uur",
    Pace.AT_ONCE: "meteen",
    Pace.DIGEST: "in het overzicht van 8 uur",
    Pace.NEVER: "niet, op eigen verzoek",
}
WORDS: dict[str, Any] = {
    "states": MAIL_STATES,
    "alert_states": ALERT_STATES,
    "levels": LEVELS,
    "kinds": KINDS,
    "roles": DUTCH.naming.roles,
    "news_words": NEWS,
    "actions": ACTIONS,
    "counted": counted,
    "called_region": called_region,
    "code": short_code,
    "kinds_as_options": [(str(kind), word) for kind, word in KINDS.items() if kind is not None],
    "levels_as_options": [(str(level), word) for level, (word, _) in LEVELS.items()],
    "Role": Role,
}


def shown_address(email: str) -> str:
    """An address as the page shows it: masked, and of a deleted contact not at all."""
    return mask_address(email) if email else "adres gewist"


def kind_of(mail: Mail) -> str:
    """What a message is about, in a word or two."""
    return "Laatste bericht aan een adres" if mail.channel is Channel.PARTING else KINDS[mail.kind]


WORDS |= {"address": shown_address, "kind_of": kind_of}
