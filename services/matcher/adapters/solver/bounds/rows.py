"""The rules and costs of a region as rows, each a function with its rule in words."""

from collections import defaultdict
from dataclasses import dataclass, replace

from services.matcher.adapters.solver.bounds.easing import ease
from services.matcher.adapters.solver.bounds.guiding import guides
from services.matcher.adapters.solver.bounds.model import Key, Model
from services.matcher.adapters.solver.bounds.program import COUNTS, EVERYTHING, HEADS, Ints
from services.matcher.adapters.solver.bounds.training import trainers
from services.matcher.domain.prices import break_cost
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState


@dataclass(frozen=True, slots=True)
class Alone:
    """What it costs to leave each student out, broken promises apart, in the order of their ids; and who counts (1) or not (0)
    where it is counted how many are left out."""

    prices: Ints
    counted: Ints


def build(region: Region, alone: Alone | None = None) -> Model:
    """Every rule and cost of the region, eased where a lever pools hours; who must be together or apart is free.

    `alone` takes the place of the one price of who is left out.
    """
    model = Model(ease(region))
    if alone is not None:
        tables = model.eased.tables
        usual = region.settings.costs.unplaced
        tables = replace(tables, unplaced_cost=tables.unplaced_cost - usual + alone.prices)
        model.eased, model.counted = replace(model.eased, tables=tables), alone.counted
    for add in RULES:
        before = model.program.height
        add(model)
        if add in (guides, trainers):
            model.guidance.extend(range(before, model.program.height))
    return model


def one_place_per_student(model: Model) -> None:
    """Every student has one place or is left without, which breaks a promise where there is one."""
    tables, program = model.eased.tables, model.program
    start = tables.places.start.tolist()
    for student, price in enumerate(tables.unplaced_cost.tolist()):
        program.column(1, primary=price, lower=int(start[student] == start[student + 1]), depth=HEADS)
    for cost in tables.places.cost.tolist():
        program.column(1, secondary=cost, depth=EVERYTHING)
    for student in range(model.first):
        places = range(model.first + start[student], model.first + start[student + 1])
        if places:
            program.row([(student, 1), *((column, 1) for column in places)], at_least=1, at_most=1)


def promises_first(model: Model) -> None:
    """A broken promise counts in the primary cost, whether the student is placed elsewhere or left out.

    A proposal is no promise: who has one pays its price only where they are left out.
    """
    atlas, tables, program = model.eased.atlas, model.eased.tables, model.program
    costs = atlas.region.settings.costs
    for name, held in atlas.held.items():
        price, student = break_cost(costs, held), tables.index.student_at.get(name)
        if not price or student is None or held.state is PlacementState.PROPOSED:
            continue
        for place in range(tables.places.start[student], tables.places.start[student + 1]):
            if not tables.places.kept[place]:
                program.primary[model.first + place] += price
                program.secondary[model.first + place] -= price


def seats_per_workplace(model: Model) -> None:
    """In every period the students at a workplace do not exceed its seats."""
    tables = model.eased.tables
    for (workplace, period), columns in sorted(_by(model, tables.places.workplace.tolist()).items()):
        seats = int(tables.seats[workplace, period])
        if len(columns) > seats:
            row = model.program.row(((column, 1) for column in columns), at_most=seats)
            model.seat_rows[workplace, period] = row


def minimum_per_site(model: Model) -> None:
    """In every period a site has no student, or at least its minimum; no student where there are too few for that."""
    tables, program = model.eased.tables, model.program
    if tables.min_students.max(initial=0) <= 1:
        return
    for (site, _), columns in sorted(_by(model, tables.places.site.tolist()).items()):
        least = int(tables.min_students[site])
        if least <= 1:
            continue
        entries = [(column, 1) for column in columns]
        opened = program.column(1 if len(columns) >= least else 0, depth=COUNTS)
        program.row([*entries, (opened, -len(columns))], at_most=0)
        program.row([*entries, (opened, -least)], at_least=0)


def fairness(model: Model) -> None:
    """The unplaced of every watched group cost more by rank."""
    groups, program = model.eased.tables.groups, model.program
    members: dict[int, list[int]] = defaultdict(list)
    for student in range(model.first):
        for group in groups.of_student[student].tolist():
            members[group].append(student)
    for group in sorted(members):
        prices = groups.price[groups.price_start[group] : groups.price_start[group + 1]].tolist()
        widths = {price: prices.count(price) for price in sorted(set(prices))}
        if any(widths):
            steps = [program.column(width, primary=price, depth=HEADS) for price, width in widths.items()]
            entries = [*((member, 1) for member in members[group]), *((step, -1) for step in steps)]
            model.group_rows[group] = program.row(entries, at_least=0, at_most=0)


def _by(model: Model, numbers: list[int]) -> dict[Key, list[int]]:
    """The columns of the places by number and period."""
    found: dict[Key, list[int]] = defaultdict(list)
    periods = model.periods()
    sets = model.eased.tables.places.set.tolist()
    for place, (number, period_set) in enumerate(zip(numbers, sets, strict=True)):
        for period in periods[period_set]:
            found[number, period].append(model.first + place)
    return found


def heads(model: Model) -> None:
    """How many are left out in all: of no weight, but the best thing to branch on."""
    total = model.program.column(model.first, depth=HEADS)
    model.program.row([*((student, 1) for student in range(model.first)), (total, -1)], at_least=0, at_most=0)


RULES = (
    one_place_per_student,
    promises_first,
    seats_per_workplace,
    guides,
    trainers,
    minimum_per_site,
    fairness,
    heads,
)
