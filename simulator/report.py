"""Sums a play up for people, in Dutch."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from shared.contracts.placements import PlacementEvent
from shared.dutch import counted
from simulator.client import Client
from simulator.play import Cast
from simulator.watcher import Watcher
from simulator.week import Happening
from simulator.words import reason_in_words, students_in_words

MAILED_WITHIN_S = 20.0
POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a play."""

    students: int
    placed: int
    unplaced: Mapping[str, int]
    moved: int
    losses: int
    """How often somebody lost their place during the week."""
    still_lost: int
    """How many who had a place in the first plan have none at the end."""
    mails: Mapping[tuple[str, str], int]
    happenings: Sequence[Happening]

    @property
    def times_s(self) -> list[float]:
        """Seconds from accepted to planned, shortest first."""
        return sorted(each.seconds for each in self.happenings if each.seconds is not None)


@dataclass(frozen=True, slots=True)
class Begin:
    """How the week began: the first plan, and how often somebody had lost their place before."""

    plan: Mapping[str, PlacementEvent]
    losses: int


async def sum_up(
    client: Client,
    watcher: Watcher,
    cast: Cast,
    happenings: Sequence[Happening],
    begin: Begin,
) -> Summary:
    """How things stand after the last mail has gone."""
    mails = await _mails_at_rest(client)
    now = {each.placement.student: each for each in watcher.placed}
    both = [student for student in begin.plan if student in now]
    return Summary(
        students=len(cast.students),
        placed=len(now),
        unplaced=dict(Counter(each.reason.value for each in watcher.unplaced).most_common()),
        moved=sum(begin.plan[student].placement.workplace != now[student].placement.workplace for student in both),
        losses=len(watcher.losses) - begin.losses,
        still_lost=sum(student in cast.students and student not in now for student in begin.plan),
        mails=Counter((each["kind"] or SEVERAL, each["state"]) for each in mails),
        happenings=happenings,
    )


async def _mails_at_rest(client: Client) -> list[dict[str, Any]]:
    """Every mail, when nobody waits for one any more or waiting has taken long enough."""
    until = time.monotonic() + MAILED_WITHIN_S
    while True:
        alerts = (await client.get("notifier", "/alerts"))["items"]
        mails = await _all_mails(client)
        waiting = [each for each in alerts if each["level"] == "critical"]  # the rest waits for the morning
        waiting += [each for each in mails if each["state"] in {"waiting", "sending"}]
        if not waiting or time.monotonic() > until:
            return mails
        await asyncio.sleep(POLL_S)


async def _all_mails(client: Client) -> list[dict[str, Any]]:
    mails: list[dict[str, Any]] = []
    further = ""
    while True:
        page = await client.get("notifier", f"/mails?limit=500{further}")
        mails += page["items"]
        if page["next"] is None:
            return mails
        further = f"&cursor={page['next']}"


def percentile(times_s: Sequence[float], share: float) -> float:
    """The smallest time within which this share of them fell (nearest rank); `times_s` is sorted and not empty."""
    return times_s[max(0, ceil(share * len(times_s)) - 1)]


def lines(summary: Summary) -> list[str]:
    """The summary as a person reads it."""
    unplaced = sum(summary.unplaced.values())
    told = [
        "",
        "Hoe het er na deze week voor staat",
        f"  {'Studenten':<22}{summary.students}",
        f"  {'Geplaatst':<22}{summary.placed}",
        f"  {'Niet geplaatst':<22}{unplaced} ({100 * unplaced / max(1, summary.students):.1f} %)".replace(".", ","),
        *(f"    {count:>4}  {reason_in_words(reason)}" for reason, count in summary.unplaced.items()),
        f"  {'Verhuisd':<22}{students_in_words(summary.moved)}: een andere werkplek dan in het eerste plan",
        f"  {'Plaats vervallen':<22}{summary.losses} keer in deze week; "
        f"{students_in_words(summary.still_lost)} {'heeft' if summary.still_lost == 1 else 'hebben'} nu nog geen andere plaats",
        f"  {'E-mails':<22}{sum(summary.mails.values())}, aan opleidingen, scholen en de regio",
        *(f"    {count:>4}  {_mail(*kind)}" for kind, count in sorted(summary.mails.items())),
    ]
    times = summary.times_s
    if times:
        p50, p99 = (1000 * percentile(times, share) for share in (0.5, 0.99))
        told.append(
            f"  {'Van melding tot plan':<22}{p50:.0f} ms (p50), {p99:.0f} ms (p99), "
            f"over {counted(len(times), 'melding', 'meldingen')}"
        )
    return told


SEVERAL: Final = ""
MAIL_KINDS: Final = {
    "lost": "plaatsing vervallen",
    "unplaced": "student zonder plaats",
    "mismatch": "mismatch gemeld",
    "parked": "berichten die niet te lezen zijn",
    "silent-source": "een regio laat niets meer horen",
    "responsibility-gap": "een rol zonder iemand",
    SEVERAL: "overzicht van meer meldingen",
}
MAIL_STATES: Final = {
    "waiting": "wacht",
    "sending": "wordt verstuurd",
    "sent": "verstuurd",
    "failed": "mislukt",
    "cancelled": "vervallen",
    "shown": "alleen getoond",
}


def _mail(kind: str, state: str) -> str:
    return f"{MAIL_KINDS.get(kind, kind)} ({MAIL_STATES.get(state, state)})"
