"""The steps of the search: put a student somewhere, throw out who is in the way, put those back where they fit."""

# mypy: allow-untyped-defs
# numba's decorators carry the types

from services.matcher.adapters.solver.compiled.kernels.book import (
    roll_back,
    touch,
)
from services.matcher.adapters.solver.compiled.kernels.counts import (
    team_cost,
)
from services.matcher.adapters.solver.compiled.kernels.fields import (
    ACCEPTED,
    AT_STAKE,
    BEST,
    COMPANY,
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
    POOLED,
    ROW,
    S_BEST,
    S_EJECTED,
    S_GUIDED,
    S_JOURNAL,
    S_NEXT,
    S_NOW,
    S_OF_PERSON,
    S_SITE,
    S_TOUCHED,
    S_WAITING,
    SET,
    SET_ITEM,
    SHORT,
    SHORT_PRICE,
    SITE_ROW,
    SITE_ROW_ITEM,
    SITE_SO,
    STUDENTS,
    TRAINER,
    WAITING,
)
from services.matcher.adapters.solver.compiled.kernels.fit import (
    below,
    company_fits,
    draw,
    may_fit,
)
from services.matcher.adapters.solver.compiled.kernels.force import (
    eject,
    force_in,
    release,
)
from services.matcher.adapters.solver.compiled.kernels.pool import (
    put_at,
    put_where_it_fits,
)
from services.matcher.adapters.solver.compiled.kernels.regroup import (
    mend,
    regroup,
)
from services.matcher.adapters.solver.compiled.kernels.signatures import (
    FACTS,
    OUTCOME,
    PAIR,
    POINTS,
    STATE,
    b1,
    compile_as,
    f8,
    i8,
    void,
)

NEWCOMERS = 4
"""Of those who wait so many are tried when a trainer has left a site."""


@compile_as(i8(POINTS))
def objective(totals):
    """What the search minimises: the cost, and a price for sites below their minimum."""
    return totals[COST] + totals[SHORT_PRICE] * totals[SHORT]


@compile_as(void(FACTS, STATE, POINTS))
def keep_best(facts, state, totals):
    """Copy the plan of before this step, which was the best so far."""
    for at in range(ROW * facts[STUDENTS]):
        state[facts[S_BEST] + at] = state[facts[S_NOW] + at]
    for entry in range(totals[JOURNAL]):
        at = facts[S_JOURNAL] + (ROW + 1) * entry
        for column in range(ROW):
            state[facts[S_BEST] + ROW * state[at] + column] = state[at + 1 + column]
    totals[IS_BEST] = 0


@compile_as(void(FACTS, STATE, POINTS))
def forget_step(facts, state, totals):
    """Begin another step."""
    for entry in range(totals[JOURNAL]):
        state[facts[S_TOUCHED] + state[facts[S_JOURNAL] + (ROW + 1) * entry]] = 0
    totals[JOURNAL] = 0
    totals[EJECTED] = 0


@compile_as(void(FACTS, POINTS, STATE, POINTS, OUTCOME))
def finish(facts, prices, state, totals, outcome):
    """Accept the step, or undo it."""
    is_done, before, allowance = outcome
    if is_done and objective(totals) - before <= allowance:
        if totals[IS_BEST] and (objective(totals) != before or totals[SHORT] > 0):
            keep_best(facts, state, totals)
        if totals[SHORT] == 0 and totals[COST] < totals[BEST]:
            totals[BEST] = totals[COST]
            totals[IS_BEST] = 1
        totals[ACCEPTED] += 1
    else:
        roll_back(facts, prices, state, totals)
    forget_step(facts, state, totals)


@compile_as(void(FACTS, POINTS, STATE, POINTS))
def put_back(facts, prices, state, totals):
    """Place those who were thrown out where they fit."""
    for entry in range(totals[EJECTED]):
        student = state[facts[S_EJECTED] + entry]
        if state[facts[S_NOW] + ROW * student] < 0:
            put_where_it_fits(facts, prices, state, totals, student)


@compile_as(i8(FACTS, POINTS, STATE, i8, i8))
def load_of(facts, prices, state, student, guide):
    """The load that a guide's last student costs, in the periods of this one."""
    row, cost = facts[PLACE] + 8 * state[facts[S_NOW] + ROW * student], 0
    for item in range(facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]):
        at = facts[facts[GUIDE] + 2 * guide] * facts[PERIODS] + facts[facts[SET_ITEM] + item]
        cost += prices[facts[P_LOAD] + min(state[facts[S_GUIDED] + at] - 1, facts[LOADS] - 1)]
    return cost


@compile_as(i8(FACTS, POINTS, STATE, i8, i8))
def dearer_by(facts, prices, state, student, place):
    """At least so much more does the place cost than the student's present one."""
    now = facts[S_NOW] + ROW * student
    cost = prices[facts[P_PLACE] + state[now]] + prices[facts[P_GUIDE] + state[now + 1]]
    cost += load_of(facts, prices, state, student, state[now + 1])
    if state[now + 6] >= 0:
        cost += team_cost(facts, prices, state[now + 1], state[now + 6])
        cost += load_of(facts, prices, state, student, state[now + 6])
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
    is_placed = state[facts[S_NOW] + ROW * student] >= 0
    most = allowance + totals[SHORT_PRICE] * totals[SHORT]
    if is_placed and dearer_by(facts, prices, state, student, place) > most:
        return
    before, short, is_done = objective(totals), totals[SHORT], True
    totals[AT_STAKE] = 0
    if is_placed:
        is_done = release(facts, prices, state, totals, student)
    is_done = is_done and force_in(facts, prices, state, totals, student, place)
    if is_done and totals[COST] - totals[AT_STAKE] - before > allowance:
        is_done = False
    if is_done:
        put_back(facts, prices, state, totals)
    if is_done and facts[POOLED] and totals[SHORT] > short:
        is_done = mend(facts, prices, state, totals)
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
        now = state[facts[S_NOW] + ROW * student]
        if now >= 0 and facts[facts[PLACE] + 8 * now + 1] == site:
            continue
        if totals[EJECTED] > MOST_EJECTED // 2:
            break
        if now >= 0 and not release(facts, prices, state, totals, student):
            break
        if not force_in(facts, prices, state, totals, student, place):
            break
        added += 1
        if added >= least:
            break
    put_back(facts, prices, state, totals)
    finish(facts, prices, state, totals, (added > 0, before, allowance))


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8, PAIR))
def leave(facts, prices, state, totals, person, visited):
    """Throw out all whom a trainer (kind 2 or 3) guides at a site; False when they are too many for one step."""
    kind, site = visited
    while True:
        student = state[facts[S_OF_PERSON] + person]
        while student >= 0 and state[facts[S_SITE] + student] != site:
            student = state[facts[S_NEXT] + ROW * student + kind]
        if student < 0:
            return True
        if not eject(facts, prices, state, totals, student):
            return False


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8, i8))
def put_elsewhere(facts, prices, state, totals, student, site):
    """Place a student at the cheapest place that fits, but not at this site; whether there was one."""
    for place in range(facts[facts[FIRST] + student], facts[facts[FIRST] + student + 1]):
        other = facts[facts[PLACE] + 8 * place + 1]
        if other == site or not may_fit(facts, state, student, place):
            continue
        if facts[COMPANY] and not company_fits(facts, state, student, other):
            continue
        if put_at(facts, prices, state, totals, student, place):
            return True
    return False


@compile_as(void(FACTS, POINTS, STATE, POINTS, f8))
def leave_site(facts, prices, state, totals, allowance):
    """A trainer goes to a site no more: its students go elsewhere, and some who wait take the hours that this saves."""
    first = facts[facts[MOVABLE] + below(totals, facts[MOVABLES])]
    kind = 2 + (draw(totals) & 1)
    site, trainer = state[facts[S_SITE] + first], state[facts[S_NOW] + ROW * first + kind]
    if state[facts[S_NOW] + ROW * first] < 0 or trainer < 0 or facts[SITE_SO + kind - 2] == 0:
        return
    before = objective(totals)
    totals[AT_STAKE] = 0
    is_done = leave(facts, prices, state, totals, facts[facts[TRAINER] + 2 * trainer], (kind, site))
    if is_done:
        for entry in range(totals[EJECTED]):
            put_elsewhere(facts, prices, state, totals, state[facts[S_EJECTED] + entry], site)
        for _ in range(NEWCOMERS):
            if totals[WAITING] > 0:
                student = state[facts[S_WAITING] + below(totals, totals[WAITING])]
                touch(facts, state, totals, student)
                put_elsewhere(facts, prices, state, totals, student, site)
        put_back(facts, prices, state, totals)
    finish(facts, prices, state, totals, (is_done, before, allowance))


@compile_as(void(FACTS, POINTS, STATE, POINTS))
def look_after(facts, prices, state, totals):
    """Regroup the site of some student."""
    site = state[facts[S_SITE] + facts[facts[MOVABLE] + below(totals, facts[MOVABLES])]]
    if site < 0:
        return
    before = objective(totals)
    is_done = regroup(facts, prices, state, totals, site, True)
    put_back(facts, prices, state, totals)
    finish(facts, prices, state, totals, (is_done, before, 0.0))
