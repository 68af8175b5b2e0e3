"""The search: one step after another, each kept or undone by a temperature that falls."""

# mypy: allow-untyped-defs
# numba's decorators carry the types

from math import exp, log

from services.matcher.adapters.solver.compiled.kernels.book import (
    put_in,
    restore,
    roll_back,
    take_out,
    touch,
)
from services.matcher.adapters.solver.compiled.kernels.fields import (
    ARE_TRAINERS_SCARCE,
    BEST,
    COST,
    EJECTED,
    IS_BEST,
    LEASTS,
    MINIMUM,
    MOVABLE,
    MOVABLES,
    PERIODS,
    PLACE,
    POOLED,
    ROW,
    S_AT_SITE,
    S_BEST,
    S_NOW,
    SET,
    SET_ITEM,
    SHORT,
    SITES,
    STEPS,
    STUDENTS,
)
from services.matcher.adapters.solver.compiled.kernels.fit import (
    draw,
)
from services.matcher.adapters.solver.compiled.kernels.pool import (
    put_where_it_fits,
)
from services.matcher.adapters.solver.compiled.kernels.regroup import (
    is_broken,
    regroup,
)
from services.matcher.adapters.solver.compiled.kernels.signatures import (
    CHOSEN,
    FACTS,
    FACTS_ARRAY,
    PLAN,
    POINTS,
    POINTS_ARRAY,
    STATE,
    STATE_ARRAY,
    b1,
    compile_as,
    entry_as,
    f8,
    pointer,
    void,
)
from services.matcher.adapters.solver.compiled.kernels.steps import (
    forget_step,
    keep_best,
    leave_site,
    look_after,
    open_site,
    step,
)

UNIT = 1.0 / 4294967296.0
EVERY = 256
"""Steps between two temperatures."""
LONG_LEG, KNEE = 0.75, 0.1
"""The first part of the steps cools to this part of the first temperature (measured: 2-3 % better than one leg)."""
MOST_TIDYING = 8
"""Rounds of putting right, each of which may put others in the wrong."""


@compile_as(void(FACTS, STATE, POINTS))
def settle(facts, state, totals):
    """Copy the present plan where it is the best so far."""
    if totals[IS_BEST]:
        keep_best(facts, state, totals)


@compile_as(f8(f8, f8, f8))
def temperature_at(part, hot, cold):
    """Most of the time goes to where students come and go, the rest to what little can still be saved."""
    knee = max(hot * KNEE, cold)
    if part < LONG_LEG:
        return hot * exp(log(knee / hot) * part / LONG_LEG)
    return knee * exp(log(cold / knee) * (part - LONG_LEG) / (1.0 - LONG_LEG))


@compile_as(b1(FACTS, POINTS, STATE, POINTS))
def empty_short_sites(facts, prices, state, totals):
    """Take out everybody at sites below their minimum in a period; whether there was anybody."""
    found = False
    for entry in range(facts[MOVABLES]):
        student = facts[facts[MOVABLE] + entry]
        now_at = facts[S_NOW] + ROW * student
        if state[now_at] < 0:
            continue
        row = facts[PLACE] + 8 * state[now_at]
        site, least = facts[row + 1], facts[facts[MINIMUM] + facts[row + 1]]
        for item in range(facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]):
            period = facts[facts[SET_ITEM] + item]
            if state[facts[S_AT_SITE] + site * facts[PERIODS] + period] < least:
                other = state[now_at + 5]
                touch(facts, state, totals, student)
                take_out(facts, prices, state, totals, student)
                if other >= 0:
                    touch(facts, state, totals, other)
                    take_out(facts, prices, state, totals, other)
                found = True
                break
    return found


@compile_as(void(FACTS, POINTS, STATE, POINTS))
def tidy(facts, prices, state, totals):
    """Take out whoever is there against the rule of a group or a minimum, and make do with the relief that is left."""
    for turn in range(MOST_TIDYING):
        if totals[SHORT] == 0:
            return
        empty_short_sites(facts, prices, state, totals)
        for site in range(facts[SITES] if facts[POOLED] else 0):
            if is_broken(facts, state, site):
                regroup(facts, prices, state, totals, site, turn < MOST_TIDYING // 2)
                totals[EJECTED] = 0


@compile_as(void(FACTS, POINTS, STATE, POINTS))
def keep_tidied(facts, prices, state, totals):
    """See whether the plan would be the best when tidied, and go on with it as it is."""
    tidy(facts, prices, state, totals)
    if totals[SHORT] == 0 and totals[COST] < totals[BEST]:
        totals[BEST] = totals[COST]
        for at in range(ROW * facts[STUDENTS]):
            state[facts[S_BEST] + at] = state[facts[S_NOW] + at]
    roll_back(facts, prices, state, totals)
    forget_step(facts, state, totals)


@entry_as(void(FACTS_ARRAY, POINTS_ARRAY, STATE_ARRAY, POINTS_ARRAY, PLAN))
def run(facts, prices, state, totals, plan):
    """So many steps, from one temperature to another, as a part of a longer schedule of so many steps."""
    facts, prices, state, totals = pointer(facts), pointer(prices), pointer(state), pointer(totals)
    steps, done, length, hot, cold = plan
    if facts[MOVABLES] == 0:
        return
    temperature = hot
    for turn in range(steps):
        if turn % EVERY == 0:
            temperature = temperature_at((done + turn) / length, hot, cold)
        allowance = -temperature * log((draw(totals) + 1.0) * UNIT)
        if facts[LEASTS] > 0 and draw(totals) & 63 == 0:
            open_site(facts, prices, state, totals, allowance)
        elif facts[POOLED] and draw(totals) & 31 == 0:
            look_after(facts, prices, state, totals)
        elif facts[ARE_TRAINERS_SCARCE] and draw(totals) & 15 == 0:
            leave_site(facts, prices, state, totals, allowance)
        else:
            step(facts, prices, state, totals, allowance)
    totals[STEPS] += steps
    settle(facts, state, totals)
    if facts[POOLED] and totals[SHORT] > 0:
        keep_tidied(facts, prices, state, totals)


@compile_as(void(FACTS, POINTS, STATE, POINTS))
def fill(facts, prices, state, totals):
    """Place those who wait in the order of `MOVABLE`, empty the sites below their minimum, and call it the best."""
    for entry in range(facts[MOVABLES]):
        student = facts[facts[MOVABLE] + entry]
        if state[facts[S_NOW] + ROW * student] < 0:
            put_where_it_fits(facts, prices, state, totals, student)
    tidy(facts, prices, state, totals)
    forget_step(facts, state, totals)
    if totals[SHORT] == 0 and totals[COST] < totals[BEST]:
        totals[BEST] = totals[COST]
        totals[IS_BEST] = 1
        keep_best(facts, state, totals)


@entry_as(void(FACTS_ARRAY, POINTS_ARRAY, STATE_ARRAY, POINTS_ARRAY, CHOSEN))
def begin(facts, prices, state, totals, chosen):
    """Start from these rows of place, guide, so and io per student, and place whoever is left as cheaply as fits."""
    facts, prices, state, totals = pointer(facts), pointer(prices), pointer(state), pointer(totals)
    for student in range(facts[STUDENTS]):
        if chosen[student, 0] >= 0:
            for column in range(ROW):
                state[facts[S_NOW] + ROW * student + column] = chosen[student, column]
            put_in(facts, prices, state, totals, student)
    fill(facts, prices, state, totals)


@entry_as(void(FACTS_ARRAY, POINTS_ARRAY, STATE_ARRAY, POINTS_ARRAY))
def return_to_best(facts, prices, state, totals):
    """Take the best plan as the present one again."""
    facts, prices, state, totals = pointer(facts), pointer(prices), pointer(state), pointer(totals)
    for student in range(facts[STUDENTS]):
        if state[facts[S_NOW] + ROW * student] >= 0:
            take_out(facts, prices, state, totals, student)
    for student in range(facts[STUDENTS]):
        at = facts[S_BEST] + ROW * student
        if state[at] >= 0:
            restore(facts, prices, state, totals, student, at)
