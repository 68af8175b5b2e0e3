"""Tells an address that it gets no more mails: nobody's address is changed or taken out without its reader hearing so."""

import hashlib
from dataclasses import replace
from datetime import datetime

import uuid_utils

from services.notifier.domain.alerts import Channel
from services.notifier.domain.contacts import Contact
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.letters.calling import Names
from services.notifier.domain.letters.parting import Parting, write_parting
from services.notifier.domain.phrases import PHRASES
from services.notifier.handlers.writing import in_mode
from services.notifier.ports import Store
from services.notifier.ports.posting import Composer
from shared.dutch import dutch_day


async def part(store: Store, composer: Composer, held: Contact, parting: Parting, now: datetime) -> None:
    """Writes once to the address that this contact had; to one that takes no mail there is nothing to write.

    The mail belongs to no contact: its address goes with it, whatever becomes of the contact meanwhile.
    """
    if held.stopped is not None:
        return
    known = Knowledge(dutch_day(now), await store.regions(), await store.sites([held.organisation]), {}, ())
    letter = write_parting(held, parting, Names(PHRASES[held.preferences.language], known), now)
    text, html = composer.compose(letter, "")
    identifier, once = str(uuid_utils.uuid7()), f"{Channel.PARTING}/{held.id}/{held.version}"
    mail = Mail(
        id=identifier,
        dedupe_key=hashlib.sha256(once.encode()).hexdigest(),
        kind=None,
        channel=Channel.PARTING,
        region="",
        role=held.role,
        organisation=held.organisation,
        contact=identifier,
        email=held.email,
        name=held.name,
        subject=letter.subject,
        text=text,
        html=html,
        because=letter.because,
        thread=hashlib.sha256(f"{Channel.PARTING}/{held.id}".encode()).hexdigest()[:32],
        students=0,
        created_at=now,
        next_try_at=now,
    )
    ready = in_mode(mail, await store.modes())
    if ready.state is MailState.SHOWN:  # it goes nowhere, and belongs to nobody
        ready = replace(ready, email="", name=None)
    await store.add_parting(ready, held)
