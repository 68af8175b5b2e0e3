"""Books placements in and out of the state, with everything that they use and cost."""

# mypy: allow-untyped-defs
# numba's decorators carry the types

from services.matcher.adapters.solver.compiled.kernels.fields import (
    AT_STAKE,
    COST,
    DESK,
    DESK_ITEM,
    GROUP,
    GROUP_ITEM,
    GUIDE,
    JOURNAL,
    LOADS,
    MEMBER,
    MEMBER_ITEM,
    MINIMUM,
    NEED,
    P_GUIDE,
    P_LOAD,
    P_PLACE,
    P_RANK,
    P_UNPLACED,
    PERIODS,
    PLACE,
    RANK,
    S_AT_SITE,
    S_GUIDED,
    S_HEADS,
    S_HOURS,
    S_JOURNAL,
    S_LEFT,
    S_NEXT,
    S_NOW,
    S_OF_PERSON,
    S_OF_WORKPLACE,
    S_PREVIOUS,
    S_ROOM,
    S_SEATS,
    S_SITE,
    S_TOUCHED,
    S_VISITS,
    S_WAITING,
    S_WAITING_AT,
    SET,
    SET_ITEM,
    SHORT,
    SITE_SO,
    TRAINER,
    WAITING,
)
from services.matcher.adapters.solver.compiled.kernels.signatures import (
    FACTS,
    FOUR,
    POINTS,
    STATE,
    TRIPLE,
    compile_as,
    i8,
    void,
)


@compile_as(void(FACTS, STATE, i8, i8, i8))
def link(facts, state, kind, head, student):
    """Put a student first in one of the lists."""
    after = state[head]
    state[facts[S_NEXT] + 4 * student + kind] = after
    state[facts[S_PREVIOUS] + 4 * student + kind] = -1
    if after >= 0:
        state[facts[S_PREVIOUS] + 4 * after + kind] = student
    state[head] = student


@compile_as(void(FACTS, STATE, i8, i8, i8))
def unlink(facts, state, kind, head, student):
    """Take a student out of one of the lists."""
    after = state[facts[S_NEXT] + 4 * student + kind]
    before = state[facts[S_PREVIOUS] + 4 * student + kind]
    if before >= 0:
        state[facts[S_NEXT] + 4 * before + kind] = after
    else:
        state[head] = after
    if after >= 0:
        state[facts[S_PREVIOUS] + 4 * after + kind] = before


@compile_as(i8(i8, i8))
def lack(number, least):
    """By how many students an open site is below its minimum."""
    return least - number if 0 < number < least else 0


@compile_as(void(FACTS, STATE, i8, i8, i8, TRIPLE))
def use_trainer(facts, state, row, kind, need, window):
    """Take a trainer's hours in the periods of a set, and with the first student at a site its fixed hours; -need gives
    them back."""
    first, last, sign = window
    periods = facts[PERIODS]
    person, visit = facts[facts[TRAINER] + 2 * row], facts[facts[TRAINER] + 2 * row + 1]
    fixed = facts[SITE_SO + kind]
    for item in range(first, last):
        period = facts[facts[SET_ITEM] + item]
        at = facts[S_VISITS] + visit * periods + period
        opened = 0
        if sign > 0:
            opened = fixed if state[at] == 0 else 0
            state[at] += 1
        else:
            state[at] -= 1
            opened = fixed if state[at] == 0 else 0
        state[facts[S_HOURS] + person * periods + period] -= sign * (need + opened)
        state[facts[S_HEADS] + person * periods + period] -= sign


@compile_as(void(FACTS, STATE, i8, i8))
def refresh_room(facts, state, person, period):
    """What somebody has left has changed: so may the most that one guide has left at their workplaces."""
    periods = facts[PERIODS]
    for item in range(facts[facts[DESK] + person], facts[facts[DESK] + person + 1]):
        workplace = facts[facts[DESK_ITEM] + item]
        most = -1
        for member in range(facts[facts[MEMBER] + workplace], facts[facts[MEMBER] + workplace + 1]):
            at = facts[facts[MEMBER_ITEM] + member] * periods + period
            if state[facts[S_HOURS] + at] > most and state[facts[S_HEADS] + at] > 0:
                most = state[facts[S_HOURS] + at]
        state[facts[S_ROOM] + workplace * periods + period] = most


@compile_as(i8(FACTS, POINTS, STATE, POINTS, i8, i8))
def use(facts, prices, state, totals, student, sign):
    """Book what the student's present place uses and costs in (1) or out (-1). One function, since it is the hot one."""
    now = facts[S_NOW] + 4 * student
    place, guide, so, io = state[now], state[now + 1], state[now + 2], state[now + 3]
    row = facts[PLACE] + 8 * place
    workplace, site, periods = facts[row], facts[row + 1], facts[PERIODS]
    first, last = facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]
    person, taken = facts[facts[GUIDE] + 2 * guide], facts[facts[GUIDE] + 2 * guide + 1]
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
        use_trainer(facts, state, so, 0, facts[facts[NEED] + 3 * student + 1], (first, last, sign))
    if io >= 0:
        use_trainer(facts, state, io, 1, facts[facts[NEED] + 3 * student + 2], (first, last, sign))
    saved = prices[facts[P_UNPLACED] + student]
    for item in range(facts[facts[GROUP] + student], facts[facts[GROUP] + student + 1]):
        group = facts[facts[GROUP_ITEM] + item]
        left = state[facts[S_LEFT] + group]
        state[facts[S_LEFT] + group] = left - sign
        rank = left - 1 if sign > 0 else left
        saved += prices[facts[P_RANK] + facts[facts[RANK] + group] + rank]
    totals[COST] += sign * (cost - saved)
    return saved


@compile_as(void(FACTS, POINTS, STATE, POINTS, i8, FOUR))
def put_in(facts, prices, state, totals, student, chosen):
    """Place a student who has no place: place, guide row, so row, io row."""
    now = facts[S_NOW] + 4 * student
    place, guide, so, io = chosen
    state[now], state[now + 1], state[now + 2], state[now + 3] = place, guide, so, io
    use(facts, prices, state, totals, student, 1)
    row = facts[PLACE] + 8 * place
    link(facts, state, 0, facts[S_OF_WORKPLACE] + facts[row], student)
    link(facts, state, 1, facts[S_OF_PERSON] + facts[facts[GUIDE] + 2 * guide], student)
    if so >= 0:
        link(facts, state, 2, facts[S_OF_PERSON] + facts[facts[TRAINER] + 2 * so], student)
    if io >= 0:
        link(facts, state, 3, facts[S_OF_PERSON] + facts[facts[TRAINER] + 2 * io], student)
    state[facts[S_SITE] + student] = facts[row + 1]
    totals[WAITING] -= 1
    at, last = state[facts[S_WAITING_AT] + student], state[facts[S_WAITING] + totals[WAITING]]
    state[facts[S_WAITING] + at] = last
    state[facts[S_WAITING_AT] + last] = at
    state[facts[S_WAITING_AT] + student] = -1


@compile_as(void(FACTS, POINTS, STATE, POINTS, i8))
def take_out(facts, prices, state, totals, student):
    """Take a student's place away."""
    now = facts[S_NOW] + 4 * student
    place, guide, so, io = state[now], state[now + 1], state[now + 2], state[now + 3]
    totals[AT_STAKE] += use(facts, prices, state, totals, student, -1)
    unlink(facts, state, 0, facts[S_OF_WORKPLACE] + facts[facts[PLACE] + 8 * place], student)
    unlink(facts, state, 1, facts[S_OF_PERSON] + facts[facts[GUIDE] + 2 * guide], student)
    if so >= 0:
        unlink(facts, state, 2, facts[S_OF_PERSON] + facts[facts[TRAINER] + 2 * so], student)
    if io >= 0:
        unlink(facts, state, 3, facts[S_OF_PERSON] + facts[facts[TRAINER] + 2 * io], student)
    state[now] = -1
    state[facts[S_SITE] + student] = -1
    state[facts[S_WAITING] + totals[WAITING]] = student
    state[facts[S_WAITING_AT] + student] = totals[WAITING]
    totals[WAITING] += 1


@compile_as(void(FACTS, STATE, POINTS, i8))
def touch(facts, state, totals, student):
    """Keep where the student was before this step."""
    if state[facts[S_TOUCHED] + student]:
        return
    state[facts[S_TOUCHED] + student] = 1
    at, now = facts[S_JOURNAL] + 5 * totals[JOURNAL], facts[S_NOW] + 4 * student
    state[at] = student
    for column in range(4):
        state[at + 1 + column] = state[now + column]
    totals[JOURNAL] += 1


@compile_as(void(FACTS, POINTS, STATE, POINTS))
def roll_back(facts, prices, state, totals):
    """Everybody back to where they were before this step."""
    for entry in range(totals[JOURNAL]):
        student = state[facts[S_JOURNAL] + 5 * entry]
        if state[facts[S_NOW] + 4 * student] >= 0:
            take_out(facts, prices, state, totals, student)
    for entry in range(totals[JOURNAL]):
        at = facts[S_JOURNAL] + 5 * entry
        if state[at + 1] >= 0:
            chosen = (state[at + 1], state[at + 2], state[at + 3], state[at + 4])
            put_in(facts, prices, state, totals, state[at], chosen)
