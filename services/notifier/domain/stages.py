"""From alerts to drafts of mails: route, mute, inhibit, group, limit, deduplicate. Each stage is pure and gives its reasons."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.notifier.domain.alerts import Alert, AlertKind, Channel, News
from services.notifier.domain.contacts import Addressee, Contact, Role, Wish
from services.notifier.domain.decisions import Decision
from services.notifier.domain.inhibiting import Dropped, inhibit
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.modes import Modes, is_preview, reader
from services.notifier.domain.muting import UNWANTED, Pace, limit, mute
from services.notifier.domain.notices import Draft, Notice, Told
from services.notifier.domain.routing import Routed, route

LOOK_AGAIN = timedelta(seconds=30)
"""What reaches nobody, or waits for another alert to be told, is looked at again so often."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Alerts with news, the live alerts that may say more than they do, what was told, and how fast mails may follow.

    `invited` are alert and contact of whoever got a talk for their calendar.
    """

    now: datetime
    group_wait: timedelta
    alerts: Sequence[Alert]
    related: Sequence[Alert]
    told: Sequence[Told]
    per_day: int = 5
    mailed: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    modes: Modes = field(default_factory=Modes)
    kept: Mapping[str, int] = field(default_factory=dict)
    invited: Collection[tuple[str, str]] = ()

    @property
    def pace(self) -> Pace:
        """How fast mails may follow one another."""
        return Pace(self.now, self.group_wait, self.per_day, self.mailed, self.modes, self.kept)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write, what not to, who is missing, and when each alert that is not done must be looked at again.

    `waiting` has an alert with None when nothing of it goes before the digest.
    """

    drafts: tuple[Draft, ...]
    dropped: tuple[Dropped, ...]
    unreachable: tuple[tuple[Alert, Addressee], ...]
    decisions: tuple[Decision, ...] = field(default=())
    missing: tuple[tuple[Alert, Addressee], ...] = ()
    waiting: Mapping[str, datetime | None] = field(default_factory=dict)


def plan_mails(situation: Situation, knowledge: Knowledge) -> Plan:
    """The mails that go at once: only groups of which the oldest news has waited long enough are written."""
    decisions: list[Decision] = []
    routed = route(situation.alerts, situation.told, knowledge, decisions)
    notices = [_without_shown(each, situation.modes) for each in routed.notices]
    muted = mute(notices, situation.now, decisions)
    inhibited = inhibit(muted.at_once, situation.related, situation.told, decisions, in_one_mail=False)
    due, young = _gather(group_notices(inhibited.kept, situation.modes), situation.pace, decisions)
    within, over = limit(due, situation.pace, decisions)
    drafts, doubles = deduplicate(within, situation, decisions)
    again = situation.now + LOOK_AGAIN
    waiting = [
        *muted.held,
        *over,
        *((notice, again) for notice in inhibited.held),
        *young,
    ]
    return Plan(
        tuple(drafts),
        (*muted.dropped, *inhibited.dropped, *doubles),
        routed.unreachable,
        tuple(decisions),
        routed.missing,
        _soonest(waiting, routed, again),
    )


def plan_digests(situation: Situation, knowledge: Knowledge) -> Plan:
    """One mail for each person with everything that they have yet to hear; what another line says is left out."""
    decisions: list[Decision] = []
    routed = route(situation.alerts, situation.told, knowledge, decisions)
    known = (_without_shown(each, situation.modes) for each in routed.notices)
    notices = [replace(each, was_invited=(each.alert.id, each.contact.id) in situation.invited) for each in known]
    unwanted, wanted = _by_wish(notices, decisions)
    inhibited = inhibit(wanted, situation.related, situation.told, decisions, in_one_mail=True)
    by_person: dict[str, list[Notice]] = {}
    for notice in inhibited.kept:
        by_person.setdefault(reader(notice.contact, situation.modes), []).append(notice)
    digests = [_digest(mine) for _, mine in sorted(by_person.items())]
    drafts, doubles = deduplicate(digests, situation, decisions)
    dropped = (*unwanted, *inhibited.dropped, *doubles)
    return Plan(tuple(drafts), dropped, routed.unreachable, tuple(decisions), routed.missing)


def group_notices(notices: Iterable[Notice], modes: Modes) -> list[Draft]:
    """One draft per reader, role, kind, region and channel, in a fixed order: who has a role at three schools gets one mail."""
    groups: dict[tuple[str, Role, AlertKind, str, Channel], list[Notice]] = {}
    for notice in notices:
        channel = Channel.ESCALATION if notice.news is News.ESCALATED else Channel.IMMEDIATE
        who = reader(notice.contact, modes)
        groups.setdefault(
            (who, notice.addressee.role, notice.alert.kind, notice.alert.case.region, channel), []
        ).append(notice)
    drafts = (
        Draft(_first(members), role, kind, region, tuple(sorted(members, key=lambda each: each.alert.id)), channel)
        for (_, role, kind, region, channel), members in groups.items()
    )
    return sorted(drafts, key=lambda each: (each.contact.id, each.role, each.kind or "", each.region, each.channel))


def deduplicate(
    drafts: Sequence[Draft], situation: Situation, decisions: list[Decision]
) -> tuple[list[Draft], list[Dropped]]:
    """One alert reaches one reader once, also when they have two roles or stand in for two."""
    by_contact = {(each.alert, each.revision, each.contact) for each in situation.told}
    firsts: dict[tuple[str, str], Notice] = {}
    kept: list[tuple[Draft, list[Notice]]] = []
    dropped: list[Dropped] = []
    for draft in drafts:
        passing: list[Notice] = []
        for notice in draft.notices:
            address = (notice.alert.id, reader(notice.contact, situation.modes))
            heard = (notice.alert.id, notice.alert.revision, notice.contact.id) in by_contact
            if not heard and address not in firsts:
                firsts[address] = notice
                passing.append(notice)
                continue
            if address in firsts:
                both = (*firsts[address].stands_in_for, *notice.stands_in_for)
                firsts[address] = replace(firsts[address], stands_in_for=tuple(dict.fromkeys(both)))
            dropped.append(Dropped(notice, "told at the same address"))
            decisions.append(
                Decision("deduplicate", "dropped", "told at the same address", notice.alert.id, notice.addressee.role)
            )
        if passing:
            kept.append((draft, passing))
    merged = []
    for draft, passing in kept:
        notices = tuple(firsts[each.alert.id, reader(each.contact, situation.modes)] for each in passing)
        merged.append(replace(draft, contact=_first(notices), notices=notices))
    return merged, dropped


def _gather(
    drafts: Sequence[Draft], pace: Pace, decisions: list[Decision]
) -> tuple[list[Draft], list[tuple[Notice, datetime | None]]]:
    due: list[Draft] = []
    young: list[tuple[Notice, datetime | None]] = []
    for draft in drafts:
        at = min(notice.alert.news_at or notice.alert.opened_at for notice in draft.notices) + pace.wait(draft.contact)
        verdict, reason = ("due", "waited") if at <= pace.now else ("held", "waits for its group")
        decisions += [Decision("group", verdict, reason, each.alert.id, each.addressee.role) for each in draft.notices]
        if at <= pace.now:
            due.append(draft)
        else:
            young += [(notice, at) for notice in draft.notices]
    return due, young


def _digest(mine: Sequence[Notice]) -> Draft:
    first = _first(mine)
    ordered = tuple(sorted(mine, key=lambda each: each.alert.id))
    return Draft(first, first.role, None, ordered[0].alert.case.region, ordered, Channel.DIGEST)


def _first(notices: Sequence[Notice]) -> Contact:
    """As whom somebody is written to who hears in several roles, or at several organisations."""
    return min((notice.contact for notice in notices), key=lambda each: each.id)


def _without_shown(notice: Notice, modes: Modes) -> Notice:
    """Of who was only shown what would be sent nobody can say that they did not answer."""
    asked = tuple(each for each in notice.escalated_from if not is_preview(each.organisation, modes))
    return replace(notice, escalated_from=asked)


def _by_wish(notices: Iterable[Notice], decisions: list[Decision]) -> tuple[list[Dropped], list[Notice]]:
    """A digest is for everybody but who wishes not to hear."""
    given = list(notices)
    unwanted = [
        Dropped(each, UNWANTED) for each in given if each.contact.preferences.wish_for(each.alert.kind) is Wish.NONE
    ]
    wanted = [each for each in given if each.contact.preferences.wish_for(each.alert.kind) is not Wish.NONE]
    decisions += [Decision("mute", "dropped", d.reason, d.notice.alert.id, d.notice.addressee.role) for d in unwanted]
    return unwanted, wanted


def _soonest(
    waiting: Iterable[tuple[Notice, datetime | None]], routed: Routed, again: datetime
) -> dict[str, datetime | None]:
    moments: dict[str, datetime | None] = {
        alert.id: None if alert.is_fact else again for alert, _ in routed.unreachable
    }
    for notice, at in waiting:
        known = moments.get(notice.alert.id)
        moments[notice.alert.id] = min(known, at) if known and at else known or at
    return moments
