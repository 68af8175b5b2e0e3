"""Books placements in and out of the state, with everything that they use and cost."""

# mypy: allow-untyped-defs
# numba's decorators carry the types

from services.matcher.adapters.solver.compiled.kernels.counts import (
    join,
    lack,
    link,
    refresh_room,
    second_taken,
    team_cost,
    unlink,
    use_guide,
    use_trainer,
)
from services.matcher.adapters.solver.compiled.kernels.fields import (
    AT_STAKE,
    COST,
    GROUP,
    GROUP_ITEM,
    GUIDE,
    JOURNAL,
    LOADS,
    MINIMUM,
    NEED,
    P_GUIDE,
    P_LOAD,
    P_PLACE,
    P_RANK,
    P_UNPLACED,
    PERIODS,
    PLACE,
    POOLED,
    RANK,
    ROW,
    S_AT_SITE,
    S_GUIDED,
    S_HEADS,
    S_HOURS,
    S_JOURNAL,
    S_LEFT,
    S_NOW,
    S_OF_PERSON,
    S_OF_SECOND,
    S_OF_WORKPLACE,
    S_SEATS,
    S_SITE,
    S_TOUCHED,
    S_WAITING,
    S_WAITING_AT,
    SET,
    SET_ITEM,
    SHORT,
    TRAINER,
    WAITING,
)
from services.matcher.adapters.solver.compiled.kernels.signatures import (
    FACTS,
    POINTS,
    STATE,
    compile_as,
    i8,
    void,
)


@compile_as(i8(FACTS, POINTS, STATE, POINTS, i8, i8))
def use(facts, prices, state, totals, student, sign):
    """Book what the student's present place uses and costs in (1) or out (-1). One function, since it is the hot one."""
    now = facts[S_NOW] + ROW * student
    place, guide, so, io, taken = state[now], state[now + 1], state[now + 2], state[now + 3], state[now + 7]
    row = facts[PLACE] + 8 * place
    workplace, site, periods = facts[row], facts[row + 1], facts[PERIODS]
    first, last = facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]
    person = facts[facts[GUIDE] + 2 * guide]
    least = facts[facts[MINIMUM] + site]
    cost = prices[facts[P_PLACE] + place] + prices[facts[P_GUIDE] + guide]
    for item in range(first, last):
        period = facts[facts[SET_ITEM] + item]
        state[facts[S_SEATS] + workplace * periods + period] -= sign
        at = person * periods + period
        state[facts[S_HOURS] + at] -= sign * taken
        state[facts[S_HEADS] + at] -= sign
        refresh_room(facts, state, person, period)
        guided = state[facts[S_GUIDED] + at]
        state[facts[S_GUIDED] + at] = guided + sign
        rank = guided if sign > 0 else guided - 1
        cost += prices[facts[P_LOAD] + min(rank, facts[LOADS] - 1)]
        there = facts[S_AT_SITE] + site * periods + period
        number = state[there]
        state[there] = number + sign
        if least > 1:
            totals[SHORT] += lack(number + sign, least) - lack(number, least)
    if so >= 0:
        use_trainer(facts, state, so, 0, facts[facts[NEED] + 8 * student + 1], (first, last, sign))
    if io >= 0:
        use_trainer(facts, state, io, 1, facts[facts[NEED] + 8 * student + 2], (first, last, sign))
    if facts[POOLED]:
        second = state[now + 6]
        if second >= 0:
            given, who = second_taken(facts, state, student), facts[facts[GUIDE] + 2 * second]
            cost += team_cost(facts, prices, guide, second)
            cost += use_guide(facts, prices, state, who, (first, last, sign), given)
        join(facts, state, totals, student, site, (first, last, sign))
    saved = prices[facts[P_UNPLACED] + student]
    for item in range(facts[facts[GROUP] + student], facts[facts[GROUP] + student + 1]):
        group = facts[facts[GROUP_ITEM] + item]
        left = state[facts[S_LEFT] + group]
        state[facts[S_LEFT] + group] = left - sign
        rank = left - 1 if sign > 0 else left
        saved += prices[facts[P_RANK] + facts[facts[RANK] + group] + rank]
    totals[COST] += sign * (cost - saved)
    return saved


@compile_as(void(FACTS, STATE, i8))
def link_all(facts, state, student):
    """Put a placed student in the lists of the workplace and of everybody who guides there."""
    now = facts[S_NOW] + ROW * student
    so, io, second = state[now + 2], state[now + 3], state[now + 6]
    link(facts, state, 0, facts[S_OF_WORKPLACE] + facts[facts[PLACE] + 8 * state[now]], student)
    link(facts, state, 1, facts[S_OF_PERSON] + facts[facts[GUIDE] + 2 * state[now + 1]], student)
    if so >= 0:
        link(facts, state, 2, facts[S_OF_PERSON] + facts[facts[TRAINER] + 2 * so], student)
    if io >= 0:
        link(facts, state, 3, facts[S_OF_PERSON] + facts[facts[TRAINER] + 2 * io], student)
    if second >= 0:
        link(facts, state, 4, facts[S_OF_SECOND] + facts[facts[GUIDE] + 2 * second], student)


@compile_as(void(FACTS, STATE, i8))
def unlink_all(facts, state, student):
    """Take a placed student out of these lists."""
    now = facts[S_NOW] + ROW * student
    so, io, second = state[now + 2], state[now + 3], state[now + 6]
    unlink(facts, state, 0, facts[S_OF_WORKPLACE] + facts[facts[PLACE] + 8 * state[now]], student)
    unlink(facts, state, 1, facts[S_OF_PERSON] + facts[facts[GUIDE] + 2 * state[now + 1]], student)
    if so >= 0:
        unlink(facts, state, 2, facts[S_OF_PERSON] + facts[facts[TRAINER] + 2 * so], student)
    if io >= 0:
        unlink(facts, state, 3, facts[S_OF_PERSON] + facts[facts[TRAINER] + 2 * io], student)
    if second >= 0:
        unlink(facts, state, 4, facts[S_OF_SECOND] + facts[facts[GUIDE] + 2 * second], student)


@compile_as(void(FACTS, POINTS, STATE, POINTS, i8))
def put_in(facts, prices, state, totals, student):
    """Book the place that was just written into the row of a student who had none."""
    use(facts, prices, state, totals, student, 1)
    link_all(facts, state, student)
    place = state[facts[S_NOW] + ROW * student]
    state[facts[S_SITE] + student] = facts[facts[PLACE] + 8 * place + 1]
    totals[WAITING] -= 1
    at, last = state[facts[S_WAITING_AT] + student], state[facts[S_WAITING] + totals[WAITING]]
    state[facts[S_WAITING] + at] = last
    state[facts[S_WAITING_AT] + last] = at
    state[facts[S_WAITING_AT] + student] = -1


@compile_as(void(FACTS, POINTS, STATE, POINTS, i8))
def take_out(facts, prices, state, totals, student):
    """Take a student's place away; whoever was their duo is the caller's to see to."""
    totals[AT_STAKE] += use(facts, prices, state, totals, student, -1)
    unlink_all(facts, state, student)
    state[facts[S_NOW] + ROW * student] = -1
    state[facts[S_SITE] + student] = -1
    state[facts[S_WAITING] + totals[WAITING]] = student
    state[facts[S_WAITING_AT] + student] = totals[WAITING]
    totals[WAITING] += 1


@compile_as(void(FACTS, POINTS, STATE, POINTS, i8, i8))
def restore(facts, prices, state, totals, student, at):
    """Place a student who has no place as a row elsewhere in the state says."""
    now = facts[S_NOW] + ROW * student
    for column in range(ROW):
        state[now + column] = state[at + column]
    put_in(facts, prices, state, totals, student)


@compile_as(void(FACTS, STATE, POINTS, i8))
def touch(facts, state, totals, student):
    """Keep where the student was before this step."""
    if state[facts[S_TOUCHED] + student]:
        return
    state[facts[S_TOUCHED] + student] = 1
    at, now = facts[S_JOURNAL] + (ROW + 1) * totals[JOURNAL], facts[S_NOW] + ROW * student
    state[at] = student
    for column in range(ROW):
        state[at + 1 + column] = state[now + column]
    totals[JOURNAL] += 1


@compile_as(void(FACTS, POINTS, STATE, POINTS))
def roll_back(facts, prices, state, totals):
    """Everybody back to where they were before this step."""
    for entry in range(totals[JOURNAL]):
        student = state[facts[S_JOURNAL] + (ROW + 1) * entry]
        if state[facts[S_NOW] + ROW * student] >= 0:
            take_out(facts, prices, state, totals, student)
    for entry in range(totals[JOURNAL]):
        at = facts[S_JOURNAL] + (ROW + 1) * entry
        if state[at + 1] >= 0:
            restore(facts, prices, state, totals, state[at], at + 1)
