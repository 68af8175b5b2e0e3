"""Workplace supervisors as rows: who guides whom, the hours and heads that it takes, and the price of load."""

from collections import defaultdict
from dataclasses import dataclass

from services.matcher.adapters.solver.bounds.model import Key, Load, Model, Split
from services.matcher.adapters.solver.bounds.program import COUNTS, EVERYTHING, NEVER
from services.matcher.adapters.solver.compiled.guides import AMPLE
from services.matcher.domain.vocabulary import Tier

Counted = tuple[int, int]
"""A column that counts students, and how many at most."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Students who may have the same supervisors on the same terms at one workplace in the same periods."""

    period_set: int
    offers: tuple[tuple[int, int, int], ...]
    columns: tuple[int, ...]


def guides(model: Model) -> None:
    """In every period a workplace supervisor's hours hold the shares, their heads the maximum, and load has its price.

    Students who are alike are counted together: in a linear program that is the same as one column for each of them.
    """
    taking: dict[Key, dict[int, list[Counted]]] = defaultdict(lambda: defaultdict(list))
    periods = model.periods()
    for alike in _alikes(model):
        for (supervisor, size, _), counted in zip(alike.offers, _guided(model, alike), strict=True):
            for period in periods[alike.period_set]:
                taking[supervisor, period][size].extend(counted)
    for key in sorted(taking):
        _load(model, key, taking[key])


def _alikes(model: Model) -> list[Alike]:
    places, shares = model.eased.tables.places, model.eased.shares
    columns = (places.workplace, places.set, places.guides, places.student)
    found: dict[tuple[int, int, int, int], list[int]] = defaultdict(list)
    for place, (workplace, period_set, pool, student) in enumerate(
        zip(*(one.tolist() for one in columns), strict=True)
    ):
        found[workplace, period_set, pool, shares[student]].append(place)
    return [
        Alike(key[1], _offers(model, places_here), tuple(model.first + place for place in places_here))
        for key, places_here in found.items()
    ]


def _offers(model: Model, places: list[int]) -> tuple[tuple[int, int, int], ...]:
    """Per supervisor what each of the students takes of their hours, in parts of a qh, and what that costs."""
    eased, tables = model.eased, model.eased.tables
    student, pool = int(tables.places.student[places[0]]), int(tables.places.guides[places[0]])
    part = slice(tables.guides.start[pool], tables.guides.start[pool + 1])
    asked, share = int(tables.needs[student, 0]), eased.shares[student]
    saved = _saved_by_team(model, places[0])
    rows = zip(
        *(one[part].tolist() for one in (tables.guides.supervisor, tables.guides.taken, tables.guides.cost)),
        strict=True,
    )
    return tuple((one, share + (taken - asked) * eased.scale, cost - saved.get(one, 0)) for one, taken, cost in rows)


def _saved_by_team(model: Model, place: int) -> dict[int, int]:
    """Who was guided by a team may keep it: then nobody of the team is a move."""
    atlas, tables = model.eased.atlas, model.eased.tables
    held = atlas.held.get(tables.index.students[tables.places.student[place]])
    if not model.eased.is_split or held is None or len(held.wpb) < 2 or not tables.places.kept[place]:
        return {}
    team = (
        tables.index.supervisor_at[one.supervisor] for one in held.wpb if one.supervisor in tables.index.supervisor_at
    )
    return dict.fromkeys(team, atlas.region.settings.costs.move_supervisor)


def _guided(model: Model, alike: Alike) -> list[list[Counted]]:
    """Per offer the columns that count its students."""
    program = model.program
    if len(alike.offers) == 1:
        for column in alike.columns:
            program.secondary[column] += alike.offers[0][2]
        return [[(column, 1) for column in alike.columns]]
    most = len(alike.columns)
    depth = NEVER if model.eased.is_split else EVERYTHING
    made = [program.column(most, secondary=cost, depth=depth) for _, _, cost in alike.offers]
    model.counted_for.update(dict.fromkeys(made, alike.columns[0]))
    entries = [*((column, 1) for column in alike.columns), *((column, -1) for column in made)]
    program.row(entries, at_least=0, at_most=0)
    model.splits.append(Split(alike.columns, tuple(made), _parts(model, alike)))
    return [[(column, most)] for column in made]


def _parts(model: Model, alike: Alike) -> tuple[float, ...]:
    """By the hours of those who have enough for one student."""
    periods, scale = model.periods()[alike.period_set], model.eased.scale
    hours = [int(model.eased.tables.hours[who, periods].min()) * scale for who, *_ in alike.offers]
    weights = [one if one >= size else 0 for one, (_, size, _) in zip(hours, alike.offers, strict=True)]
    total = sum(weights)
    return tuple(one / total if total else 1 / len(weights) for one in weights)


def _load(model: Model, key: Key, taking: dict[int, list[Counted]]) -> None:
    program, tables = model.program, model.eased.tables
    hours, heads = int(tables.hours[key]) * model.eased.scale, int(tables.heads[key[0]])
    whole = not model.eased.is_split
    counts = []
    for size, counted in sorted(taking.items()):
        most = min(heads, sum(number for _, number in counted))
        if whole and size:
            most = min(most, hours // size)
        count = program.column(most, depth=COUNTS if whole else NEVER)
        row = program.row([*((column, 1) for column, _ in counted), (count, -1)], at_least=0, at_most=0)
        model.links[key].append(row)
        counts.append((size, (count,), most))
    load = Load(*key, Tier.WPB, hours, None if heads == AMPLE else heads, tuple(counts))
    model.loads.append(load)
    capacity_rows(model, load)
    _price(model, load)


def capacity_rows(model: Model, load: Load) -> None:
    """Hours and heads of one supervisor in one period, where they could be too few."""
    program = model.program
    columns = [(column, size) for size, members, _ in load.counts for column in members]
    worst = sum(size * most for size, _, most in load.counts) + load.fixed * len(load.openings)
    if worst > load.hours:
        entries = [*columns, *((column, load.fixed) for column in load.openings)]
        row = program.row([(column, value) for column, value in entries if value], at_most=load.hours)
        model.hour_rows[load.supervisor, load.period] = row
        model.limits[load.supervisor, load.period].append(row)
    if load.most is not None and sum(most for *_, most in load.counts) > load.most:
        row = program.row(((column, 1) for column, _ in columns), at_most=load.most)
        model.limits[load.supervisor, load.period].append(row)


def _price(model: Model, load: Load) -> None:
    """For each workplace supervisor and period the k-th student costs load[k]."""
    program, prices = model.program, model.eased.tables.load.tolist()
    widths: dict[int, int] = {}
    for rank in range(_most_heads(model, load)):
        price = prices[min(rank, len(prices) - 1)]
        widths[price] = widths.get(price, 0) + 1
    if not any(widths):
        return
    steps = [program.column(width, secondary=price) for price, width in sorted(widths.items())]
    heads = [(column, 1) for _, members, _ in load.counts for column in members]
    model.load_rows.append(program.row([*heads, *((step, -1) for step in steps)], at_least=0, at_most=0))


def _most_heads(model: Model, load: Load) -> int:
    most = sum(number for *_, number in load.counts)
    least = min(size for size, *_ in load.counts)
    if least and not model.eased.is_split:
        most = min(most, load.hours // least)
    return most if load.most is None else min(most, load.most)
