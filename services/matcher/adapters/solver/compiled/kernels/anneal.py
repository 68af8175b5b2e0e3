"""The search: put a student somewhere, throw out who is in the way, put those back where they fit, keep it or undo it."""

# mypy: allow-untyped-defs
# numba's decorators carry the types

from math import exp, log

from services.matcher.adapters.solver.compiled.kernels.book import put_in, roll_back, take_out, touch
from services.matcher.adapters.solver.compiled.kernels.fields import (
    ACCEPTED,
    AT_STAKE,
    BEST,
    COST,
    EJECTED,
    FIRST,
    GUIDE,
    IS_BEST,
    JOURNAL,
    LEAST,
    LEASTS,
    LOADS,
    MINIMUM,
    MOST_EJECTED,
    MOVABLE,
    MOVABLES,
    P_GUIDE,
    P_LOAD,
    P_PLACE,
    PERIODS,
    PLACE,
    S_AT_SITE,
    S_BEST,
    S_EJECTED,
    S_GUIDED,
    S_JOURNAL,
    S_NOW,
    S_TOUCHED,
    S_WAITING,
    SET,
    SET_ITEM,
    SHORT,
    SHORT_PRICE,
    SITE_ROW,
    SITE_ROW_ITEM,
    STEPS,
    STUDENTS,
    WAITING,
)
from services.matcher.adapters.solver.compiled.kernels.fit import below, draw, put_where_it_fits
from services.matcher.adapters.solver.compiled.kernels.force import force_in
from services.matcher.adapters.solver.compiled.kernels.signatures import (
    CHOSEN,
    FACTS,
    FACTS_ARRAY,
    OUTCOME,
    PLAN,
    POINTS,
    POINTS_ARRAY,
    STATE,
    STATE_ARRAY,
    b1,
    compile_as,
    entry_as,
    f8,
    i8,
    pointer,
    void,
)

UNIT = 1.0 / 4294967296.0
EVERY = 256
"""Steps between two temperatures."""
LONG_LEG, KNEE = 0.75, 0.1
"""The first part of the steps cools to this part of the first temperature (measured: 2-3 % better than one leg)."""


@compile_as(i8(POINTS))
def objective(totals):
    """What the search minimises: the cost, and a price for sites below their minimum."""
    return totals[COST] + totals[SHORT_PRICE] * totals[SHORT]


@compile_as(void(FACTS, STATE, POINTS))
def keep_best(facts, state, totals):
    """Copy the plan of before this step, which was the best so far."""
    for at in range(4 * facts[STUDENTS]):
        state[facts[S_BEST] + at] = state[facts[S_NOW] + at]
    for entry in range(totals[JOURNAL]):
        at = facts[S_JOURNAL] + 5 * entry
        for column in range(4):
            state[facts[S_BEST] + 4 * state[at] + column] = state[at + 1 + column]
    totals[IS_BEST] = 0


@compile_as(void(FACTS, POINTS, STATE, POINTS, OUTCOME))
def finish(facts, prices, state, totals, outcome):
    """Accept the step, or undo it."""
    is_done, before, allowance = outcome
    if is_done and objective(totals) - before <= allowance:
        if totals[IS_BEST] and objective(totals) != before:
            keep_best(facts, state, totals)
        if totals[SHORT] == 0 and totals[COST] < totals[BEST]:
            totals[BEST] = totals[COST]
            totals[IS_BEST] = 1
        totals[ACCEPTED] += 1
    else:
        roll_back(facts, prices, state, totals)
    for entry in range(totals[JOURNAL]):
        state[facts[S_TOUCHED] + state[facts[S_JOURNAL] + 5 * entry]] = 0
    totals[JOURNAL] = 0
    totals[EJECTED] = 0


@compile_as(void(FACTS, POINTS, STATE, POINTS))
def put_back(facts, prices, state, totals):
    """Place those who were thrown out where they fit."""
    for entry in range(totals[EJECTED]):
        student = state[facts[S_EJECTED] + entry]
        if state[facts[S_NOW] + 4 * student] < 0:
            put_where_it_fits(facts, prices, state, totals, student, 0)


@compile_as(i8(FACTS, POINTS, STATE, i8, i8))
def dearer_by(facts, prices, state, student, place):
    """At least so much more does the place cost than the student's present one."""
    now = facts[S_NOW] + 4 * student
    row = facts[PLACE] + 8 * state[now]
    person, periods = facts[facts[GUIDE] + 2 * state[now + 1]], facts[PERIODS]
    cost = prices[facts[P_PLACE] + state[now]] + prices[facts[P_GUIDE] + state[now + 1]]
    for item in range(facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]):
        guided = state[facts[S_GUIDED] + person * periods + facts[facts[SET_ITEM] + item]]
        cost += prices[facts[P_LOAD] + min(guided - 1, facts[LOADS] - 1)]
    return prices[facts[P_PLACE] + place] - cost


@compile_as(void(FACTS, POINTS, STATE, POINTS, f8))
def step(facts, prices, state, totals, allowance):
    """One student to one place."""
    if totals[WAITING] > 0 and draw(totals) & 3 < 2:
        student = state[facts[S_WAITING] + below(totals, totals[WAITING])]
    else:
        student = facts[facts[MOVABLE] + below(totals, facts[MOVABLES])]
    first = facts[facts[FIRST] + student]
    number = facts[facts[FIRST] + student + 1] - first
    place = first + min(below(totals, number), below(totals, number))
    is_placed = state[facts[S_NOW] + 4 * student] >= 0
    if is_placed and facts[LEASTS] == 0 and dearer_by(facts, prices, state, student, place) > allowance:
        return
    before = objective(totals)
    if is_placed:
        touch(facts, state, totals, student)
        take_out(facts, prices, state, totals, student)
    totals[AT_STAKE] = 0
    is_done = force_in(facts, prices, state, totals, student, place)
    if is_done and facts[LEASTS] == 0 and totals[COST] - totals[AT_STAKE] - before > allowance:
        is_done = False
    if is_done:
        put_back(facts, prices, state, totals)
    finish(facts, prices, state, totals, (is_done, before, allowance))


@compile_as(void(FACTS, POINTS, STATE, POINTS, f8))
def open_site(facts, prices, state, totals, allowance):
    """Bring students to a site with a minimum, until it has them in some period."""
    site = facts[facts[LEAST] + below(totals, facts[LEASTS])]
    least, first = facts[facts[MINIMUM] + site], facts[facts[SITE_ROW] + site]
    number = facts[facts[SITE_ROW] + site + 1] - first
    if number == 0:
        return
    before = objective(totals)
    added = 0
    for _ in range(3 * least):
        place = facts[facts[SITE_ROW_ITEM] + first + below(totals, number)]
        student = facts[facts[PLACE] + 8 * place + 6]
        now = state[facts[S_NOW] + 4 * student]
        if now >= 0 and facts[facts[PLACE] + 8 * now + 1] == site:
            continue
        if totals[EJECTED] > MOST_EJECTED // 2:
            break
        if now >= 0:
            touch(facts, state, totals, student)
            take_out(facts, prices, state, totals, student)
        if not force_in(facts, prices, state, totals, student, place):
            break
        added += 1
        if added >= least:
            break
    put_back(facts, prices, state, totals)
    finish(facts, prices, state, totals, (added > 0, before, allowance))


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
        else:
            step(facts, prices, state, totals, allowance)
    totals[STEPS] += steps
    settle(facts, state, totals)


@compile_as(b1(FACTS, POINTS, STATE, POINTS))
def empty_short_sites(facts, prices, state, totals):
    """Take out everybody at sites below their minimum in a period; whether there was anybody."""
    found = False
    for entry in range(facts[MOVABLES]):
        student = facts[facts[MOVABLE] + entry]
        now = state[facts[S_NOW] + 4 * student]
        if now < 0:
            continue
        row = facts[PLACE] + 8 * now
        site, least = facts[row + 1], facts[facts[MINIMUM] + facts[row + 1]]
        for item in range(facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]):
            period = facts[facts[SET_ITEM] + item]
            if state[facts[S_AT_SITE] + site * facts[PERIODS] + period] < least:
                take_out(facts, prices, state, totals, student)
                found = True
                break
    return found


@compile_as(void(FACTS, POINTS, STATE, POINTS))
def fill(facts, prices, state, totals):
    """Place those who wait in the order of `MOVABLE`, empty the sites below their minimum, and call it the best."""
    for entry in range(facts[MOVABLES]):
        student = facts[facts[MOVABLE] + entry]
        if state[facts[S_NOW] + 4 * student] < 0:
            put_where_it_fits(facts, prices, state, totals, student, 0)
    while totals[SHORT] > 0 and empty_short_sites(facts, prices, state, totals):
        pass
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
            rows = (chosen[student, 0], chosen[student, 1], chosen[student, 2], chosen[student, 3])
            put_in(facts, prices, state, totals, student, rows)
    fill(facts, prices, state, totals)


@entry_as(void(FACTS_ARRAY, POINTS_ARRAY, STATE_ARRAY, POINTS_ARRAY))
def return_to_best(facts, prices, state, totals):
    """Take the best plan as the present one again."""
    facts, prices, state, totals = pointer(facts), pointer(prices), pointer(state), pointer(totals)
    for student in range(facts[STUDENTS]):
        if state[facts[S_NOW] + 4 * student] >= 0:
            take_out(facts, prices, state, totals, student)
    for student in range(facts[STUDENTS]):
        at = facts[S_BEST] + 4 * student
        if state[at] >= 0:
            rows = (state[at], state[at + 1], state[at + 2], state[at + 3])
            put_in(facts, prices, state, totals, student, rows)
