"""Acceptance stories of the notifier, declared in time: what happens when, and who wants which mail when, over a real database and mail server.

The clock is moved by hand, so that a school year takes seconds. `at` moves it, and at every step everything that a running
notifier does in that time is done: look, write, send.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage

from services.notifier.bootstrap import Parts
from services.notifier.domain.alerts import Alert
from services.notifier.domain.calendar import SchoolCalendar, Vacation
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.stages import LOOK_AGAIN
from services.notifier.entrypoints.dispatch import Dispatcher, Dispatching
from services.notifier.entrypoints.stream import fold
from services.notifier.handlers import caring
from services.notifier.handlers.alarming import sound_alarm
from services.notifier.handlers.contacts import delete_contact, put_contact
from services.notifier.handlers.delivering import Delivery
from services.notifier.ports import MailFilter, Store
from shared.contracts.envelope import Event, new_event
from shared.contracts.vocabulary import Contract
from shared.dutch import AMSTERDAM
from shared.messaging.inbox import Tombstone
from shared.messaging.retry import Wakeup
from tests.integration.notifier.smtp_server import MailServer
from tests.support.notifier import INSTITUTE, SITE, Clock
from tests.support.notifier_delivery import deliver_due

MONDAY = date(2026, 9, 7)
"""Day 1 of every story: a school day without a holiday near."""


@dataclass(frozen=True)
class Want:
    """One mail: to whom, written between these moments, and words that must be in it."""

    to: str
    after: datetime
    before: datetime
    words: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True)
class Seen:
    """A mail as the mail server got it, and when."""

    to: str
    at: datetime
    subject: str
    text: str
    identifier: str

    def __str__(self) -> str:
        return f"{self.at.astimezone(AMSTERDAM):%a %d-%m %H:%M:%S} {self.to}: {self.subject}"


@dataclass
class Story:
    """A story on a notifier with a clock of its own."""

    parts: Parts
    server: MailServer
    clock: Clock
    seen: list[Seen] = field(default_factory=list)
    wanted: list[Want] = field(default_factory=list)
    events: list[Event | Tombstone] = field(default_factory=list)
    day: date = MONDAY
    side_by_side: int = 1
    _found: dict[str, Alert] = field(default_factory=dict)
    """The alerts as they were at the last look: what did not change since waits for somebody or something else."""

    def __post_init__(self) -> None:
        self.clock.now = moment("8:01", MONDAY)
        how = Dispatching(self.parts.runtime.database.exclusive, self.parts.writing, self.parts.composer,
                          self.parts.rules, self.clock)  # fmt: skip
        self.dispatcher = Dispatcher(how, Wakeup())
        lease = timedelta(seconds=self.parts.settings.lease_s)
        self.delivery = Delivery(self.parts.writing, self.parts.policy, lease, self.clock, lambda: 1.0)

    async def people(self, *contacts: Contact) -> None:
        """Makes these contacts known."""
        async with self.parts.writing() as store:
            for contact in contacts:
                await store.save_contact(contact)
            await store.look_again()
        await self.step()

    async def change(self, contact: Contact, **changes: object) -> Contact:
        """A contact with other wishes, as it is put over HTTP."""
        async with self.parts.writing() as store:
            held = await store.contact(contact.id)
            assert held is not None
            changed = replace(held, **changes)  # type: ignore[arg-type]
            after, _ = await put_contact(store, self.parts.composer, changed, lambda _version: None, self.clock())
        await self.step()
        return after

    async def leave(self, contact: Contact) -> None:
        """A contact is deleted."""
        async with self.parts.writing() as store:
            await delete_contact(store, self.parts.composer, contact.id, lambda _version: None, self.clock())
        await self.step()

    async def at(self, clock: str, *events: Contract | Tombstone, day: date | int | None = None) -> None:
        """Time goes on until then; then these events are heard. `day` 2 is the day after the first."""
        await self.until(moment(clock, self._day(day)))
        for each in events:
            event = each if isinstance(each, Tombstone) else new_event("urn:nld:test", each, self.clock())
            self.events.append(event)
            await self.hear(event)
        await self.step()

    async def hear(self, event: Event | Tombstone) -> None:
        """One event, in a transaction of its own."""
        async with self.parts.writing() as store:
            await fold(store, event, self.clock())

    async def until(self, then: datetime) -> None:
        """Time jumps from one moment at which something may happen to the next."""
        assert then >= self.clock.now, f"time does not go back: {then} is before {self.clock.now}"
        while self.clock.now < then:
            self.clock.now = min(then, await self._next(then))
            await self.step()

    async def step(self) -> None:
        """Everything that a running notifier would do now."""
        is_busy = True
        while is_busy:
            now = self.clock()
            written = (await self.dispatcher.pass_once(now)).mails or await self.dispatcher.round_once(now)
            is_busy = bool(await deliver_due(self.delivery, self.parts.sender, side_by_side=self.side_by_side)) or bool(
                written
            )
        await sound_alarm(self.parts.writing, self.parts.roads)
        await self.read_mail()

    async def acknowledges(self, who: Contact, alert: str) -> None:
        """Somebody takes an alert on."""
        await self._with_store(lambda store: caring.acknowledge(store, alert, who.id, self.clock()))

    async def snoozes(self, who: Contact, alert: str, until: date) -> None:
        """Somebody puts an alert off."""
        await self._with_store(lambda store: caring.snooze(store, alert, who.id, until, self.clock()))

    async def gives(self, who: Contact, alert: str, to: Contact) -> None:
        """Somebody gives an alert to another."""
        await self._with_store(lambda store: caring.hand_over(store, alert, who.id, to.id, self.clock()))

    def want(self, to: Contact, between: tuple[str, str], *words: str, day: date | int | None = None,
             subject: str = "") -> None:  # fmt: skip
        """Exactly one mail to them in that time."""
        own_day = self._day(day)
        first, last = (moment(each, own_day) for each in between)
        self.wanted.append(Want(to.email, first, last, words, subject))

    def told(self) -> None:
        """Every mail that was wanted has come, and none that was not."""
        left = list(self.seen)
        for want in self.wanted:
            found = [mail for mail in left if mail.to == want.to and want.after <= mail.at <= want.before]
            fitting = [mail for mail in found if all(word in mail.text for word in want.words)]
            assert fitting, f"no {want}\nseen:\n{self.shown()}"
            assert want.subject in fitting[0].subject, f"{fitting[0]}"
            left.remove(fitting[0])
        assert not left, "nobody wanted:\n" + "\n".join(map(str, left)) + f"\nall:\n{self.shown()}"
        identifiers = [mail.identifier for mail in self.seen]
        assert len(set(identifiers)) == len(identifiers), "a mail came twice"

    def shown(self) -> str:
        """All mails, for who reads a failure."""
        return "\n".join(map(str, self.seen)) or "nothing"

    def to(self, contact: Contact) -> list[Seen]:
        """The mails to one address."""
        return [mail for mail in self.seen if mail.to == contact.email]

    async def mails(self, state: MailState | None = None) -> Sequence[Mail]:
        """The mails in the database."""
        async with self.parts.reading() as store:
            return await store.mails(MailFilter(state=state, limit=10_000))

    def _day(self, day: date | int | None) -> date:
        if isinstance(day, int):
            self.day = MONDAY + timedelta(days=day - 1)
        elif day is not None:
            self.day = day
        return self.day

    async def _next(self, then: datetime) -> datetime:
        """When something may happen: a look that may find more than the one before it, a try, midnight or eight o'clock."""
        now = self.clock.now
        today = now.astimezone(AMSTERDAM).date()
        days = (today, today + timedelta(days=1))
        moments = [datetime.combine(day, clock, AMSTERDAM) for day in days for clock in (time(0), time(8))]
        async with self.parts.reading() as store:
            alerts, mails = await store.due_alerts(FAR, 10_000), await store.mails(WAITING)
        found = {each.id: replace(each, look_at=None) for each in alerts}
        in_vain = {each for each, alert in found.items() if self._found.get(each) == alert}
        self._found = found
        looks = [each for each in alerts if each.look_at != now + LOOK_AGAIN or each.id not in in_vain]
        moments += [each.look_at for each in looks if each.look_at is not None]
        moments += [each.next_try_at for each in mails]
        return min((each for each in moments if each > now), default=then)

    async def _with_store(self, change: Callable[[Store], object]) -> None:
        async with self.parts.writing() as store:
            await change(store)  # type: ignore[misc]
        await self.step()

    async def read_mail(self) -> None:
        """What the mail server has taken since, as seen now."""
        for message, to in zip(self.server.taken[len(self.seen):], self.server.recipients[len(self.seen):], strict=True):  # fmt: skip
            self.seen.append(_seen(message, to, self.clock.now))
        await asyncio.sleep(0)


def moment(clock: str, day: date) -> datetime:
    """This time on the clocks of the Netherlands, such as 8:00 or 10:02:30."""
    hour, minute, second = ([int(each) for each in clock.split(":")] + [0])[:3]
    return datetime.combine(day, time(hour, minute, second), AMSTERDAM).astimezone(UTC)


def calendar(*vacations: tuple[date, date], holidays: Sequence[date] = ()) -> SchoolCalendar:
    """A calendar with these school holidays and public holidays."""
    return SchoolCalendar(lambda day: day in holidays, {"": [Vacation(*each) for each in vacations]})


FAR, WAITING = datetime(2100, 1, 1, tzinfo=UTC), MailFilter(state=MailState.WAITING, limit=10_000)


def _seen(message: EmailMessage, to: str, at: datetime) -> Seen:
    body = message.get_body(("plain",))
    assert body is not None
    return Seen(to, at, message["Subject"], body.get_content(), message["Message-ID"])


LEADER = Contact("p4", SITE, Role.SCHOOL_LEADER, "leiding@school.example", "Ria Smit", "010 765 43 22")
VISITOR = Contact("p5", INSTITUTE, Role.INSTITUTE_TRAINER, "io@vu.example", "Tom Blok", "020 765 43 22")
OPERATOR = Contact("p6", "LEERPLEK", Role.OPERATOR, "beheer@leerplek.example", "Bea Heer")
ELSEWHERE = Contact("p7", "NL-R09", Role.PROGRAMME_MANAGER, "ander@regio.example", "Lex Ver")
