"""The week's summary for programme managers, on the first school day of a week."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.notifier.domain.alerts import Channel
from services.notifier.domain.calendar import digest_time, start_of_day
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.modes import Modes, reader
from services.notifier.domain.muting import Pace
from services.notifier.domain.notices import Draft
from services.notifier.domain.rules import Rules
from services.notifier.domain.stages import Plan
from services.notifier.domain.weeks import summarise_week, week_due, week_round
from services.notifier.handlers.dispatching import Dispatched, mailed_lately
from services.notifier.handlers.reading import find_region_gaps
from services.notifier.handlers.recording import leave_out_doubles, record_mails
from services.notifier.handlers.rounds import Rounds
from services.notifier.handlers.writing import WritingDesk
from services.notifier.ports import Store
from shared.dutch import dutch_day


async def write_weeks(store: Store, rounds: Rounds, knowledge: Knowledge, modes: Modes, now: datetime) -> Dispatched:
    """The summary of last week for the programme managers of the regions where this is the week's first school day."""
    today, drafts = dutch_day(now), list[Draft]()
    ends: dict[str, date] = {}
    room = await _Room.now(store, modes, rounds.rules, now)
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
    desk = WritingDesk(rounds.composer, {}, knowledge, now, modes, store.person_key, rounds.rules.calendar)
    desk.write(drafts, ())
    await leave_out_doubles(store, desk)
    await record_mails(store, desk.written, now)
    failed = {each.unwritten.region for each in desk.failures}
    for region in ends.keys() - failed:
        await store.save_round(week_round(region), ends[region])
    return Dispatched(tuple(mail for _, mail in desk.written), Plan((), (), (), ()), (), tuple(desk.failures))


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
