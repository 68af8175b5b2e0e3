"""Keeps count of hours, lists and groups, while places are booked in and out."""

# mypy: allow-untyped-defs
# numba's decorators carry the types

from services.matcher.adapters.solver.compiled.kernels.fields import (
    DESK,
    DESK_ITEM,
    GROUP_SIZE,
    LOADS,
    MARK,
    MEMBER,
    MEMBER_ITEM,
    NEED,
    P_GUIDE,
    P_LOAD,
    P_MARK,
    PEER,
    PER_SENIOR,
    PERIODS,
    POOLED,
    ROW,
    S_GUIDED,
    S_HEADS,
    S_HELPED,
    S_HOURS,
    S_NEXT,
    S_NOW,
    S_PEERS,
    S_PREVIOUS,
    S_ROOM,
    S_SENIORS,
    S_VISITS,
    SENIOR,
    SET_ITEM,
    SHORT,
    SITE_SO,
    TEAM_COST,
    TRAINER,
)
from services.matcher.adapters.solver.compiled.kernels.signatures import (
    FACTS,
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
    state[facts[S_NEXT] + ROW * student + kind] = after
    state[facts[S_PREVIOUS] + ROW * student + kind] = -1
    if after >= 0:
        state[facts[S_PREVIOUS] + ROW * after + kind] = student
    state[head] = student


@compile_as(void(FACTS, STATE, i8, i8, i8))
def unlink(facts, state, kind, head, student):
    """Take a student out of one of the lists."""
    after = state[facts[S_NEXT] + ROW * student + kind]
    before = state[facts[S_PREVIOUS] + ROW * student + kind]
    if before >= 0:
        state[facts[S_NEXT] + ROW * before + kind] = after
    else:
        state[head] = after
    if after >= 0:
        state[facts[S_PREVIOUS] + ROW * after + kind] = before


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


@compile_as(i8(FACTS, STATE, i8, i8))
def most_left(facts, state, workplace, period):
    """The most hours that one guide of a workplace with a head free has left."""
    periods, most = facts[PERIODS], -1
    for member in range(facts[facts[MEMBER] + workplace], facts[facts[MEMBER] + workplace + 1]):
        at = facts[facts[MEMBER_ITEM] + member] * periods + period
        if state[facts[S_HOURS] + at] > most and state[facts[S_HEADS] + at] > 0:
            most = state[facts[S_HOURS] + at]
    return most


@compile_as(i8(FACTS, STATE, i8, i8))
def most_of_two(facts, state, workplace, period):
    """The most hours that two of them have left together."""
    periods, most, second = facts[PERIODS], -1, 0
    for member in range(facts[facts[MEMBER] + workplace], facts[facts[MEMBER] + workplace + 1]):
        at = facts[facts[MEMBER_ITEM] + member] * periods + period
        hours = state[facts[S_HOURS] + at]
        if hours > second and state[facts[S_HEADS] + at] > 0:
            second = hours
            if hours > most:
                second, most = max(most, 0), hours
    return most + second


@compile_as(void(FACTS, STATE, i8, i8))
def refresh_room(facts, state, person, period):
    """What somebody has left has changed: so may the most that one guide, or with pooling two, has left at their workplaces."""
    for item in range(facts[facts[DESK] + person], facts[facts[DESK] + person + 1]):
        workplace = facts[facts[DESK_ITEM] + item]
        if facts[POOLED]:
            room = most_of_two(facts, state, workplace, period)
        else:
            room = most_left(facts, state, workplace, period)
        state[facts[S_ROOM] + workplace * facts[PERIODS] + period] = room


@compile_as(i8(FACTS, i8, i8))
def hours_with(facts, student, relief):
    """What the student needs of workplace supervisors with this relief; below 0 when it is not allowed."""
    return facts[facts[NEED] + 8 * student + (2 + relief if relief else 0)]


@compile_as(i8(FACTS, i8))
def overhead_of(facts, guide):
    """What a guide spends on a student on top of the hours given, since they are lent."""
    return facts[facts[MARK] + 4 * guide + 1]


@compile_as(i8(FACTS, STATE, i8))
def second_taken(facts, state, student):
    """What the second of a student's team gives, with the overhead: what the first leaves."""
    now = facts[S_NOW] + ROW * student
    given = state[now + 7] - overhead_of(facts, state[now + 1])
    return hours_with(facts, student, state[now + 4]) - given + overhead_of(facts, state[now + 6])


@compile_as(i8(FACTS, POINTS, i8, i8))
def team_cost(facts, prices, guide, second):
    """What a second guide adds to the cost of the first; lending and starters count once."""
    common = facts[facts[MARK] + 4 * guide] & facts[facts[MARK] + 4 * second]
    return facts[TEAM_COST] + prices[facts[P_GUIDE] + second] - prices[facts[P_MARK] + common]


@compile_as(i8(FACTS, POINTS, STATE, i8, TRIPLE, i8))
def use_guide(facts, prices, state, person, window, taken):
    """Take somebody's hours and a head in the periods of a set, or give them back; the load that this costs or saves."""
    first, last, sign = window
    cost = 0
    for item in range(first, last):
        period = facts[facts[SET_ITEM] + item]
        at = person * facts[PERIODS] + period
        state[facts[S_HOURS] + at] -= sign * taken
        state[facts[S_HEADS] + at] -= sign
        refresh_room(facts, state, person, period)
        guided = state[facts[S_GUIDED] + at]
        state[facts[S_GUIDED] + at] = guided + sign
        cost += prices[facts[P_LOAD] + min(guided if sign > 0 else guided - 1, facts[LOADS] - 1)]
    return cost


@compile_as(i8(FACTS, STATE, i8))
def excess(facts, state, at):
    """By how many students more are helped at a site in a period than its seniors may help."""
    return max(0, state[facts[S_HELPED] + at] - facts[PER_SENIOR] * state[facts[S_SENIORS] + at])


@compile_as(void(FACTS, STATE, POINTS, i8, i8, TRIPLE))
def join(facts, state, totals, student, site, window):
    """Count a student among the peers, the helped and the seniors of a site, or no longer."""
    first, last, sign = window
    relief, is_senior = state[facts[S_NOW] + ROW * student + 4], facts[facts[NEED] + 8 * student + 6]
    for item in range(first, last):
        at = site * facts[PERIODS] + facts[facts[SET_ITEM] + item]
        if relief == PEER:
            number = state[facts[S_PEERS] + at]
            state[facts[S_PEERS] + at] = number + sign
            totals[SHORT] += lack(number + sign, facts[GROUP_SIZE]) - lack(number, facts[GROUP_SIZE])
        if relief == SENIOR or is_senior:
            before = excess(facts, state, at)
            state[facts[S_HELPED] + at] += sign * (relief == SENIOR)
            state[facts[S_SENIORS] + at] += sign * is_senior
            totals[SHORT] += excess(facts, state, at) - before
