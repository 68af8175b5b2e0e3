"""The rounds of a school day: at eight o'clock a digest for everybody who has something to hear, and on its first the week's summary.

What is planned is written in many short transactions. Whoever was written to is not written to again when a round is begun
anew, so it may stop anywhere.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from services.notifier.domain.alerts import Alert, AlertKind, AlertState
from services.notifier.domain.calendar import SchoolCalendar, digest_time, start_of_day
from services.notifier.domain.inhibiting import Dropped, is_still_hidden, rivals_of
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.life import free, remind, severity
from services.notifier.domain.modes import Modes, reader
from services.notifier.domain.notices import Draft, Told
from services.notifier.domain.rules import REMIND_AFTER_DAYS, Rules
from services.notifier.domain.stages import Plan, Situation, plan_digests
from services.notifier.handlers.dispatching import ROUND, Dispatched
from services.notifier.handlers.gathering import gather_knowledge, gather_related
from services.notifier.handlers.raising import close_gaps, raise_gaps
from services.notifier.handlers.recording import leave_out_doubles, record_dropped, record_mails, settled
from services.notifier.handlers.rounds import Rounds
from services.notifier.handlers.summarising import write_weeks
from services.notifier.handlers.writing import WritingDesk
from services.notifier.ports import Store
from shared.dutch import dutch_day

AT_A_TIME = 50
"""So many people in one transaction: short enough to stop others for some tenths of a second at most."""


Heard = tuple[str, int, str]
"""That of this alert this revision was told to this contact."""


@dataclass(slots=True)
class _Round:
    """One round: what was planned, and by alert the notices that must all have been told before it is done.

    `news` are the alerts as they were then; `told` is by alert, `dropped` by reader: each piece looks at its own people only.
    """

    plan: Plan
    news: Mapping[str, Alert]
    knowledge: Knowledge
    rivals: Mapping[str, Alert]
    told: dict[str, list[Told]]
    dropped: dict[str, list[Dropped]]
    modes: Modes
    wanted: dict[str, set[Heard]]
    unreachable: frozenset[str]
    written: set[Heard] = field(default_factory=set)

    def remember(self, told: Iterable[Told]) -> None:
        """Who was told."""
        for each in told:
            self.told.setdefault(each.alert, []).append(each)

    def know(self, alerts: Iterable[str], told: Iterable[Told]) -> None:
        """All who were told of these alerts by now: also by what was written at once since, and not by what came back."""
        self.told |= {alert: [] for alert in alerts}
        self.remember(told)

    def waiting(self, alerts: Iterable[str], known: Collection[Heard], now: datetime) -> dict[str, datetime | None]:
        """Of these alerts those of which somebody must still hear; what this round wrote and came back since is looked at now."""
        left = {alert: self.wanted[alert] - set(known) for alert in alerts}
        return {
            alert: now if keys & self.written else None
            for alert, keys in left.items()
            if keys or alert in self.unreachable
        }

    def told_of(self, alerts: Iterable[str]) -> list[Told]:
        """Who was told of these alerts."""
        return [each for alert in alerts for each in self.told.get(alert, ())]

    def still_open(self, alerts: Iterable[Alert]) -> list[Alert]:
        """Those to be settled by this round; what changed or got worse since the plan is told at its own time, or tomorrow."""
        return [each for each in alerts if _is_the_same(each, self.news[each.id])]


async def make_round(rounds: Rounds, now: datetime) -> AsyncIterator[Dispatched]:
    """Writes what is due this morning, in pieces; nothing when it is not yet time or was done already."""
    today = dutch_day(now)
    if now < digest_time(today) or not await _begin(rounds, today, now):
        return
    async with rounds.transaction() as store:
        planned = await _plan(store, rounds.rules, today, now)
    drafts = planned.plan.drafts
    for first in range(0, len(drafts), AT_A_TIME):
        async with rounds.transaction() as store:
            done = await _write(store, rounds, planned, drafts[first : first + AT_A_TIME], now)
        yield done
    async with rounds.transaction() as store:
        weeks = await write_weeks(store, rounds, planned.knowledge, planned.modes, now)
        weeks = replace(weeks, plan=Plan((), (), planned.plan.unreachable, ()))  # also on a morning without mails
        await _conclude(store, rounds.rules, planned, now)
        await raise_gaps(store, planned.plan.missing, now)
        await store.save_round(ROUND, today)
    yield weeks


async def _begin(rounds: Rounds, today: date, now: datetime) -> bool:
    """Whether there is a round today; a new installation begins with the next morning. What goes on is to be told again."""
    async with rounds.transaction() as store:
        last = await store.round_done(ROUND)
        if last is None:
            await store.save_round(ROUND, today)
        if last is None or last >= today:
            return False
        await close_gaps(store, now)
        long_ago = start_of_day(now) - timedelta(days=REMIND_AFTER_DAYS - 1)
        calendar = rounds.rules.calendar
        unchanged = await store.unchanged_since(long_ago)
        again = [remind(each, now) for each in unchanged if calendar.is_school_day(each.case.region, today)]
        await store.save_alerts(again)
        await _free(store, calendar, today, now)
    return True


async def _free(store: Store, calendar: SchoolCalendar, today: date, now: datetime) -> None:
    """What was hidden by an alert that is over, and told to nobody, is told this morning."""
    hidden = [each for each in await store.hidden_alerts() if calendar.is_school_day(each.case.region, today)]
    if not hidden:
        return
    related = await gather_related(store, hidden)
    await store.save_alerts([free(each, now) for each in hidden if not is_still_hidden(each, related)])


async def _plan(store: Store, rules: Rules, today: date, now: datetime) -> _Round:
    alone = [each for each in await store.unwritten() if each.kind is not None]
    await store.keep_unwritten(alone)  # what failed in a digest is tried in this one
    unwritten = {alert for each in alone for alert in each.alerts}
    news = [
        alert
        for alert in await store.news_alerts()
        if rules.calendar.is_school_day(alert.case.region, today) and alert.id not in unwritten
    ]
    related = await gather_related(store, news)
    told = list(await store.told({alert.id for alert in related}))
    knowledge = await gather_knowledge(store, news, now, related)
    modes = await store.modes()
    invited = await _invited(store, news, told)
    situation = Situation(now, rules.group_wait, news, related, told, modes=modes, invited=invited)
    plan = plan_digests(situation, knowledge)
    dropped: dict[str, list[Dropped]] = {}
    for each in plan.dropped:
        dropped.setdefault(reader(each.notice.contact, modes), []).append(each)
    wanted: dict[str, set[Heard]] = {alert.id: set() for alert in news}
    for draft in plan.drafts:
        for notice in draft.notices:
            wanted[notice.alert.id].add((notice.alert.id, notice.alert.revision, notice.contact.id))
    unreachable = frozenset(alert.id for alert, _ in plan.unreachable)
    by_id = {alert.id: alert for alert in news}
    planned = _Round(plan, by_id, knowledge, rivals_of(news, related), {}, dropped, modes, wanted, unreachable)
    planned.remember(told)
    return planned


async def _invited(store: Store, news: Sequence[Alert], told: Sequence[Told]) -> set[tuple[str, str]]:
    """Alert and contact of whoever got a talk for their calendar, of what is over now."""
    over = {alert.id for alert in news if alert.kind is AlertKind.MISMATCH and alert.state is AlertState.CLEARED}
    mails = {each.mail for each in told if each.mail is not None and each.alert in over}
    invited = await store.with_invitation(mails)
    return {(each.alert, each.contact) for each in told if each.mail in invited and each.alert in over}


async def _write(store: Store, rounds: Rounds, planned: _Round, drafts: Sequence[Draft], now: datetime) -> Dispatched:
    """Writes to some people, of what has not changed since the round was planned."""
    wanted = {notice.alert.id for draft in drafts for notice in draft.notices}
    unneeded = [each for draft in drafts for each in planned.dropped.get(reader(draft.contact, planned.modes), ())]
    there = {
        alert.id: alert for alert in await store.alerts_in({*wanted, *(each.notice.alert.id for each in unneeded)})
    }
    held = {alert: there[alert] for alert in sorted(wanted) if alert in there}
    planned.know(there, await store.told(there))
    heard = {(each.alert, each.revision, each.contact) for each in planned.told_of(held)}
    current = [after for draft in drafts if (after := _as_it_is_now(draft, held, heard)) is not None]
    desk = WritingDesk(
        rounds.composer, planned.rivals, planned.knowledge, now, planned.modes, store.person_key, rounds.rules.calendar
    )
    desk.write(current, ())
    await leave_out_doubles(store, desk)
    recorded = await record_mails(store, desk.written, now)
    people = {reader(draft.contact, planned.modes) for draft, _ in desk.written}
    dropped = [
        each for each in unneeded if reader(each.notice.contact, planned.modes) in people and not desk.owes(each.notice)
    ]
    recorded += await _record_dropped(store, planned, dropped, there, recorded, now)
    planned.remember(recorded)
    if desk.unwritten:
        await store.keep_unwritten([*await store.unwritten(), *desk.unwritten])
    told = [*planned.told_of(held), *recorded]
    known = {(each.alert, each.revision, each.contact) for each in told}
    waiting = planned.waiting(wanted, known, now)
    planned.written |= {(each.alert, each.revision, each.contact) for each in recorded}
    looked_at = planned.still_open(held.values())
    await store.save_alerts(settled(looked_at, told, waiting, rounds.rules, now, planned.plan.dropped))
    return Dispatched(
        tuple(mail for _, mail in desk.written), planned.plan, tuple(desk.unwritten), tuple(desk.failures)
    )


async def _conclude(store: Store, rules: Rules, planned: _Round, now: datetime) -> None:
    """What nobody needed a mail for is done as well."""
    in_mails = {notice.alert.id for draft in planned.plan.drafts for notice in draft.notices}
    rest = [alert for alert in planned.wanted if alert not in in_mails and alert not in planned.unreachable]
    unneeded = {each.notice.alert.id for each in planned.plan.dropped}
    there = {alert.id: alert for alert in await store.alerts_in({*rest, *unneeded})}
    planned.know(there, await store.told(there))
    recorded = await _record_dropped(store, planned, planned.plan.dropped, there, (), now)
    open_still = planned.still_open(there[alert] for alert in rest if alert in there)
    await store.save_alerts(
        settled(open_still, [*planned.told_of(rest), *recorded], {}, rules, now, planned.plan.dropped)
    )


async def _record_dropped(
    store: Store,
    planned: _Round,
    dropped: Sequence[Dropped],
    there: Mapping[str, Alert],
    recorded: Sequence[Told],
    now: datetime,
) -> list[Told]:
    """Who needs no mail, of the alerts that are `there`: of a student who was erased since the plan nothing is kept."""
    known = [*planned.told_of({each.notice.alert.id for each in dropped}), *recorded]
    return await record_dropped(store, [each for each in dropped if each.notice.alert.id in there], known, now)


def _as_it_is_now(draft: Draft, held: Mapping[str, Alert], heard: Collection[Heard]) -> Draft | None:
    """The draft without what was over, or told, or changed since, or has been `heard`; None when nothing is left."""
    left = tuple(
        replace(notice, alert=held[notice.alert.id])
        for notice in draft.notices
        if notice.alert.id in held
        and _is_the_same_news(held[notice.alert.id], notice.alert)
        and (notice.alert.id, notice.alert.revision, notice.contact.id) not in heard
    )
    return replace(draft, notices=left) if left else None


def _is_the_same(alert: Alert, before: Alert) -> bool:
    return _is_the_same_news(alert, before) and severity(alert.level) <= severity(before.level)


def _is_the_same_news(alert: Alert, before: Alert) -> bool:
    return (alert.revision, alert.state) == (before.revision, before.state)
