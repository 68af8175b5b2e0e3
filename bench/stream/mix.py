"""Mixed events of a region, as institutes and schools would send them, each drawn for the region as it is by then."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from shared.contracts.registrations import StudentNeeds
from simulator import requests
from simulator.client import Request
from simulator.play import Cast

WEIGHTS = {"register": 25, "withdraw": 25, "change": 20, "absence": 18, "return": 12}
"""How often each kind of event comes, in percent."""
MOST_AWAY = 0.08
"""So large a part of all who guide is away at once, in a wave of flu; beyond that whoever is away comes back."""
JUST_LEFT = 8
"""The last so many who went stay away: whoever returns must have been told of as absent before."""
RESTING = 0.5
"""So large a part of all students is left alone after an event about them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An event to send; `student` is whom its answer is about, None where that is not known before it is accepted.

    Whoever registers is told with `needs`, so that they can change their mind later.
    """

    kind: str
    request: Request
    student: str | None = None
    needs: StudentNeeds | None = None


@dataclass(slots=True)
class Mix:
    """Draws events; what a draw supposes has happened is known at once, so that no two events hang on each other's answer."""

    cast: Cast
    draw: random.Random
    away: list[str] = field(default_factory=list)
    asked: deque[str] = field(default_factory=deque)

    def next(self) -> Wanted:
        """Something that happens now."""
        kind = self.draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if kind in ("absence", "return"):
            kind = (
                "return"
                if len(self.away) > max(JUST_LEFT, MOST_AWAY * len(self.cast.supervisors))
                else kind
                if len(self.away) > JUST_LEFT
                else "absence"
            )
        drawn: Callable[[], Wanted] = getattr(self, f"_{kind}")
        return drawn()

    def _register(self) -> Wanted:
        world, needs = self.cast.world, self.cast.world.another_student()
        return Wanted("register", requests.registration(world.region, needs), needs=needs)

    def registered(self, student: str, needs: StudentNeeds) -> None:
        """Somebody was accepted, and may be drawn once this has been answered."""
        self.cast.students[student] = needs
        self.asked.append(student)

    def _withdraw(self) -> Wanted:
        student = self._somebody()
        del self.cast.students[student]
        return Wanted("withdraw", requests.withdrawal(student), student)

    def _change(self) -> Wanted:
        student = self._somebody()
        needs = self.cast.students[student]
        moved = {"lat": round(needs.lat + self.draw.uniform(-0.05, 0.05), 4)}
        self.cast.students[student] = needs.model_copy(update=moved)
        return Wanted("change", requests.change(student, self.cast.students[student]), student)

    def _absence(self) -> Wanted:
        person = self.draw.choice([one for one in self.cast.supervisors if one not in self.away])
        self.away.append(person)
        return Wanted("absence", requests.absence(person, self.cast.world.year.first_day, None))

    def _return(self) -> Wanted:
        person = self.away.pop(0)
        return Wanted("return", requests.back(person, self.cast.world.year.first_day))

    def _somebody(self) -> str:
        """Not again whom the last events were about, so that the answer to one event is not taken for that to another."""
        while len(self.asked) > len(self.cast.students) * RESTING:
            self.asked.popleft()
        resting, students = set(self.asked), list(self.cast.students)
        while (student := self.draw.choice(students)) in resting:
            pass
        self.asked.append(student)
        return student
