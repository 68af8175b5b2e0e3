"""Divides what people over a border have left: each part keeps what it uses, one of them in turn may use what is free."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from services.matcher.adapters.solver.country.division import Division
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import PeriodId, SupervisorId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.plan import Placement
from services.matcher.domain.prices import load_cost
from services.matcher.domain.region import Supervisor
from services.matcher.domain.vocabulary import Tier

Key = tuple[SupervisorId, PeriodId]


@dataclass(frozen=True, slots=True)
class Use:
    """Hours and students of shared people in one part."""

    qh: Counter[Key] = field(default_factory=Counter)
    heads: Counter[Key] = field(default_factory=Counter)


class Sharing:
    """Who may guide in several parts, and what each part uses of them."""

    def __init__(self, atlas: Atlas, division: Division) -> None:
        """Nobody guides anybody yet."""
        self._atlas, self._people = atlas, division.people
        self.shared = frozenset(one for one, parts in division.people.items() if len(parts) > 1)
        self._of_part: dict[int, list[SupervisorId]] = defaultdict(list)
        for one in sorted(self.shared):
            for part in division.people[one]:
                self._of_part[part].append(one)
        self.uses = [Use() for _ in division.names]

    def use_of(self, placements: Iterable[Placement]) -> Use:
        """What these placements, all of one part, use of shared people."""
        mine = [one for one in placements if not self.shared.isdisjoint(_people_in(one))]
        ledger = Ledger(self._atlas, mine)
        return Use(
            Counter({key: qh for key, qh in ledger.qh.items() if key[0] in self.shared}),
            Counter({key: heads for key, heads in ledger.heads.items() if key[0] in self.shared}),
        )

    def people_for(self, part: int, turn: int) -> dict[SupervisorId, Supervisor]:
        """Shared people with the hours and heads that this part may use of them in a turn.

        What a part uses it keeps; who is served by it in this turn gets all that is free. Parts that work at the same time
        can so never use more together than there is, head counts in several periods apart: `fits` looks at these.
        """
        return {one: self._person(one, part, turn) for one in self._of_part[part]}

    def _person(self, name: SupervisorId, part: int, turn: int) -> Supervisor:
        person = self._atlas.region.supervisors[name]
        parts, own = self._people[name], self.uses[part]
        served = parts[0] if turn % 2 == 0 else parts[1 + turn // 2 % (len(parts) - 1)]
        periods = sorted({*person.qh, *self._atlas.region.periods})
        if part != served:
            most = max((own.heads[name, period] for period in periods), default=0)
            hours = {period: own.qh[name, period] for period in periods if own.qh[name, period]}
            return replace(person, qh=hours, max_students=None if person.max_students is None else most)
        elsewhere = [self.uses[other] for other in parts if other != part]
        hours = {
            period: person.qh.get(period, 0) - sum(use.qh[name, period] for use in elsewhere) for period in person.qh
        }
        taken = max((sum(use.heads[name, period] for use in elsewhere) for period in periods), default=0)
        used = max((own.heads[name, period] for period in periods), default=0)
        heads = None if person.max_students is None else max(used, person.max_students - taken)
        return replace(person, qh={period: max(0, qh) for period, qh in hours.items()}, max_students=heads)

    def fits(self, part: int, new: Use) -> bool:
        """Whether nobody is asked too much when the part uses this from now on."""
        keys = {*new.qh, *new.heads}
        return all(self._fits(key, part, new) for key in keys)

    def _fits(self, key: Key, part: int, new: Use) -> bool:
        name, period = key
        most = self._atlas.region.supervisors[name].max_students
        others = [self.uses[other] for other in self._people[name] if other != part]
        heads = new.heads[key] + sum(use.heads[key] for use in others)
        hours = new.qh[key] + sum(use.qh[key] for use in others)
        return hours <= self._atlas.qh(name, period) and (most is None or heads <= most)

    def more_load(self, part: int, new: Use) -> int:
        """By how many points more load costs, since parts count from one each, when the part uses this from now on."""
        return sum(
            self._excess(key, part, new) - self._excess(key, part, self.uses[part]) for key in self._changed(part, new)
        )

    def _changed(self, part: int, new: Use) -> Iterator[Key]:
        old = self.uses[part].heads
        return (key for key in sorted({*old, *new.heads}) if old[key] != new.heads[key])

    def _excess(self, key: Key, part: int, use: Use) -> int:
        name, _ = key
        if self._atlas.region.supervisors[name].tier is not Tier.WPB:
            return 0
        others = [self.uses[other].heads[key] for other in self._people[name] if other != part]
        return self._load(sum(others) + use.heads[key]) - self._load(use.heads[key])

    def _load(self, heads: int) -> int:
        costs = self._atlas.region.settings.costs
        return sum(load_cost(costs, rank) for rank in range(heads))


def _people_in(placement: Placement) -> set[SupervisorId]:
    named = {share.supervisor for share in placement.wpb}
    return named | {one for one in (placement.so, placement.io) if one is not None}
