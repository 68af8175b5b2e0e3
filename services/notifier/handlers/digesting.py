"""The rounds of a school day: at eight o'clock a digest for everybody who has something to hear, and on its first the week's summary.

What is planned is written in many short transactions. Whoever was written to is not written to again when a round is begun
anew, so it may stop anywhere.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.notifier.domain.alerts import Alert, AlertKind, AlertState, Channel
from services.notifier.domain.calendar import digest_time, start_of_day
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.inhibiting import Dropped, rivals_of
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.life import PENDING, remind
from services.notifier.domain.modes import Modes, reader
from services.notifier.domain.muting import Pace
from services.notifier.domain.notices import Draft, Told
from services.notifier.domain.rules import REMIND_AFTER_DAYS, Rules
from services.notifier.domain.stages import Plan, Situation, plan_digests
from services.notifier.domain.weeks import summarise_week, week_due, week_round
from services.notifier.handlers.dispatching import ROUND, Dispatched, mailed_lately
from services.notifier.handlers.gathering import gather_knowledge, gather_related
from services.notifier.handlers.raising import close_gaps, raise_gaps
from services.notifier.handlers.reading import find_region_gaps
from services.notifier.handlers.recording import record_dropped, record_mails, settled
from services.notifier.handlers.writing import WritingDesk
from services.notifier.ports import Composer, Store
from shared.dutch import dutch_day

AT_A_TIME = 50
"""So many people in one transaction: short enough to stop others for some tenths of a second at most."""

Transaction = Callable[[], AbstractAsyncContextManager[Store]]


@dataclass(frozen=True, slots=True)
class Rounds:
    """How the rounds of a day are made."""

    transaction: Transaction
    composer: Composer
    rules: Rules


@dataclass(slots=True)
class _Round:
    """One round: what was planned, and for every alert how many people have yet to be written to.

    `told` is by alert, `dropped` by reader: each piece looks at its own people only.
    """

    plan: Plan
    knowledge: Knowledge
    rivals: Mapping[str, Alert]
    told: dict[str, list[Told]]
    dropped: dict[str, list[Dropped]]
    modes: Modes
    outstanding: dict[str, int]

    def remember(self, told: Iterable[Told]) -> None:
        """Who was told since it was planned."""
        for each in told:
            self.told.setdefault(each.alert, []).append(each)

    def told_of(self, alerts: Iterable[str]) -> list[Told]:
        """Who was told of these alerts."""
        return [each for alert in alerts for each in self.told.get(alert, ())]


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
        weeks = await _write_weeks(store, rounds, planned, today, now)
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
    return True


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
    outstanding = {alert.id: 0 for alert in news}
    for draft in plan.drafts:
        for notice in draft.notices:
            outstanding[notice.alert.id] += 1
    for alert, _ in plan.unreachable:
        outstanding[alert.id] += 1
    planned = _Round(plan, knowledge, rivals_of(news, related), {}, dropped, modes, outstanding)
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
    current = [after for draft in drafts if (after := _as_it_is_now(draft, held)) is not None]
    desk = WritingDesk(
        rounds.composer, planned.rivals, planned.knowledge, now, planned.modes, store.person_key, rounds.rules.calendar
    )
    desk.write(current, ())
    await _leave_out_doubles(store, desk)
    recorded = await record_mails(store, desk.written, now)
    people = {reader(draft.contact, planned.modes) for draft, _ in desk.written}
    dropped = [
        each for each in unneeded if reader(each.notice.contact, planned.modes) in people and not desk.owes(each.notice)
    ]
    recorded += await _record_dropped(store, planned, dropped, there, recorded, now)
    planned.remember(recorded)
    if desk.unwritten:
        await store.keep_unwritten([*await store.unwritten(), *desk.unwritten])
    for draft, _ in desk.written:
        for notice in draft.notices:
            planned.outstanding[notice.alert.id] -= 1
    waiting = {alert: None for alert in wanted if planned.outstanding[alert] > 0}
    looked_at = [alert for alert in held.values() if alert.state in PENDING or alert.state is AlertState.CLEARED]
    await store.save_alerts(settled(looked_at, recorded, waiting, rounds.rules, now))
    return Dispatched(
        tuple(mail for _, mail in desk.written), planned.plan, tuple(desk.unwritten), tuple(desk.failures)
    )


async def _write_weeks(store: Store, rounds: Rounds, planned: _Round, today: date, now: datetime) -> Dispatched:
    """The summary of last week for the programme managers of the regions where this is the week's first school day."""
    drafts: list[Draft] = []
    ends: dict[str, date] = {}
    room = await _Room.now(store, planned.modes, rounds.rules, now)
    for region in await store.regions():
        told_until = await store.round_done(week_round(region))
        due = week_due(rounds.rules.calendar, region, today, told_until)
        if due is None:
            continue
        (start, until), wanted = due, room.managers(region)
        ends[region] = until
        alerts = await store.alerts_of_week(region, start_of_day(digest_time(start)))
        mails = await store.mails_between(region, digest_time(start), digest_time(today))
        gaps = len(await find_region_gaps(store, region, now)) if wanted else 0
        week = replace(summarise_week(alerts, region, start, until, mails), gaps=gaps)
        if wanted and (week.raised or week.live or week.cleared):
            if not room.take(wanted):  # what is over the day's limit is told tomorrow, with what comes until then
                del ends[region]
                continue
            drafts += [Draft(each, each.role, None, region, (), Channel.WEEKLY, week) for each in wanted]
    desk = WritingDesk(
        rounds.composer, {}, planned.knowledge, now, planned.modes, store.person_key, rounds.rules.calendar
    )
    desk.write(drafts, ())
    await _leave_out_doubles(store, desk)
    await record_mails(store, desk.written, now)
    failed = {each.unwritten.region for each in desk.failures}
    for region in ends.keys() - failed:
        await store.save_round(week_round(region), ends[region])
    plan = Plan((), (), planned.plan.unreachable, ())  # also on a morning on which nobody is written to
    return Dispatched(tuple(mail for _, mail in desk.written), plan, (), tuple(desk.failures))


@dataclass(slots=True)
class _Room:
    """How many mails each programme manager who wants the week may still get today."""

    wanting: Sequence[Contact]
    modes: Modes
    left: dict[str, int]

    @classmethod
    async def now(cls, store: Store, modes: Modes, rules: Rules, now: datetime) -> "_Room":
        """As it is now, the digests of this morning counted."""
        managers = [each for each in await store.contacts() if each.role is Role.PROGRAMME_MANAGER]
        wanting = [each for each in managers if each.preferences.weekly and each.stopped is None]
        mailed = await mailed_lately(store, wanting, modes, now)
        pace = Pace(now, rules.group_wait, rules.mails_per_day, mailed, modes)
        return cls(wanting, modes, {reader(each, modes): pace.left(each) for each in wanting})

    def managers(self, region: str) -> list[Contact]:
        """Who gets the week of this region."""
        return [each for each in self.wanting if each.organisation == region]

    def take(self, contacts: Sequence[Contact]) -> bool:
        """Whether all of these may have one mail more, which then counts."""
        readers = {reader(each, self.modes) for each in contacts}
        if not all(self.left[each] for each in readers):
            return False
        for each in readers:
            self.left[each] -= 1
        return True


async def _conclude(store: Store, rules: Rules, planned: _Round, now: datetime) -> None:
    """What nobody needed a mail for is done as well."""
    in_mails = {notice.alert.id for draft in planned.plan.drafts for notice in draft.notices}
    rest = [alert for alert, left in planned.outstanding.items() if not left and alert not in in_mails]
    unneeded = {each.notice.alert.id for each in planned.plan.dropped}
    there = {alert.id: alert for alert in await store.alerts_in({*rest, *unneeded})}
    recorded = await _record_dropped(store, planned, planned.plan.dropped, there, (), now)
    held = [there[alert] for alert in rest if alert in there]
    open_still = [each for each in held if each.state in PENDING or each.state is AlertState.CLEARED]
    await store.save_alerts(settled(open_still, [*planned.told_of(rest), *recorded], {}, rules, now))


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


async def _leave_out_doubles(store: Store, desk: WritingDesk) -> None:
    """A round that stopped halfway wrote to some people already: what came since waits for their next digest."""
    known = await store.known_keys([mail.dedupe_key for _, mail in desk.written])
    desk.written = [(draft, mail) for draft, mail in desk.written if mail.dedupe_key not in known]


def _as_it_is_now(draft: Draft, held: Mapping[str, Alert]) -> Draft | None:
    """The draft without what was over, or told, or changed since; None when nothing is left."""
    left = tuple(
        replace(notice, alert=held[notice.alert.id])
        for notice in draft.notices
        if notice.alert.id in held
        and (held[notice.alert.id].revision, held[notice.alert.id].state) == (notice.alert.revision, notice.alert.state)
    )
    return replace(draft, notices=left) if left else None
