"""Throws out who is in the way of a student at a place."""

# mypy: allow-untyped-defs
# numba's decorators carry the types

from services.matcher.adapters.solver.compiled.kernels.book import (
    take_out,
    touch,
)
from services.matcher.adapters.solver.compiled.kernels.counts import (
    hours_with,
    second_taken,
)
from services.matcher.adapters.solver.compiled.kernels.fields import (
    APART,
    APART_ITEM,
    AT_STAKE,
    COMPANY,
    CREW,
    EJECTED,
    GUIDE,
    HOME,
    MARK,
    MASK,
    MOST_EJECTED,
    NEED,
    NO_FIT,
    PERIODS,
    PLACE,
    POOL,
    POOLED,
    ROW,
    S_EJECTED,
    S_HEADS,
    S_HOURS,
    S_NEXT,
    S_NOW,
    S_OF_PERSON,
    S_OF_SECOND,
    S_OF_WORKPLACE,
    S_SEATS,
    S_SITE,
    S_VISITS,
    SET,
    SET_ITEM,
    SITE_SO,
    TEAM_QH,
    TRAINER,
    WITH,
    WITH_ITEM,
)
from services.matcher.adapters.solver.compiled.kernels.fit import (
    below,
    draw,
    trainer_for,
)
from services.matcher.adapters.solver.compiled.kernels.pool import (
    book_way,
    free_of,
    way_for,
    write_way,
)
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
def throw_out(facts, prices, state, totals, student):
    """Throw one student out, whoever is their duo; False when too many were thrown out already."""
    if totals[EJECTED] >= MOST_EJECTED:
        return False
    touch(facts, state, totals, student)
    take_out(facts, prices, state, totals, student)
    state[facts[S_EJECTED] + totals[EJECTED]] = student
    totals[EJECTED] += 1
    return True


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8))
def eject(facts, prices, state, totals, student):
    """Throw a student out, and with them whoever is their duo; False when too many were thrown out already."""
    other = state[facts[S_NOW] + ROW * student + 5]
    if not throw_out(facts, prices, state, totals, student):
        return False
    return other < 0 or throw_out(facts, prices, state, totals, other)


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8))
def release(facts, prices, state, totals, student):
    """Take the place of the student whom a step is about; whoever was their duo is thrown out."""
    other = state[facts[S_NOW] + ROW * student + 5]
    touch(facts, state, totals, student)
    stake = totals[AT_STAKE]
    take_out(facts, prices, state, totals, student)
    totals[AT_STAKE] = stake
    return other < 0 or throw_out(facts, prices, state, totals, other)


@compile_as(i8(FACTS, STATE, i8, i8, i8))
def freed_by(facts, state, student, kind, period):
    """Hours of the guide (kind 1), so (2), io (3) or second of a team (4) that come free in a period when this student goes."""
    now = facts[S_NOW] + ROW * student
    row = state[now + kind]
    if kind == 1:
        return state[now + 7]
    if kind == 4:
        return second_taken(facts, state, student)
    visit = facts[facts[TRAINER] + 2 * row + 1]
    is_last = state[facts[S_VISITS] + visit * facts[PERIODS] + period] == 1
    return facts[facts[NEED] + 8 * student + kind - 1] + facts[SITE_SO + kind - 2] * is_last


@compile_as(i8(FACTS, STATE, POINTS, i8, i8, PAIR))
def someone(facts, state, totals, head, kind, wanted):
    """A random student of a list who is there in the period, one who alone frees enough before others; -1 for nobody."""
    period, short = wanted
    enough, others, best, any_one = 0, 0, -1, -1
    student = state[head]
    while student >= 0:
        place = state[facts[S_NOW] + ROW * student]
        if facts[facts[MASK] + facts[facts[PLACE] + 8 * place + 2] * facts[PERIODS] + period]:
            if short <= 0 or freed_by(facts, state, student, kind, period) >= short:
                enough += 1
                if below(totals, enough) == 0:
                    best = student
            elif enough == 0:
                others += 1
                if below(totals, others) == 0:
                    any_one = student
        student = state[facts[S_NEXT] + ROW * student + kind]
    return best if enough else any_one


@compile_as(i8(FACTS, STATE, POINTS, i8, i8, PAIR))
def someone_of(facts, state, totals, person, kind, wanted):
    """A random student of a guide or trainer, of a guide also one of a team in which they are the second."""
    found = someone(facts, state, totals, facts[S_OF_PERSON] + person, kind, wanted)
    if kind != 1 or not facts[POOLED]:
        return found
    other = someone(facts, state, totals, facts[S_OF_SECOND] + person, 4, wanted)
    return other if found < 0 or (other >= 0 and draw(totals) & 1) else found


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
            victim = someone_of(facts, state, totals, person, kind, (period, short))
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
        if is_in_the_way and (state[facts[S_NOW] + ROW * other] < 0 or not eject(facts, prices, state, totals, other)):
            return False
    for item in range(facts[facts[APART] + student], facts[facts[APART] + student + 1]):
        other = facts[facts[APART_ITEM] + item]
        is_in_the_way = state[facts[S_SITE] + other] == site
        if is_in_the_way and (state[facts[S_NOW] + ROW * other] < 0 or not eject(facts, prices, state, totals, other)):
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
    need = facts[facts[NEED] + 8 * student + 1 + kind]
    if free_hours(facts, prices, state, totals, place, (person, kind + 2, need, visit)):
        return trainer
    return NO_FIT


@compile_as(i8(FACTS, STATE, i8, i8))
def helper_for(facts, state, guide, place):
    """Whoever has most hours left among those who may be in a team with this guide; -1 for nobody."""
    row, home = facts[PLACE] + 8 * place, facts[facts[HOME] + facts[facts[GUIDE] + 2 * guide]]
    best, most = -1, facts[TEAM_QH] - 1
    if home < 0:
        return best
    for other in range(facts[facts[POOL] + facts[row + 3]], facts[facts[POOL] + facts[row + 3] + 1]):
        if other != guide and facts[facts[HOME] + facts[facts[GUIDE] + 2 * other]] == home:
            free = free_of(facts, state, other, place)
            if free > most:
                best, most = other, free
    return best


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8, i8))
def force_way(facts, prices, state, totals, student, place):
    """Into the row a random guide, alone or with whoever has hours left, if need be after throwing students out."""
    first = facts[facts[POOL] + facts[facts[PLACE] + 8 * place + 3]]
    guide = first + below(totals, facts[facts[POOL] + facts[facts[PLACE] + 8 * place + 3] + 1] - first)
    relief, second, taken = 0, -1, facts[facts[GUIDE] + 2 * guide + 1]
    if facts[POOLED]:
        relief = state[facts[S_NOW] + ROW * student + 4]
        hours = hours_with(facts, student, relief)
        taken -= hours_with(facts, student, 0) - hours
        is_free = not facts[facts[PLACE] + 8 * place + 7]
        if facts[TEAM_QH] and is_free and hours >= 2 * facts[TEAM_QH] and draw(totals) & 1:
            second = helper_for(facts, state, guide, place)
            if second >= 0:
                taken -= min(free_of(facts, state, second, place), hours - facts[TEAM_QH])
        if taken > facts[facts[MARK] + 4 * guide + 2]:
            return False
    write_way(facts, state, student, guide, (relief, -1, second), taken)
    return free_hours(facts, prices, state, totals, place, (facts[facts[GUIDE] + 2 * guide], 1, taken, -1))


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8, i8))
def force_in(facts, prices, state, totals, student, place):
    """Place a student who has no place at this place, and throw out who is in the way; False when it cannot be."""
    site = facts[facts[PLACE] + 8 * place + 1]
    if facts[COMPANY] and not part_company(facts, prices, state, totals, student, site):
        return False
    if not free_seats(facts, prices, state, totals, place):
        return False
    fits = way_for(facts, prices, state, student, place)
    if not fits and not force_way(facts, prices, state, totals, student, place):
        return False
    so = force_trainer(facts, prices, state, totals, student, (place, 0))
    io = force_trainer(facts, prices, state, totals, student, (place, 1))
    if so == NO_FIT or io == NO_FIT:
        return False
    partner = state[facts[S_NOW] + ROW * student + 5]
    if partner >= 0 and state[facts[S_NOW] + ROW * partner] < 0:
        return False
    touch(facts, state, totals, student)
    book_way(facts, prices, state, totals, student, (place, so, io))
    return True
