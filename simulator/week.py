"""A school week of events, each followed by what the plan makes of it."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from shared.contracts.placements import PlacementEvent
from shared.contracts.vocabulary import MismatchKind
from shared.dutch import dutch_date
from simulator import requests
from simulator.client import Accepted, Client, Request
from simulator.play import Cast, until_quiet
from simulator.progress import Screen
from simulator.watcher import Watcher
from simulator.words import outcome_in_words

PLANNED_WITHIN_S = 30.0
SHORT = timedelta(days=2)
DAY_NAMES = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag")
WEEK = (
    ("short_absence", "registration", "registration"),
    ("long_absence", "registration", "registration", "registration"),
    ("departure", "change", "short_absence"),
    ("mismatch", "withdrawal", "registration"),
    ("homecoming", "change", "short_absence"),
)
"""What happens on each day."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened, and how long the plan took to answer; None where there was nothing to change."""

    what: str
    seconds: float | None


@dataclass(slots=True)
class Week:
    """Plays the days; `happenings` tells what came of them."""

    client: Client
    watcher: Watcher
    cast: Cast
    screen: Screen
    happenings: list[Happening] = field(default_factory=list)
    away: str | None = None
    used: set[str] = field(default_factory=set)

    @property
    def rng(self) -> random.Random:
        """What is drawn follows from the region's seed."""
        return self.cast.world.rng

    async def play(self, days: Sequence[Sequence[str]] = WEEK) -> None:
        """Five days at most; each starts with a tick and ends when the plan has come to rest."""
        region = self.cast.world.region
        for number, actions in enumerate(days):
            today = self.cast.world.year.first_day + timedelta(days=number)
            if number:
                await self.client.send(requests.day(region, today))
            self.screen.say(f"{DAY_NAMES[today.weekday()].capitalize()} {dutch_date(today)}")
            for action in actions:
                perform: Callable[[date], Awaitable[None]] = getattr(self, f"_{action}")
                await perform(today)
            await until_quiet(self.client, region)

    async def _registration(self, _today: date) -> None:
        world = self.cast.world
        needs = world.another_student()
        accepted = await self.client.send(requests.registration(world.region, needs))
        student = str(accepted.body["id"])
        self.cast.students[student] = needs
        await self._answered("Nieuwe inschrijving", accepted, [student], {student: 0})

    async def _change(self, _today: date) -> None:
        """A student who cannot stay at the school where they are."""
        place = self._somebody_placed()
        student = place.placement.student
        needs = self.cast.students[student].model_copy(update={"not_sites": (place.site,)})
        self.cast.students[student] = needs
        await self._send("Student kan niet op deze school blijven", requests.change(student, needs), [student])

    async def _withdrawal(self, _today: date) -> None:
        student = self._somebody_placed().placement.student
        del self.cast.students[student]
        await self._send("Inschrijving ingetrokken", requests.withdrawal(student), [student])

    async def _mismatch(self, _today: date) -> None:
        student = self._somebody_placed().placement.student
        await self.client.send(requests.mismatch(student, MismatchKind.GUIDANCE_MATCH))
        self._note("Mismatch gemeld", None, "wie ermee aan de slag moet krijgt bericht; het plan blijft")

    async def _short_absence(self, today: date) -> None:
        """Too short to cost hours in any period: nothing has to move."""
        person = self._somebody_who_guides(fewest=1)
        start = today + timedelta(days=1)
        await self.client.send(requests.absence(person, start, start + SHORT))
        self._note("Begeleider drie dagen afwezig", None, "te kort om studenten te verplaatsen; het plan blijft")

    async def _long_absence(self, today: date) -> None:
        """Nobody knows until when: the hours are gone in every period."""
        self.away = self._somebody_who_guides(fewest=2)
        guided = self.watcher.guided_by(self.away)
        await self._send("Begeleider voor onbepaalde tijd afwezig", requests.absence(self.away, today, None), guided)

    async def _departure(self, _today: date) -> None:
        person = self._somebody_who_guides(fewest=2)
        guided = self.watcher.guided_by(person)
        departs = self.cast.world.year.periods[0].start
        await self._send("Begeleider vertrekt voor de eerste periode", requests.departure(person, departs), guided)

    async def _homecoming(self, today: date) -> None:
        """Back sooner than anybody knew; whether somebody moves back is up to the plan."""
        assert self.away is not None
        await self.client.send(requests.back(self.away, today))
        self._note("Begeleider onverwacht terug", None, "de uren zijn weer te gebruiken")

    async def _send(self, what: str, request: Request, students: Sequence[str]) -> None:
        before = {student: self.watcher.sequence(student) for student in students}
        accepted = await self.client.send(request)
        await self._answered(what, accepted, students, before)

    async def _answered(self, what: str, accepted: Accepted, students: Sequence[str], before: dict[str, int]) -> None:
        """Waits for the first word about each of these students; the last of them counts."""

        def first_words() -> list[float | None]:
            return [self.watcher.first_after(student, before[student]) for student in students]

        await self.watcher.until(lambda: None not in first_words(), PLANNED_WITHIN_S, f"een antwoord op: {what}")
        answered = max((at for at in first_words() if at is not None), default=accepted.at)
        outcome = outcome_in_words([self.watcher.last[student] for student in students])
        self._note(what, max(0.0, answered - accepted.at), outcome)

    def _note(self, what: str, seconds: float | None, outcome: str) -> None:
        self.happenings.append(Happening(what, seconds))
        took = "" if seconds is None else f" (plan na {1000 * seconds:.0f} ms)"
        self.screen.say(f"  {what}: {outcome}{took}")

    def _somebody_placed(self) -> PlacementEvent:
        placed = {each.placement.student: each for each in self.watcher.placed}
        chosen = self.rng.choice([each for each in self.cast.students if each in placed and each not in self.used])
        self.used.add(chosen)
        return placed[chosen]

    def _somebody_who_guides(self, fewest: int) -> str:
        """A workplace supervisor who guides at least so many students, or else as many as anybody does."""
        guided = Counter(share.supervisor for place in self.watcher.placed for share in place.placement.wpb)
        people = [each for each in self.cast.supervisors if guided[each] and each not in self.used]
        most = min(fewest, max(guided[each] for each in people))
        chosen = self.rng.choice([each for each in people if guided[each] >= most])
        self.used.add(chosen)
        return chosen
