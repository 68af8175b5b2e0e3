"""Finds who can guide a student at a place beside what is booked."""

# mypy: allow-untyped-defs
# numba's decorators carry the types

import numpy as np

from services.matcher.adapters.solver.compiled.kernels.fields import (
    APART,
    APART_ITEM,
    CREW,
    GUIDE,
    LOADS,
    NEED,
    NO_FIT,
    NOBODY,
    P_GUIDE,
    P_LOAD,
    PERIODS,
    PLACE,
    POOL,
    RANDOM,
    S_GUIDED,
    S_HEADS,
    S_HOURS,
    S_ROOM,
    S_SEATS,
    S_SITE,
    S_VISITS,
    SET,
    SET_ITEM,
    SITE_SO,
    TRAINER,
    WITH,
    WITH_ITEM,
)
from services.matcher.adapters.solver.compiled.kernels.signatures import (
    FACTS,
    POINTS,
    STATE,
    b1,
    compile_as,
    i8,
)


@compile_as(i8(POINTS))
def draw(totals):
    """The next 32 random bits (xorshift64*)."""
    value = np.uint64(totals[RANDOM])
    value ^= value >> np.uint64(12)
    value ^= value << np.uint64(25)
    value ^= value >> np.uint64(27)
    totals[RANDOM] = np.int64(value)
    return np.int64((value * np.uint64(2685821657736338717)) >> np.uint64(32))


@compile_as(i8(POINTS, i8))
def below(totals, number):
    """A random number from 0 to number - 1."""
    return (draw(totals) * number) >> 32


@compile_as(i8(FACTS, POINTS, STATE, i8, i8))
def guide_for(facts, prices, state, place, less):
    """The row of the cheapest guide with room at a place, load included, for so many hours less than the norm; NO_FIT when
    there is none."""
    row, periods = facts[PLACE] + 8 * place, facts[PERIODS]
    first, last = facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]
    best, best_cost = NO_FIT, np.int64(0)
    for guide in range(facts[facts[POOL] + facts[row + 3]], facts[facts[POOL] + facts[row + 3] + 1]):
        person, taken = facts[facts[GUIDE] + 2 * guide], facts[facts[GUIDE] + 2 * guide + 1] - less
        cost, fits = prices[facts[P_GUIDE] + guide], True
        for item in range(first, last):
            at = person * periods + facts[facts[SET_ITEM] + item]
            if state[facts[S_HOURS] + at] < taken or state[facts[S_HEADS] + at] < 1:
                fits = False
                break
            cost += prices[facts[P_LOAD] + min(state[facts[S_GUIDED] + at], facts[LOADS] - 1)]
        if fits and (best == NO_FIT or cost < best_cost):
            best, best_cost = guide, cost
    return best


@compile_as(i8(FACTS, STATE, i8, i8, i8))
def trainer_for(facts, state, student, place, kind):
    """The row of a trainer with room, one who is at the site already before others; NOBODY when none is needed."""
    row, periods = facts[PLACE] + 8 * place, facts[PERIODS]
    crew = facts[row + 4 + kind]
    if crew < 0:
        return NOBODY
    first, last = facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]
    need, fixed = facts[facts[NEED] + 8 * student + 1 + kind], facts[SITE_SO + kind]
    best, best_score = NO_FIT, 0
    for trainer in range(facts[facts[CREW] + crew], facts[facts[CREW] + crew + 1]):
        person, visit = facts[facts[TRAINER] + 2 * trainer], facts[facts[TRAINER] + 2 * trainer + 1]
        score, fits = 0, True
        for item in range(first, last):
            period = facts[facts[SET_ITEM] + item]
            is_new = state[facts[S_VISITS] + visit * periods + period] == 0
            asked, at = need + fixed * is_new, person * periods + period
            if state[facts[S_HOURS] + at] < asked or state[facts[S_HEADS] + at] < 1:
                fits = False
                break
            score += 10000 * is_new - min(state[facts[S_HOURS] + at], 9999)
        if fits and (best == NO_FIT or score < best_score):
            best, best_score = trainer, score
    return best


@compile_as(b1(FACTS, STATE, i8, i8))
def may_fit(facts, state, student, place):
    """In every period of the place a seat is left, and hours of some guide: quick, and seldom wrong."""
    row, periods, need = facts[PLACE] + 8 * place, facts[PERIODS], facts[facts[NEED] + 8 * student + 5]
    for item in range(facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]):
        at = facts[row] * periods + facts[facts[SET_ITEM] + item]
        if state[facts[S_ROOM] + at] < need or state[facts[S_SEATS] + at] < 1:
            return False
    return True


@compile_as(b1(FACTS, STATE, i8, i8))
def company_fits(facts, state, student, site):
    """Nobody who belongs with the student is elsewhere, nobody to be kept apart is there."""
    for item in range(facts[facts[WITH] + student], facts[facts[WITH] + student + 1]):
        other = state[facts[S_SITE] + facts[facts[WITH_ITEM] + item]]
        if other >= 0 and other != site:
            return False
    for item in range(facts[facts[APART] + student], facts[facts[APART] + student + 1]):
        if state[facts[S_SITE] + facts[facts[APART_ITEM] + item]] == site:
            return False
    return True
