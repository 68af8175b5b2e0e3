"""The rules and costs of the model, each a function with its rule in words."""

from collections import defaultdict

from ortools.sat.python import cp_model

from services.matcher.adapters.solver.model import Call, Model, Use, Var
from services.matcher.domain.guides import site_hours, trainer_need
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId
from services.matcher.domain.ledger import partners_of
from services.matcher.domain.levers import is_senior
from services.matcher.domain.prices import break_cost, is_kept, load_cost
from services.matcher.domain.vocabulary import PlacementState, Relief


def one_place_per_student(model: Model) -> None:
    """Every free student has one place, or is left without."""
    for student in model.free:
        model.cp.add_exactly_one([model.left[student], *(column.var for column in model.columns[student])])


def seats_per_workplace(model: Model) -> None:
    """In every period the students at a workplace do not exceed its seats."""
    for (workplace, period), columns in model.by_workplace().items():
        variables = [column.var for column in columns]
        seats = model.fixed.atlas.region.workplaces[workplace].seats.get(period, 0)
        free = seats - model.fixed.seats[workplace, period]
        if len(variables) > free:
            model.cp.add(sum(variables) <= max(0, free))


def hours_per_guide(model: Model) -> None:
    """In every period a workplace supervisor's hours hold the shares."""
    for (guide, period), uses in model.by_guide().items():
        free = model.fixed.atlas.qh(guide, period) - model.fixed.qh[guide, period]
        taken, variables = [use.taken_qh for use in uses], [use.var for use in uses]
        given = [use.qh for use in uses if use.qh is not None]
        if given or sum(taken) > free:
            hours = cp_model.LinearExpr.weighted_sum([*variables, *given], [*taken, *(1 for _ in given)])
            model.cp.add(hours <= max(0, free))
        _head_count(model, guide, period, variables)


def hours_per_trainer(model: Model) -> None:
    """In every period a trainer's hours hold the needs and the fixed hours of every site where they guide somebody."""
    for (trainer, period), calls in model.by_trainer().items():
        free = model.fixed.atlas.qh(trainer, period) - model.fixed.qh[trainer, period]
        variables, hours = _calls(model, calls)
        for site in sorted({call.site for call in calls}):
            if not model.fixed.visits[trainer, period][site]:
                variables.append(_visit(model, [call for call in calls if call.site == site]))
                hours.append(site_hours(model.fixed.atlas, calls[0].tier))
        model.cp.add(cp_model.LinearExpr.weighted_sum(variables, hours) <= max(0, free))
        _head_count(model, trainer, period, [var for call in calls for var in call.chosen])


def _calls(model: Model, calls: list[Call]) -> tuple[list[Var], list[int]]:
    variables: list[Var] = []
    hours: list[int] = []
    for call in calls:
        needs = model.fixed.atlas.needs(call.student)
        for var in call.chosen if needs is not None else ():
            variables.append(var)
            hours.append(trainer_need(needs, call.tier) if needs is not None else 0)
    return variables, hours


def _visit(model: Model, calls: list[Call]) -> Var:
    opened = model.cp.new_bool_var("")
    causes = [var for call in calls for var in call.chosen]
    for var in causes:
        model.cp.add_implication(var, opened)
    model.opened.append((opened, causes))
    return opened


def _head_count(model: Model, supervisor: SupervisorId, period: PeriodId, variables: list[Var]) -> None:
    """In every period nobody guides more students than their maximum."""
    limit = model.fixed.atlas.region.supervisors[supervisor].max_students
    if limit is not None and len(variables) > limit - model.fixed.heads[supervisor, period]:
        model.cp.add(sum(variables) <= max(0, limit - model.fixed.heads[supervisor, period]))


def minimum_per_site(model: Model) -> None:
    """In every period a site has no student, or at least its minimum."""
    for (site, period), columns in model.by_site().items():
        fixed, least = model.fixed.at_site[site, period], model.fixed.atlas.region.sites[site].min_students
        variables = [column.var for column in columns]
        if fixed >= least or least <= 1:
            continue
        if fixed:
            model.cp.add(sum(variables) >= least - fixed)
            continue
        _all_or_none(model, variables, least)


def _all_or_none(model: Model, variables: list[Var], least: int) -> None:
    is_open = model.cp.new_bool_var("")
    model.opened.append((is_open, variables))
    model.cp.add(sum(variables) >= least * is_open)
    for var in variables:
        model.cp.add_implication(var, is_open)


def peer_groups(model: Model) -> None:
    """In every period at least min_group students at a site have peer relief, or none."""
    lever = model.fixed.atlas.region.settings.levers.peer
    for (site, period), columns in model.by_site().items() if lever.on else ():
        fixed = model.fixed.relieved[Relief.PEER, site, period]
        variables = [column.var for column in columns if column.relief is Relief.PEER]
        if fixed >= lever.min_group or not (fixed or variables):
            continue
        if fixed:
            model.cp.add(sum(variables) >= lever.min_group - fixed)
        else:
            _all_or_none(model, variables, lever.min_group)


def helped_by_seniors(model: Model) -> None:
    """In every period the students at a site with senior relief are at most per_senior for each senior there."""
    atlas = model.fixed.atlas
    settings, students = atlas.region.settings, atlas.region.students
    lever = settings.levers.senior
    for (site, period), columns in model.by_site().items() if lever.on else ():
        helped = [column.var for column in columns if column.relief is Relief.SENIOR]
        seniors = [column.var for column in columns if is_senior(settings, students[column.place.student])]
        free = model.fixed.helped_is_free(site, period)
        if helped or free < 0:
            weights = [1] * len(helped) + [-lever.per_senior] * len(seniors)
            model.cp.add(cp_model.LinearExpr.weighted_sum([*helped, *seniors], weights) <= free)


def company(model: Model) -> None:
    """Who belongs together is at one site when both are placed; who is to be kept apart is not."""
    partners = partners_of(model.fixed.atlas)
    at: dict[StudentId, dict[SiteId, list[Var]]] = {}
    for student in model.free:
        at[student] = defaultdict(list)
        for column in model.columns[student]:
            at[student][column.place.site].append(column.var)
    for student in (one for one in model.free if one in partners):
        together, apart = partners[student]
        for other in sorted(one for one in (together | apart) if one in at):
            for site, here in at[student].items():
                if other in together:
                    elsewhere = [var for at_site, found in at[other].items() if at_site != site for var in found]
                    model.cp.add(sum(here) + sum(elsewhere) <= 1)
                if other in apart and student < other:
                    model.cp.add(sum(here) + sum(at[other].get(site, [])) <= 1)


def chosen_columns(model: Model) -> None:
    """Each chosen column costs its points."""
    model.terms.extend((column.var, column.cost) for column in model.all_columns() if column.cost)


def left_out(model: Model) -> None:
    """Each student left costs `unplaced` and the promise that is broken."""
    atlas = model.fixed.atlas
    costs = atlas.region.settings.costs
    for student in model.free:
        model.terms.append((model.left[student], costs.unplaced + break_cost(costs, atlas.held.get(student))))


def broken_promises(model: Model) -> None:
    """Each student with a promise who is placed elsewhere, or in other periods, costs the promise."""
    atlas = model.fixed.atlas
    for column in model.all_columns():
        held = atlas.held.get(column.place.student)
        if held is None or held.state is PlacementState.PROPOSED:
            continue
        if not is_kept(held, column.place.workplace, column.place.periods):
            model.terms.append((column.var, break_cost(atlas.region.settings.costs, held)))


def fairness(model: Model) -> None:
    """The unplaced of every watched group cost more by rank, after those who are left out already."""
    students = model.fixed.atlas.region.students
    for group in model.groups:
        here = [model.left[student] for student in model.free if student in group.members]
        outside = sum(
            one in students and one not in model.fixed.placed and one not in model.left for one in group.members
        )
        if here:
            _rising(model, here, group.segments(outside, outside + len(here)))


def load(model: Model) -> None:
    """For each workplace supervisor and period the k-th student costs load[k]."""
    costs = model.fixed.atlas.region.settings.costs
    for (guide, period), uses in model.by_guide().items():
        first = model.fixed.heads[guide, period]
        most = _most_students(model, (guide, period), uses)
        segments: list[tuple[int, int]] = []
        for rank in range(first, first + most):
            price = load_cost(costs, rank)
            if segments and segments[-1][1] == price:
                segments[-1] = (segments[-1][0] + 1, price)
            else:
                segments.append((1, price))
        _rising(model, [use.var for use in uses], segments)


def _most_students(model: Model, key: tuple[SupervisorId, PeriodId], uses: list[Use]) -> int:
    least = min(use.taken_qh + use.least_qh for use in uses)
    free = model.fixed.atlas.qh(*key) - model.fixed.qh[key]
    return min(len(uses), free // least) if least else len(uses)


def _rising(model: Model, counted: list[Var], segments: list[tuple[int, int]]) -> None:
    """What is counted fills segments of rising price; the cheapest fill first since the objective is a minimum."""
    if not any(price for _, price in segments):
        return
    levels: list[tuple[Var, int]] = []
    for width, price in segments:
        level = model.cp.new_int_var(0, width, "")
        levels.append((level, width))
        if price:
            model.terms.append((level, price))
    model.cp.add(sum(level for level, _ in levels) == sum(counted))
    model.levels.append((levels, counted))


RULES = (
    one_place_per_student,
    seats_per_workplace,
    hours_per_guide,
    hours_per_trainer,
    minimum_per_site,
    peer_groups,
    helped_by_seniors,
    company,
)
PRIMARY_COSTS = (left_out, fairness)
"""Of who keeps what was promised; else with `broken_promises`, which are part of what a chosen column costs."""
COSTS = (chosen_columns, *PRIMARY_COSTS, load)
