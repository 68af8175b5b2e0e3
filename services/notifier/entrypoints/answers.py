"""What the notifier answers, for the OpenAPI document."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.notifier.domain.alerts import AlertKind, AlertState, Channel, Level, News
from services.notifier.domain.contacts import Role
from services.notifier.domain.delivery import MailState
from services.notifier.domain.modes import Mode
from services.notifier.domain.subscriptions import Pace, Why
from services.notifier.entrypoints.contact_bodies import AbsenceBody, PreferencesBody
from shared.contracts.vocabulary import Contract, EntityId, RegionId

Organisation = Annotated[
    str, Field(max_length=32, description="De code van een opleiding, vestiging, regio of Leerplek zelf.")
]
Next = Annotated[str | None, Field(description="Stuur dit als `cursor` mee voor de volgende bladzijde.")]
Version = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]


class ContactAnswer(Contract):
    """Een contact na een wijziging: zonder naam, adres en telefoonnummer, want antwoorden worden bewaard."""

    id: EntityId
    organisation: Organisation
    role: Role
    version: Version


class FullContactAnswer(ContactAnswer):
    """Een contact; `stopped` zegt waarom er niets meer naar dit adres gaat, zoals 5.1.1."""

    email: str
    name: str | None
    phone: str | None
    preferences: PreferencesBody
    absence: AbsenceBody | None
    stopped: str | None


class ContactList(Contract):
    """De contacten van een organisatie."""

    items: list[FullContactAnswer]


class SubscriptionAnswer(Contract):
    """Een soort melding die een contact hoort: waarom, hoe snel, en of het dat zelf koos of mag weigeren."""

    kind: AlertKind
    why: Why
    pace: Pace
    own_choice: bool
    may_be_refused: bool


class SubscriptionsAnswer(ContactAnswer):
    """Waarvan een contact bericht krijgt."""

    items: list[SubscriptionAnswer]


class HearingAnswer(Contract):
    """Een rol: wat zij het eerst hoort, wat als niemand het oppakt, wie haar heeft, en of er niemand bereikbaar is."""

    role: Role
    first: list[AlertKind]
    later: list[AlertKind]
    contacts: list[EntityId]
    gap: bool


class HearersAnswer(Contract):
    """Wie in een organisatie wat hoort."""

    organisation: Organisation
    items: list[HearingAnswer]


class ModeAnswer(Contract):
    """Wat er met de berichten van een organisatie gebeurt; het testadres wordt niet herhaald."""

    organisation: Organisation
    mode: Mode
    version: Version


class MailAnswer(Contract):
    """Een bericht; `kind` is null als het over meer dan één soort gaat, `address` als het contact is verwijderd."""

    id: EntityId
    kind: AlertKind | None
    channel: Channel
    region: RegionId
    role: Role
    organisation: Organisation
    address: str | None
    subject: str
    students: Count
    because: str
    state: MailState
    failure: str | None
    attempts: Count
    created_at: datetime
    sent_at: datetime | None


class MailPage(Contract):
    """Een bladzijde met berichten."""

    items: list[MailAnswer]
    next: Next


class AlertAnswer(Contract):
    """Een melding; `student`, `code` en `institute` zijn leeg waar zij niet over een student gaat."""

    id: str
    kind: AlertKind
    region: RegionId
    student: str
    code: str
    institute: str
    site: str | None
    cause: str
    state: AlertState
    level: Level
    news: News
    opened_at: datetime
    ended_at: datetime | None


class AlertPage(Contract):
    """Een bladzijde met meldingen."""

    items: list[AlertAnswer]
    next: Next


class GapAnswer(Contract):
    """Meldingen die niemand bereiken, omdat niemand deze rol heeft."""

    kind: AlertKind
    region: RegionId
    role: Role
    organisation: Organisation
    alerts: Count
    since: datetime


class UnwrittenAnswer(Contract):
    """Een bericht dat niet is op te stellen, en wanneer het weer wordt geprobeerd."""

    kind: AlertKind | None
    region: RegionId
    role: Role
    organisation: Organisation
    alerts: list[str]
    attempts: Count
    since: datetime
    next_try_at: datetime


class UnheardAnswer(Contract):
    """Waarvan nog iemand moet horen."""

    items: list[AlertAnswer]
    without_recipient: list[GapAnswer]
    unwritten: list[UnwrittenAnswer]
