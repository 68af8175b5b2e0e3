"""Makes and dissolves the groups of a site whose students have relief."""

# mypy: allow-untyped-defs
# numba's decorators carry the types

from services.matcher.adapters.solver.compiled.kernels.book import (
    put_in,
    take_out,
    touch,
)
from services.matcher.adapters.solver.compiled.kernels.counts import (
    excess,
    hours_with,
    lack,
    overhead_of,
)
from services.matcher.adapters.solver.compiled.kernels.fields import (
    EJECTED,
    GROUP_SIZE,
    JOURNAL,
    MOST_EJECTED,
    PEER,
    PERIODS,
    PLACE,
    ROW,
    S_EJECTED,
    S_JOURNAL,
    S_NOW,
    S_PEERS,
    S_SCRATCH,
    SENIOR,
    SET,
    SET_ITEM,
    SITE_ROW,
    SITE_ROW_ITEM,
    TEAM_QH,
)
from services.matcher.adapters.solver.compiled.kernels.pool import (
    put_at,
    relief_for,
    write_way,
)
from services.matcher.adapters.solver.compiled.kernels.signatures import (
    FACTS,
    POINTS,
    STATE,
    b1,
    compile_as,
    i8,
    void,
)


@compile_as(b1(FACTS, STATE, i8))
def is_broken(facts, state, site):
    """In some period there are too few peers at the site, or too many are helped by its seniors."""
    for period in range(facts[PERIODS]):
        at = site * facts[PERIODS] + period
        if lack(state[facts[S_PEERS] + at], facts[GROUP_SIZE]) or excess(facts, state, at):
            return True
    return False


@compile_as(b1(FACTS, STATE, i8))
def may_join(facts, state, student):
    """No duo, may have relief by peers, and the members of a team would have hours enough."""
    now, hours = facts[S_NOW] + ROW * student, hours_with(facts, student, PEER)
    return state[now + 5] < 0 and hours >= 0 and (state[now + 6] < 0 or hours >= 2 * facts[TEAM_QH])


@compile_as(b1(FACTS, STATE, i8, i8))
def have_enough(facts, state, counts, period_set):
    """In every period of the set there are peers enough by these counts."""
    for item in range(facts[facts[SET] + period_set], facts[facts[SET] + period_set + 1]):
        if state[counts + facts[facts[SET_ITEM] + item]] < facts[GROUP_SIZE]:
            return False
    return True


@compile_as(void(FACTS, STATE, i8, i8, i8))
def count_peers(facts, state, site, counts, among):
    """How many peers there could be per period: those who are, and who may join where `among` (-1 for none) has enough."""
    for period in range(facts[PERIODS]):
        state[counts + period] = state[facts[S_PEERS] + site * facts[PERIODS] + period]
    for entry in range(facts[facts[SITE_ROW] + site], facts[facts[SITE_ROW] + site + 1]):
        place = facts[facts[SITE_ROW_ITEM] + entry]
        row = facts[PLACE] + 8 * place
        now = facts[S_NOW] + ROW * facts[row + 6]
        if state[now] != place or state[now + 4] == PEER or not may_join(facts, state, facts[row + 6]):
            continue
        if among < 0 or have_enough(facts, state, among, facts[row + 2]):
            for item in range(facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]):
                state[counts + facts[facts[SET_ITEM] + item]] += 1


@compile_as(i8(FACTS, STATE, i8, i8))
def wanted_relief(facts, state, student, place):
    """Relief by peers where there could be enough; else a senior's, where that is more than the student has; else what the
    student has, unless it does not stand: then -1."""
    row, relief, stands = facts[PLACE] + 8 * place, state[facts[S_NOW] + ROW * student + 4], True
    for item in range(facts[facts[SET] + facts[row + 2]], facts[facts[SET] + facts[row + 2] + 1]):
        stands &= excess(facts, state, facts[row + 1] * facts[PERIODS] + facts[facts[SET_ITEM] + item]) == 0
    is_group = have_enough(facts, state, facts[S_SCRATCH], facts[row + 2])
    if is_group and may_join(facts, state, student):
        return PEER
    if relief == PEER or (relief == SENIOR and not stands):
        return -1
    if relief == 0 and state[facts[S_NOW] + ROW * student + 5] < 0:
        return relief_for(facts, state, student, place)
    return relief


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8, i8))
def relieve(facts, prices, state, totals, student, relief):
    """Let a student have a relief that leaves fewer hours; False where a member of the team would have too few."""
    now = facts[S_NOW] + ROW * student
    place, guide, second, taken = state[now], state[now + 1], state[now + 6], state[now + 7]
    hours, before = hours_with(facts, student, relief), hours_with(facts, student, state[now + 4])
    if second < 0:
        taken -= before - hours
    else:
        given = taken - overhead_of(facts, guide)
        if hours - given < facts[TEAM_QH]:
            given = hours - facts[TEAM_QH]
        if given < facts[TEAM_QH]:
            return False
        taken = given + overhead_of(facts, guide)
    touch(facts, state, totals, student)
    take_out(facts, prices, state, totals, student)
    write_way(facts, state, student, guide, (relief, -1, second), taken)
    state[now] = place
    put_in(facts, prices, state, totals, student)
    return True


@compile_as(b1(FACTS, POINTS, STATE, POINTS, i8, b1))
def regroup(facts, prices, state, totals, site, may_group):
    """Let everybody at a site have the relief that is possible there, and no other; who does not fit so is thrown out. False
    when too many would be. Where they may not group, nobody has relief by peers any more."""
    if may_group:
        count_peers(facts, state, site, facts[S_SCRATCH] + facts[PERIODS], -1)
        count_peers(facts, state, site, facts[S_SCRATCH], facts[S_SCRATCH] + facts[PERIODS])
    else:
        for period in range(facts[PERIODS]):
            state[facts[S_SCRATCH] + period] = 0
    for entry in range(facts[facts[SITE_ROW] + site], facts[facts[SITE_ROW] + site + 1]):
        place = facts[facts[SITE_ROW_ITEM] + entry]
        student = facts[facts[PLACE] + 8 * place + 6]
        now = facts[S_NOW] + ROW * student
        if state[now] != place:
            continue
        wanted = wanted_relief(facts, state, student, place)
        if wanted == state[now + 4]:
            continue
        if wanted >= 0:
            hours, before = hours_with(facts, student, wanted), hours_with(facts, student, state[now + 4])
            if hours <= before and relieve(facts, prices, state, totals, student, wanted):
                continue
            if hours <= before:
                continue
        touch(facts, state, totals, student)
        take_out(facts, prices, state, totals, student)
        if not put_at(facts, prices, state, totals, student, place):
            if totals[EJECTED] >= MOST_EJECTED:
                return False
            state[facts[S_EJECTED] + totals[EJECTED]] = student
            totals[EJECTED] += 1
    return True


@compile_as(b1(FACTS, POINTS, STATE, POINTS))
def mend(facts, prices, state, totals):
    """Set right the groups of the sites that somebody has left in this step."""
    for entry in range(totals[JOURNAL]):
        place = state[facts[S_JOURNAL] + (ROW + 1) * entry + 1]
        if place < 0:
            continue
        site = facts[facts[PLACE] + 8 * place + 1]
        if is_broken(facts, state, site) and not regroup(facts, prices, state, totals, site, True):
            return False
    return True
