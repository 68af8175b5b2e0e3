"""A notifier that dies at a point of one's choice: between two commits, or on either side of the mail server's door."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from services.notifier.bootstrap import Parts
from services.notifier.domain.dead_letters import DeadLetter
from services.notifier.domain.delivery import Mail, Outcome
from services.notifier.ports import Store
from services.notifier.ports.alarming import Road
from services.notifier.ports.posting import Sender


class Killed(BaseException):
    """The process ends here and now; nothing of it runs on."""


@dataclass
class Death:
    """Comes at the so many-th point; `points` has what happened at each that was passed."""

    at: int
    is_armed: bool = False
    points: list[str] = field(default_factory=list)

    def may_come(self, what: str) -> None:
        if self.is_armed:
            self.points.append(what)
            if len(self.points) == self.at:
                raise Killed(what)


class MortalSender:
    """The mail server's door, at which the process may die on either side."""

    def __init__(self, sender: Sender, death: Death) -> None:
        self._sender = sender
        self._death = death

    async def send(self, mail: Mail) -> Outcome:
        self._death.may_come("before the mail is handed over")
        outcome = await self._sender.send(mail)
        self._death.may_come("after the mail was handed over")
        return outcome

    async def rest(self) -> None:
        await self._sender.rest()


class MortalRoad:
    """A road to the operator, before and after which the process may die."""

    def __init__(self, road: Road, death: Death) -> None:
        self.name = road.name
        self._road = road
        self._death = death

    async def tell(self, letters: Sequence[DeadLetter]) -> None:
        self._death.may_come(f"before the operator is told by {self.name}")
        await self._road.tell(letters)
        self._death.may_come(f"after the operator was told by {self.name}")


def mortal(parts: Parts, death: Death) -> Parts:
    """The same notifier, which dies when death comes."""

    @asynccontextmanager
    async def writing() -> AsyncIterator[Store]:
        async with parts.writing() as store:
            yield store
            death.may_come("before a transaction is committed")
        death.may_come("after a transaction was committed")

    roads = [MortalRoad(road, death) for road in parts.roads]
    return replace(parts, writing=writing, sender=MortalSender(parts.sender, death), roads=roads)
