"""School and institute trainers as rows: which one guides whom, and the fixed hours of every site they go to."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from services.matcher.adapters.solver.bounds.guiding import Counted, capacity_rows
from services.matcher.adapters.solver.bounds.model import Key, Load, Model, Split, Visit
from services.matcher.adapters.solver.bounds.program import COUNTS, EVERYTHING
from services.matcher.adapters.solver.compiled.guides import AMPLE
from services.matcher.domain.vocabulary import Tier

Askings = dict[tuple[int, int, int, tuple[int, ...]], list[int]]
BySite = dict[int, dict[int, list[Counted]]]


@dataclass(frozen=True, slots=True)
class Room:
    """What a trainer has for one site, apart from the fixed hours: hours, and heads."""

    hours: int
    heads: int


def trainers(model: Model) -> None:
    """In every period a trainer's hours hold the needs and the fixed hours of every site where they guide somebody."""
    periods, seats = model.periods(), _seats(model)
    for tier in (Tier.SO, Tier.IO):
        askings = _askings(model, tier)
        taking: dict[Key, BySite] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
        for (site, period_set, need, people), columns in askings.items():
            for trainer, counted in zip(people, _called(model, people, (columns, periods[period_set])), strict=True):
                for period in periods[period_set]:
                    taking[trainer, period][site][need].extend(counted)
        for key in sorted(taking):
            _load(model, tier, key, taking[key], seats)
        _visits(model, askings)


def _visits(model: Model, askings: Askings) -> None:
    """A student is at a site only if one of the trainers who may take them goes there, and so are as many as a workplace
    there has seats for; known, but no rows yet."""
    places, periods = model.eased.tables.places, model.periods()
    students, workplaces = places.student.tolist(), places.workplace.tolist()
    alone: dict[tuple[int, int, int, tuple[int, ...]], list[int]] = defaultdict(list)
    together: dict[tuple[int, int, int, tuple[int, ...]], list[int]] = defaultdict(list)
    for (site, period_set, _, people), columns in askings.items():
        for period in periods[period_set]:
            if all((trainer, period, site) in model.openings for trainer in people):
                for column in columns:
                    alone[students[column - model.first], site, period, people].append(column)
                    together[workplaces[column - model.first], site, period, people].append(column)
    for (_, site, period, people), columns in alone.items():
        model.visits.append(Visit(tuple(columns), _openings(model, people, period, site), 1))
    for (workplace, site, period, people), columns in together.items():
        seats = int(model.eased.tables.seats[workplace, period])
        if 0 < seats < len({students[column - model.first] for column in columns}):
            model.visits.append(Visit(tuple(columns), _openings(model, people, period, site), seats))


def _openings(model: Model, people: tuple[int, ...], period: int, site: int) -> tuple[int, ...]:
    return tuple(model.openings[trainer, period, site] for trainer in people)


def _seats(model: Model) -> dict[Key, int]:
    """The seats of a site in a period."""
    tables = model.eased.tables
    found: dict[Key, int] = defaultdict(int)
    for workplace, site in enumerate(tables.site_of.tolist()):
        for period, seats in enumerate(tables.seats[workplace].tolist()):
            found[site, period] += seats
    return found


def _askings(model: Model, tier: Tier) -> Askings:
    """The columns by site, period set, need and the trainers who may take the student."""
    tables = model.eased.tables
    pools, which = (tables.sos, tables.places.sos) if tier is Tier.SO else (tables.ios, tables.places.ios)
    people = [tuple(pools[number].tolist()) for number in range(len(pools))]
    needs = tables.needs[:, 1 if tier is Tier.SO else 2].tolist()
    columns = (tables.places.site, tables.places.set, tables.places.student, which)
    found: Askings = defaultdict(list)
    for place, (site, period_set, student, pool) in enumerate(zip(*(one.tolist() for one in columns), strict=True)):
        if pool >= 0:
            found[site, period_set, needs[student], people[pool]].append(model.first + place)
    return found


def _called(model: Model, people: tuple[int, ...], who: tuple[list[int], list[int]]) -> list[list[Counted]]:
    """Per trainer the columns that count their students here, of these columns in these periods."""
    columns, periods = who
    if len(people) == 1:
        return [[(column, 1) for column in columns]]
    program, most = model.program, len(columns)
    made = [program.column(most, depth=EVERYTHING) for _ in people]
    entries = [*((column, 1) for column in columns), *((column, -1) for column in made)]
    program.row(entries, at_least=0, at_most=0)
    hours = [int(model.eased.tables.hours[one, periods].min()) for one in people]
    parts = tuple(one / sum(hours) if sum(hours) else 1 / len(hours) for one in hours)
    model.splits.append(Split(tuple(columns), tuple(made), parts))
    return [[(column, most)] for column in made]


def _load(model: Model, tier: Tier, key: Key, by_site: BySite, seats: dict[Key, int]) -> None:
    tables, program = model.eased.tables, model.program
    fixed = tables.site_qh[0 if tier is Tier.SO else 1]
    hours, heads = int(tables.hours[key]), int(tables.heads[key[0]])
    if _is_ample(by_site, (hours, heads, fixed), {site: seats[site, key[1]] for site in by_site}):
        return
    by_size: dict[int, list[int]] = defaultdict(list)
    most: dict[int, int] = defaultdict(int)
    openings = []
    for site in sorted(by_site):
        opened = program.column(1, depth=COUNTS)
        openings.append(opened)
        if fixed:
            model.openings[key[0], key[1], site] = opened
        room = Room(hours - fixed, min(heads, seats[site, key[1]]))
        counts = _counts(model, key, by_site[site], room)
        _only_where_they_go(model, opened, counts, room)
        for count, need, number in counts:
            by_size[need].append(count)
            most[need] += number
    whole = tuple((size, tuple(by_size[size]), most[size]) for size in sorted(by_size))
    load = Load(*key, tier, hours, None if heads == AMPLE else heads, whole, fixed, tuple(openings))
    model.loads.append(load)
    capacity_rows(model, load)


def _is_ample(by_site: BySite, limits: tuple[int, int, int], seats: dict[int, int]) -> bool:
    """The trainer could take everybody who might come."""
    hours, heads, fixed = limits
    for site, by_need in by_site.items():
        here = min(seats[site], sum(number for counted in by_need.values() for _, number in counted))
        heads -= here
        hours -= fixed + here * max(by_need)
    return hours >= 0 and heads >= 0


def _counts(model: Model, key: Key, by_need: dict[int, list[Counted]], room: Room) -> list[tuple[int, int, int]]:
    """A column per need that counts the students of one trainer at one site, with the need and the most."""
    counts = []
    for need, counted in sorted(by_need.items()):
        number = min(sum(one for _, one in counted), room.hours // need, room.heads)
        count = model.program.column(number, depth=COUNTS)
        row = model.program.row([*((column, 1) for column, _ in counted), (count, -1)], at_least=0, at_most=0)
        model.links[key].append(row)
        counts.append((count, need, number))
    return counts


def _only_where_they_go(model: Model, opened: int, counts: Sequence[tuple[int, int, int]], room: Room) -> None:
    """Nobody is guided at a site where the trainer does not go; where they go, their hours, heads and the seats hold."""
    program = model.program
    most = min(room.heads, sum(number for *_, number in counts), room.hours // min(need for _, need, _ in counts))
    program.row([*((count, 1) for count, *_ in counts), (opened, -most)], at_most=0)
    if len(counts) > 1:
        program.row([*((count, need) for count, need, _ in counts), (opened, -room.hours)], at_most=0)
