"""Who is sent to next: whoever has least on its way, so that a receiver that does not answer holds nobody up."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

PER_RECEIVER = 4
"""Messages on their way to one webhook; to one that did not answer the last time only one."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A webhook, and whose it is (None: of whoever runs Leerplek)."""

    webhook: str
    owner: str | None


@dataclass(slots=True)
class Known:
    """What the sender remembers of webhooks: the number of its last turn, and whether it did not answer then."""

    last_turn: dict[str, int] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)

    def most(self, webhook: str) -> int:
        """How many messages to it may be on their way."""
        return 1 if webhook in self.silent else PER_RECEIVER

    def take_turn(self, webhook: str) -> None:
        """A message to it is on its way."""
        self.last_turn[webhook] = max(self.last_turn.values(), default=0) + 1

    def learn(self, webhook: str, *, is_silent: bool) -> None:
        """How that went."""
        (self.silent.add if is_silent else self.silent.discard)(webhook)


def places(waiting: Iterable[Receiver], flying: Collection[Receiver], known: Known, free: int) -> Counter[str]:
    """How many messages each webhook may be sent now, at most `free` together.

    Each place goes to the owner with least on its way, of its webhooks to the one with least, and where that is the same to
    whose last turn is longest ago.
    """
    candidates = sorted(waiting, key=lambda each: known.last_turn.get(each.webhook, -1))
    of_webhook, of_owner = Counter(each.webhook for each in flying), Counter(each.owner for each in flying)
    given: Counter[str] = Counter()
    for _ in range(free):
        open_ones = [each for each in candidates if of_webhook[each.webhook] < known.most(each.webhook)]
        if not open_ones:
            break
        next_one = min(open_ones, key=lambda each: (of_owner[each.owner], of_webhook[each.webhook]))
        given[next_one.webhook] += 1
        of_webhook[next_one.webhook] += 1
        of_owner[next_one.owner] += 1
    return given
