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
    MOST_PERIODS,
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
    EIGHT,
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
    row, person = facts[PLACE] + 8 * place, facts[facts[GUIDE] + 4 * guide]
    free = AMPLE
    for item in range(facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]):
        at = person * facts[PERIODS] + facts[facts[SET_ITEM] + item]
        if state[facts[S_HEADS] + at] < 1:
            return -1
        free = min(free, state[facts[S_HOURS] + at])
    return free - facts[facts[GUIDE] + 4 * guide + 3]


@compile_as(TRIPLE(FACTS, STATE, i8, i8))
def team_for(facts, state, place, hours):
    """Two who share a site and have the hours together, with least to spare, and what the first gives: all that they have."""
    first, least = facts[facts[POOL] + facts[facts[PLACE] + 8 * place + 3]], facts[TEAM_QH]
    number = facts[facts[POOL] + facts[facts[PLACE] + 8 * place + 3] + 1] - first
    free = facts[S_SCRATCH] + 2 * MOST_PERIODS
    for one in range(number):
        is_able = facts[facts[HOME] + facts[facts[GUIDE] + 4 * (first + one)]] >= 0
        state[free + one] = free_of(facts, state, first + one, place) if is_able else -1
    best, other, spare = NO_FIT, NO_FIT, 0
    for one in range(number):
        if state[free + one] < least:
            continue
        home = facts[facts[HOME] + facts[facts[GUIDE] + 4 * (first + one)]]
        for two in range(one + 1, number):
            left = state[free + one] + state[free + two] - hours
            if state[free + two] < least or left < 0 or (best != NO_FIT and left >= spare):
                continue
            if facts[facts[HOME] + facts[facts[GUIDE] + 4 * (first + two)]] == home:
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
        free, overhead = free_of(facts, state, guide, place), facts[facts[GUIDE] + 4 * guide + 3]
        if free < 0:
            continue
        other = state[facts[S_OF_PERSON] + facts[facts[GUIDE] + 4 * guide]]
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


@compile_as(EIGHT(FACTS, POINTS, STATE, i8, i8))
def way_for(facts, prices, state, student, place):
    """How the student can be guided at a place beside what is booked: a row of `S_NOW` without trainers, or guide NO_FIT."""
    norm = hours_with(facts, student, 0)
    relief = relief_for(facts, state, student, place) if facts[POOLED] else 0
    hours = hours_with(facts, student, relief) if relief else norm
    guide = guide_for(facts, prices, state, place, norm - hours)
    if guide != NO_FIT:
        return (place, guide, -1, -1, relief, -1, -1, facts[facts[GUIDE] + 4 * guide + 1] - norm + hours)
    if facts[TEAM_QH] and hours >= 2 * facts[TEAM_QH] and not facts[facts[PLACE] + 8 * place + 7]:
        guide, second, given = team_for(facts, state, place, hours)
        if guide != NO_FIT:
            return (place, guide, -1, -1, relief, -1, second, given + facts[facts[GUIDE] + 4 * guide + 3])
    if facts[facts[NEED] + 8 * student + 7]:
        guide, other = duo_for(facts, state, student, place)
        if guide != NO_FIT:
            qh = together(facts, student, other)
            return (place, guide, -1, -1, 0, other, -1, qh - qh // 2 + facts[facts[GUIDE] + 4 * guide + 3])
    return (place, NO_FIT, -1, -1, relief, -1, -1, 0)


@compile_as(void(FACTS, POINTS, STATE, POINTS, i8, EIGHT))
def book_way(facts, prices, state, totals, student, row):
    """Place a student, and make whoever becomes their duo the other half."""
    other = row[5]
    if other >= 0:
        stake = totals[AT_STAKE]
        touch(facts, state, totals, other)
        now = facts[S_NOW] + ROW * other
        place, guide, so, io = state[now], state[now + 1], state[now + 2], state[now + 3]
        take_out(facts, prices, state, totals, other)
        taken = together(facts, student, other) // 2 + facts[facts[GUIDE] + 4 * guide + 3]
        put_in(facts, prices, state, totals, other, (place, guide, so, io, 0, student, -1, taken))
        totals[AT_STAKE] = stake
    put_in(facts, prices, state, totals, student, row)


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8, i8))
def put_at(facts, prices, state, totals, student, place):
    """Place a student at a place if they fit there beside what is booked; whether they do."""
    so = trainer_for(facts, state, student, place, 0)
    if so == NO_FIT:
        return False
    io = trainer_for(facts, state, student, place, 1)
    if io == NO_FIT:
        return False
    way = way_for(facts, prices, state, student, place)
    if way[1] == NO_FIT:
        return False
    book_way(facts, prices, state, totals, student, (place, way[1], so, io, way[4], way[5], way[6], way[7]))
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
