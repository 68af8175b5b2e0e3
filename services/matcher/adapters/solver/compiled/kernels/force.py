"""Throws out who is in the way of a student at a place."""

# mypy: allow-untyped-defs
# numba's decorators carry the types

from services.matcher.adapters.solver.compiled.kernels.book import put_in, take_out, touch
from services.matcher.adapters.solver.compiled.kernels.fields import (
    APART,
    APART_ITEM,
    COMPANY,
    CREW,
    EJECTED,
    GUIDE,
    MASK,
    MOST_EJECTED,
    NEED,
    NO_FIT,
    PERIODS,
    PLACE,
    POOL,
    S_EJECTED,
    S_HEADS,
    S_HOURS,
    S_NEXT,
    S_NOW,
    S_OF_PERSON,
    S_OF_WORKPLACE,
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
from services.matcher.adapters.solver.compiled.kernels.fit import below, guide_for, trainer_for
from services.matcher.adapters.solver.compiled.kernels.signatures import (
    FACTS,
    FOUR,
    PAIR,
    POINTS,
    STATE,
    b1,
    compile_as,
    i8,
)


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8))
def eject(facts, prices, state, totals, student):
    """Throw a student out; False when too many were thrown out already."""
    if totals[EJECTED] >= MOST_EJECTED:
        return False
    touch(facts, state, totals, student)
    take_out(facts, prices, state, totals, student)
    state[facts[S_EJECTED] + totals[EJECTED]] = student
    totals[EJECTED] += 1
    return True


@compile_as(i8(FACTS, STATE, i8, i8, i8))
def freed_by(facts, state, student, kind, period):
    """Hours of the guide (kind 1), so (2) or io (3) that come free in a period when this student goes."""
    now = facts[S_NOW] + 4 * student
    row = state[now + kind]
    if kind == 1:
        return facts[facts[GUIDE] + 2 * row + 1]
    visit = facts[facts[TRAINER] + 2 * row + 1]
    is_last = state[facts[S_VISITS] + visit * facts[PERIODS] + period] == 1
    return facts[facts[NEED] + 3 * student + kind - 1] + facts[SITE_SO + kind - 2] * is_last


@compile_as(i8(FACTS, STATE, POINTS, i8, i8, PAIR))
def someone(facts, state, totals, head, kind, wanted):
    """A random student of a list who is there in the period, one who alone frees enough before others; -1 for nobody."""
    period, short = wanted
    enough, others, best, any_one = 0, 0, -1, -1
    student = state[head]
    while student >= 0:
        place = state[facts[S_NOW] + 4 * student]
        if facts[facts[MASK] + facts[facts[PLACE] + 8 * place + 2]] >> period & 1:
            if short <= 0 or freed_by(facts, state, student, kind, period) >= short:
                enough += 1
                if below(totals, enough) == 0:
                    best = student
            elif enough == 0:
                others += 1
                if below(totals, others) == 0:
                    any_one = student
        student = state[facts[S_NEXT] + 4 * student + kind]
    return best if enough else any_one


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8))
def free_seats(facts, prices, state, totals, place):
    """Throw students out until the place has a seat in every period."""
    row, periods = facts[PLACE] + 8 * place, facts[PERIODS]
    for item in range(facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]):
        period = facts[facts[SET_ITEM] + item]
        while state[facts[S_SEATS] + facts[row] * periods + period] < 1:
            victim = someone(facts, state, totals, facts[S_OF_WORKPLACE] + facts[row], 0, (period, 0))
            if victim < 0 or not eject(facts, prices, state, totals, victim):
                return False
    return True


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8, FOUR))
def free_hours(facts, prices, state, totals, place, asked):
    """Throw students out until somebody has the hours and a head left in every period of the place."""
    person, kind, need, visit = asked
    row, periods = facts[PLACE] + 8 * place, facts[PERIODS]
    for item in range(facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]):
        period = facts[facts[SET_ITEM] + item]
        at = person * periods + period
        while True:
            short = need - state[facts[S_HOURS] + at]
            if kind > 1 and state[facts[S_VISITS] + visit * periods + period] == 0:
                short += facts[SITE_SO + kind - 2]
            if short <= 0 and state[facts[S_HEADS] + at] >= 1:
                break
            victim = someone(facts, state, totals, facts[S_OF_PERSON] + person, kind, (period, short))
            if victim < 0 or not eject(facts, prices, state, totals, victim):
                return False
    return True


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8, i8))
def part_company(facts, prices, state, totals, student, site):
    """Throw out who must be with the student and is elsewhere, or must not and is there; those fixed cannot go."""
    for item in range(facts[facts[WITH] + student], facts[facts[WITH] + student + 1]):
        other = facts[facts[WITH_ITEM] + item]
        at = state[facts[S_SITE] + other]
        is_in_the_way = at >= 0 and at != site
        if is_in_the_way and (state[facts[S_NOW] + 4 * other] < 0 or not eject(facts, prices, state, totals, other)):
            return False
    for item in range(facts[facts[APART] + student], facts[facts[APART] + student + 1]):
        other = facts[facts[APART_ITEM] + item]
        is_in_the_way = state[facts[S_SITE] + other] == site
        if is_in_the_way and (state[facts[S_NOW] + 4 * other] < 0 or not eject(facts, prices, state, totals, other)):
            return False
    return True


@compile_as(i8(FACTS, POINTS, STATE, POINTS, i8, PAIR))
def force_trainer(facts, prices, state, totals, student, wanted):
    """A trainer with room, if need be after throwing students out."""
    place, kind = wanted
    trainer = trainer_for(facts, state, student, place, kind)
    if trainer != NO_FIT:
        return trainer
    crew = facts[facts[PLACE] + 8 * place + 4 + kind]
    first = facts[facts[CREW] + crew]
    trainer = first + below(totals, facts[facts[CREW] + crew + 1] - first)
    person, visit = facts[facts[TRAINER] + 2 * trainer], facts[facts[TRAINER] + 2 * trainer + 1]
    need = facts[facts[NEED] + 3 * student + 1 + kind]
    if free_hours(facts, prices, state, totals, place, (person, kind + 2, need, visit)):
        return trainer
    return NO_FIT


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8, i8))
def force_in(facts, prices, state, totals, student, place):
    """Place a student who has no place at this place, and throw out who is in the way; False when it cannot be."""
    row = facts[PLACE] + 8 * place
    if facts[COMPANY] and not part_company(facts, prices, state, totals, student, facts[row + 1]):
        return False
    if not free_seats(facts, prices, state, totals, place):
        return False
    guide = guide_for(facts, prices, state, place)
    if guide == NO_FIT:
        first = facts[facts[POOL] + facts[row + 3]]
        guide = first + below(totals, facts[facts[POOL] + facts[row + 3] + 1] - first)
        person, taken = facts[facts[GUIDE] + 2 * guide], facts[facts[GUIDE] + 2 * guide + 1]
        if not free_hours(facts, prices, state, totals, place, (person, 1, taken, -1)):
            return False
    so = force_trainer(facts, prices, state, totals, student, (place, 0))
    io = force_trainer(facts, prices, state, totals, student, (place, 1))
    if so == NO_FIT or io == NO_FIT:
        return False
    touch(facts, state, totals, student)
    put_in(facts, prices, state, totals, student, (place, guide, so, io))
    return True
