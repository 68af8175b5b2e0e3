"""How a student can be guided at a place: by one guide, with relief, by a team, or as a duo with somebody who is there."""

# mypy: allow-untyped-defs
# numba's decorators carry the types

from services.matcher.adapters.solver.compiled.kernels.book import (
    put_in,
    take_out,
    touch,
)
from services.matcher.adapters.solver.compiled.kernels.counts import (
    hours_with,
    overhead_of,
)
from services.matcher.adapters.solver.compiled.kernels.fields import (
    AMPLE,
    AT_STAKE,
    COMPANY,
    DUO_QH,
    FIRST,
    GROUP_SIZE,
    GUIDE,
    HOME,
    NEED,
    NO_FIT,
    PEER,
    PER_SENIOR,
    PERIODS,
    PLACE,
    POOL,
    POOLED,
    ROW,
    S_HEADS,
    S_HELPED,
    S_HOURS,
    S_NEXT,
    S_NOW,
    S_OF_PERSON,
    S_PEERS,
    S_SCRATCH,
    S_SENIORS,
    SENIOR,
    SET,
    SET_ITEM,
    TEAM_QH,
)
from services.matcher.adapters.solver.compiled.kernels.fit import (
    company_fits,
    guide_for,
    may_fit,
    trainer_for,
)
from services.matcher.adapters.solver.compiled.kernels.signatures import (
    FACTS,
    PAIR,
    POINTS,
    STATE,
    TRIPLE,
    b1,
    compile_as,
    i8,
    void,
)


@compile_as(i8(FACTS, STATE, i8, i8))
def relief_for(facts, state, student, place):
    """The relief that leaves fewest hours and is to be had in every period: peers who are enough, a senior with time."""
    row, best, least = facts[PLACE] + 8 * place, 0, hours_with(facts, student, 0)
    for relief in (PEER, SENIOR):
        hours = hours_with(facts, student, relief)
        if hours < 0 or hours >= least:
            continue
        is_there = True
        for item in range(facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]):
            at = facts[row + 1] * facts[PERIODS] + facts[facts[SET_ITEM] + item]
            if relief == PEER:
                is_there &= state[facts[S_PEERS] + at] >= facts[GROUP_SIZE] - 1
            else:
                is_there &= state[facts[S_HELPED] + at] < facts[PER_SENIOR] * state[facts[S_SENIORS] + at]
        if is_there:
            best, least = relief, hours
    return best


@compile_as(i8(FACTS, STATE, i8, i8))
def free_of(facts, state, guide, place):
    """The hours that a guide could give at a place beside what is booked; below 0 without a head left."""
    row, person = facts[PLACE] + 8 * place, facts[facts[GUIDE] + 2 * guide]
    free = AMPLE
    for item in range(facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]):
        at = person * facts[PERIODS] + facts[facts[SET_ITEM] + item]
        if state[facts[S_HEADS] + at] < 1:
            return -1
        free = min(free, state[facts[S_HOURS] + at])
    return free - overhead_of(facts, guide)


@compile_as(TRIPLE(FACTS, STATE, i8, i8))
def team_for(facts, state, place, hours):
    """Two who share a site and have the hours together, with least to spare, and what the first gives: all that they have."""
    first, least = facts[facts[POOL] + facts[facts[PLACE] + 8 * place + 3]], facts[TEAM_QH]
    number = facts[facts[POOL] + facts[facts[PLACE] + 8 * place + 3] + 1] - first
    free = facts[S_SCRATCH] + 2 * facts[PERIODS]
    for one in range(number):
        is_able = facts[facts[HOME] + facts[facts[GUIDE] + 2 * (first + one)]] >= 0
        state[free + one] = free_of(facts, state, first + one, place) if is_able else -1
    best, other, spare = NO_FIT, NO_FIT, 0
    for one in range(number):
        if state[free + one] < least:
            continue
        home = facts[facts[HOME] + facts[facts[GUIDE] + 2 * (first + one)]]
        for two in range(one + 1, number):
            left = state[free + one] + state[free + two] - hours
            if state[free + two] < least or left < 0 or (best != NO_FIT and left >= spare):
                continue
            if facts[facts[HOME] + facts[facts[GUIDE] + 2 * (first + two)]] == home:
                best, other, spare = one, two, left
    if best == NO_FIT:
        return (NO_FIT, NO_FIT, 0)
    if state[free + other] < state[free + best]:
        best, other = other, best
    return (first + best, first + other, min(state[free + best], hours - least))


@compile_as(b1(FACTS, STATE, i8, i8))
def may_leave_peers(facts, state, student, place):
    """The student has no relief by peers, or they are still enough without."""
    if state[facts[S_NOW] + ROW * student + 4] != PEER:
        return True
    row = facts[PLACE] + 8 * place
    for item in range(facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]):
        at = facts[row + 1] * facts[PERIODS] + facts[facts[SET_ITEM] + item]
        if state[facts[S_PEERS] + at] == facts[GROUP_SIZE]:
            return False
    return True


@compile_as(i8(FACTS, i8, i8))
def together(facts, student, other):
    """What two need as a duo."""
    return facts[facts[DUO_QH] + hours_with(facts, student, 0) + hours_with(facts, other, 0)]


@compile_as(PAIR(FACTS, STATE, i8, i8))
def duo_for(facts, state, student, place):
    """A guide at the place, and somebody who agreed and is with that guide in the same periods, where both would fit."""
    row = facts[PLACE] + 8 * place
    for guide in range(facts[facts[POOL] + facts[row + 3]], facts[facts[POOL] + facts[row + 3] + 1]):
        free, overhead = free_of(facts, state, guide, place), overhead_of(facts, guide)
        if free < 0:
            continue
        other = state[facts[S_OF_PERSON] + facts[facts[GUIDE] + 2 * guide]]
        while other >= 0:
            now = facts[S_NOW] + ROW * other
            there = facts[PLACE] + 8 * state[now]
            is_apt = facts[facts[NEED] + 8 * other + 7] and state[now + 5] < 0 and state[now + 6] < 0
            if is_apt and facts[there] == facts[row] and facts[there + 2] == facts[row + 2]:
                more = together(facts, student, other) - (state[now + 7] - overhead)
                if more <= free and may_leave_peers(facts, state, other, state[now]):
                    return (guide, other)
            other = state[facts[S_NEXT] + ROW * other + 1]
    return (NO_FIT, -1)


@compile_as(void(FACTS, STATE, i8, i8, TRIPLE, i8))
def write_way(facts, state, student, guide, others, taken):
    """Into the row of a student without a place: who is to guide, with which relief, duo partner and second, and the hours."""
    now = facts[S_NOW] + ROW * student
    state[now + 1], state[now + 7] = guide, taken
    state[now + 4], state[now + 5], state[now + 6] = others


@compile_as(b1(FACTS, POINTS, STATE, i8, i8))
def pooled_way(facts, prices, state, student, place):
    """With what the levers make possible, into the row, how the student can be guided at a place; whether they can.

    If not, the row has the relief that is to be had."""
    norm, relief = hours_with(facts, student, 0), relief_for(facts, state, student, place)
    hours = hours_with(facts, student, relief)
    guide = guide_for(facts, prices, state, place, norm - hours)
    if guide != NO_FIT:
        taken = facts[facts[GUIDE] + 2 * guide + 1] - norm + hours
        write_way(facts, state, student, guide, (relief, -1, -1), taken)
        return True
    if facts[TEAM_QH] and hours >= 2 * facts[TEAM_QH] and not facts[facts[PLACE] + 8 * place + 7]:
        guide, second, given = team_for(facts, state, place, hours)
        if guide != NO_FIT:
            write_way(facts, state, student, guide, (relief, -1, second), given + overhead_of(facts, guide))
            return True
    if facts[facts[NEED] + 8 * student + 7]:
        guide, other = duo_for(facts, state, student, place)
        if guide != NO_FIT:
            qh = together(facts, student, other)
            write_way(facts, state, student, guide, (0, other, -1), qh - qh // 2 + overhead_of(facts, guide))
            return True
    write_way(facts, state, student, NO_FIT, (relief, -1, -1), 0)
    return False


@compile_as(b1(FACTS, POINTS, STATE, i8, i8))
def way_for(facts, prices, state, student, place):
    """Into the row how the student can be guided at a place beside what is booked; whether they can."""
    if facts[POOLED]:
        return pooled_way(facts, prices, state, student, place)
    guide = guide_for(facts, prices, state, place, 0)
    if guide != NO_FIT:
        write_way(facts, state, student, guide, (0, -1, -1), facts[facts[GUIDE] + 2 * guide + 1])
    return guide != NO_FIT


@compile_as(void(FACTS, POINTS, STATE, POINTS, i8))
def make_half(facts, prices, state, totals, student):
    """Make whoever the student's row names as duo partner the other half."""
    other, stake = state[facts[S_NOW] + ROW * student + 5], totals[AT_STAKE]
    now = facts[S_NOW] + ROW * other
    touch(facts, state, totals, other)
    place, guide = state[now], state[now + 1]
    take_out(facts, prices, state, totals, other)
    taken = together(facts, student, other) // 2 + overhead_of(facts, guide)
    write_way(facts, state, other, guide, (0, student, -1), taken)
    state[now] = place
    put_in(facts, prices, state, totals, other)
    totals[AT_STAKE] = stake


@compile_as(void(FACTS, POINTS, STATE, POINTS, i8, TRIPLE))
def book_way(facts, prices, state, totals, student, where):
    """Place a student as their row says, with this place, so and io."""
    now = facts[S_NOW] + ROW * student
    if facts[POOLED] and state[now + 5] >= 0:
        make_half(facts, prices, state, totals, student)
    state[now], state[now + 2], state[now + 3] = where
    put_in(facts, prices, state, totals, student)


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8, i8))
def put_at(facts, prices, state, totals, student, place):
    """Place a student at a place if they fit there beside what is booked; whether they do."""
    so = trainer_for(facts, state, student, place, 0)
    if so == NO_FIT:
        return False
    io = trainer_for(facts, state, student, place, 1)
    if io == NO_FIT or not way_for(facts, prices, state, student, place):
        return False
    book_way(facts, prices, state, totals, student, (place, so, io))
    return True


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8))
def put_where_it_fits(facts, prices, state, totals, student):
    """Place a student at the cheapest place that fits; whether there was one."""
    for place in range(facts[facts[FIRST] + student], facts[facts[FIRST] + student + 1]):
        if not may_fit(facts, state, student, place):
            continue
        if facts[COMPANY] and not company_fits(facts, state, student, facts[facts[PLACE] + 8 * place + 1]):
            continue
        if put_at(facts, prices, state, totals, student, place):
            return True
    return False
