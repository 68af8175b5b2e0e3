"""Rounds where trainers are scarce: some ninety students who share trainers, solved exactly for who is left out alone.

A trainer's hours hang on the sites that they go to, so one more student takes a rearrangement of many others: the twenty to
forty of a round over sites are too few for that, and the small costs only hide which rearrangements there are.
"""

import random
from collections import defaultdict
from collections.abc import Iterator

from services.matcher.adapters.solver.board import Board, Turn
from services.matcher.adapters.solver.repair import with_states
from services.matcher.adapters.solver.submodel import Aim, improve
from services.matcher.adapters.solver.valuation import groups_of
from services.matcher.domain.ids import SiteId, StudentId, SupervisorId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Plan
from services.matcher.domain.prices import break_cost

FREE, WAITING = 90, 6
"""Students of a round, and how many of them wait. With 60 a plan of 300 students went from 18 to 16 units of fifty thousand
in 40 s and stayed there, with 90 it went to 14 in 25 s."""
OF_ONE_SITE = 8
"""How many who share a trainer with a site's students are taken in for each site."""
EFFORT = 1.5
"""Deterministic time of a round; it takes half of that on average."""
TURN, LEAST = 3.0, 0.1
"""Deterministic time of a turn, and what a round counts for at least."""
HEAD_START = 2.0
"""What the first turn counts for, in which nothing is done: at first the others place more, and sooner."""
PART = 0.25
"""The part of its work that a turn counts for: later on the others find next to nothing."""


class TrainerRounds:
    """Looks for plans that leave out fewer, near one who waits after the other."""

    next_work = 0.0

    def take(self, board: Board, turn: Turn) -> float | None:
        """Offer each plan that leaves out fewer until the turn is spent; None where nobody waits."""
        if turn.number == 0:
            return HEAD_START
        ledger, draw = Ledger(board.atlas, board.best.placements), random.Random(turn.seed)
        spent = 0.0
        while spent < TURN and not board.should_stop():
            waiting = [one for one, places in board.places.items() if places and one not in ledger.placed]
            if not waiting:
                return None
            near = list(_near(board, ledger, draw.choice(waiting), draw))
            limits = SolveLimits(EFFORT, draw.randrange(2**30))
            free = {one: board.places[one] for one in near}
            outcome = improve(ledger, free, groups_of(board.atlas), limits, Aim.PRIMARY)
            spent += max(LEAST, outcome.deterministic_time)
            if outcome.placements is not None:
                placed = with_states(board.atlas, [ledger.placed[one] for one in sorted(ledger.placed)])
                board.offer(Plan(board.region.id, board.region.today, tuple(placed)), "trainers")
        return PART * spent


def _near(board: Board, ledger: Ledger, student: StudentId, draw: random.Random) -> Iterator[StudentId]:
    """The student, some who wait for the same sites, who is at these, and who shares a trainer with those; no promises."""
    atlas, places = board.atlas, board.places
    sites = sorted({place.site for place in places[student]})
    draw.shuffle(sites)
    at, guided = _placed(ledger)
    rivals = [one for one in places if one not in ledger.placed and {place.site for place in places[one]} & {*sites}]
    chosen = {student: None} | dict.fromkeys(draw.sample(rivals, min(len(rivals), WAITING)))
    for site in sites:
        here = at[site]
        trainers = {one for student in here for one in (ledger.placed[student].so, ledger.placed[student].io) if one}
        sharing = [one for trainer in sorted(trainers) for one in guided[trainer] if one not in chosen]
        draw.shuffle(sharing)
        chosen |= dict.fromkeys([*here, *sharing[:OF_ONE_SITE]])
    costs, held = atlas.region.settings.costs, atlas.held
    yield from [one for one in chosen if not break_cost(costs, held.get(one))][:FREE]


def _placed(ledger: Ledger) -> tuple[dict[SiteId, list[StudentId]], dict[SupervisorId, list[StudentId]]]:
    """Who is at each site, and whom each trainer guides."""
    at: dict[SiteId, list[StudentId]] = defaultdict(list)
    guided: dict[SupervisorId, list[StudentId]] = defaultdict(list)
    for student in sorted(ledger.placed):
        at[ledger.site_of[student]].append(student)
        for trainer in (ledger.placed[student].so, ledger.placed[student].io):
            if trainer is not None:
                guided[trainer].append(student)
    return at, guided
