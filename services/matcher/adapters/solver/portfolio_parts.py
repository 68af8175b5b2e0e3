"""What takes turns in a solve: annealing, exact rounds over a few sites, and CP-SAT on everybody at once."""

from services.matcher.adapters.solver.board import Board, Turn
from services.matcher.adapters.solver.compiled.search import BLOCK, COLD, HOT, REHEAT, EjectionSearch, fixed_of
from services.matcher.adapters.solver.compiled.tables import Tables, pooled_tables_of
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.greedy import complete
from services.matcher.adapters.solver.greedy_levers import complete_with_levers
from services.matcher.adapters.solver.repair import with_states
from services.matcher.adapters.solver.rounds import Rounds
from services.matcher.adapters.solver.submodel import Aim, improve
from services.matcher.adapters.solver.valuation import groups_of
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.levers import shares_guidance
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Plan

HEATS = (0.1, 0.02, 0.05, 0.01)
"""Where later turns of annealing begin, as parts of the price of one unplaced student. Measured from plans of ten seconds'
search: from 0.2 or more a turn mostly ends worse than it began, from these it gains something every time."""
COLD_HEATS, COLDEST = (0.0005, 0.0002, 0.0001), 0.00001
"""The same, and where they end, for turns about the small costs: travel, wishes, load and what levers cost. From hotter
ones a plan comes back dearer in these than it was (300 students, levers, everybody placed: 4,592 points, 3,794 from these)."""
HOTTEST = 1.0
"""Where students come and go freely."""
FIRST_TURNS = ((20_000, HOT, COLD), (2_000_000, HOTTEST, 0.01))
"""Steps, first and last heat of the first turns: the first only has to be quick, the other looks far. Measured (2,000 students, hours):
two million steps like that end lower than the first turns below, also from a plan that holds."""
FIRST_WITH_LEVERS = ((20_000, HOT, COLD), (500_000, HOT, COLD), (2_000_000, REHEAT, COLD))
"""The same where levers pool hours, since a step takes three times as long."""
COLD_TURN = 1
"""Which turn of each round is a short one about small costs."""
STEPS, LONGEST = 1_000_000, 8_000_000
"""Steps of the first round of later turns, one for each heat; each round takes twice as many, up to the longest."""
WORK_OF_A_STEP, WITH_MINIMUMS, POOLED = 8e-7, 1.6e-6, 2.8e-6
"""Measured: 0.9 to 1.4 million steps a second, half as many where sites ask a minimum of students, a third with levers."""
WORK_OF_A_ROUND = 0.01
"""What a round over sites counts for at least, since building it takes time too."""
ROUNDS_WITH_LEVERS = 2.5
"""Measured: seconds that rounds with levers take for each that they count, since their models are larger."""
ROUNDS_WORK = (1.0, 2.0)
"""Deterministic time of each turn of rounds over sites; the last is repeated."""
WHOLE_WORK = (0.3, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Deterministic time of each turn of the whole model; the last is repeated."""
GREEDY_TURNS = 2
"""Turns of rounds that begin by placing who waits as cheaply as fits; later on nobody fits that way."""
BETWEEN_OFFERS = 1.0
"""Deterministic time between two plans that are offered, since the checker looks at each."""


class Annealing:
    """The compiled ejection search, one annealing a turn from the best plan that anybody found."""

    next_work = 0.0

    def __init__(self) -> None:
        """The arrays are laid out at the first turn."""
        self._tables: Tables | None = None

    def take(self, board: Board, turn: Turn) -> float | None:
        """Offer the best plan of this annealing."""
        if self._tables is None:
            self._tables = pooled_tables_of(board.atlas)
        run = self._started(board, self._tables, turn.seed)
        points, (steps, heat, coldest) = board.region.settings.costs.unplaced, _schedule(board, turn.number)
        for done in range(0, steps, BLOCK):
            if board.should_stop():
                break
            run.run(min(BLOCK, steps - done), (done, steps), (heat * points, coldest * points))
        board.offer(Plan(board.region.id, board.region.today, tuple(run.placements())), "annealing")
        if self._tables.pooling is not None:
            return steps * POOLED
        has_minimums = any(site.min_students > 1 for site in board.region.sites.values())
        return steps * (WITH_MINIMUMS if has_minimums else WORK_OF_A_STEP)

    def _started(self, board: Board, tables: Tables, seed: int) -> EjectionSearch:
        """What the arrays do not know stays as it is."""
        held = board.best.by_student()
        stays = fixed_of(board.atlas, tables, board.best)
        fixed = Ledger(board.atlas, (held[name] for name in sorted(stays)))
        run = EjectionSearch(board.atlas, tables, fixed, set(board.region.students) - stays, seed)
        run.begin(one for name, one in sorted(held.items()) if name not in stays)
        return run


def _schedule(board: Board, number: int) -> tuple[int, float, float]:
    """Steps, first and last heat of a turn of annealing: from cold ones where no plan can place another student."""
    settings = board.region.settings
    first = FIRST_WITH_LEVERS if shares_guidance(settings) else FIRST_TURNS
    if number < len(first):
        return first[number]
    round_, place = divmod(number - len(first), len(HEATS) + 1)
    steps = min(LONGEST, STEPS * 2**round_)
    if board.value - board.bound < settings.costs.unplaced:
        return steps, COLD_HEATS[number % len(COLD_HEATS)], COLDEST
    if place == COLD_TURN:
        return steps // 2, COLD_HEATS[round_ % len(COLD_HEATS)], COLDEST
    return steps, HEATS[place - (place > COLD_TURN)], COLD


class SiteRounds:
    """Places who waits, then improves site by site with every lever that is on."""

    next_work = ROUNDS_WORK[0]

    def __init__(self) -> None:
        """What changes in no turn is worked out in the first."""
        self._rounds: Rounds | None = None

    def take(self, board: Board, turn: Turn) -> float | None:
        """Offer better plans until the turn is spent, a whole pass brings nothing, or the board says stop."""
        ledger, limit = Ledger(board.atlas, board.best.placements), _at(ROUNDS_WORK, turn.number)
        if turn.number < GREEDY_TURNS:
            complete(ledger, board.places)
            complete_with_levers(ledger, board.places)
            _offer(board, ledger, "greedy")
        limits = SolveLimits(1.0, turn.seed)
        if self._rounds is None:
            self._rounds = Rounds(ledger, board.places, groups_of(board.atlas), limits)
        else:
            self._rounds.begin(ledger, limits)
        spent, offered = 0.0, 0.0
        for outcome in self._rounds.run():
            spent += max(WORK_OF_A_ROUND, outcome.deterministic_time)
            if spent - offered >= BETWEEN_OFFERS:
                _offer(board, ledger, "rounds")
                offered = spent
            if spent >= limit or board.should_stop():
                break
        _offer(board, ledger, "rounds")
        has_levers = shares_guidance(board.region.settings)
        return max(spent, WORK_OF_A_ROUND) * (ROUNDS_WITH_LEVERS if has_levers else 1)


def _offer(board: Board, ledger: Ledger, stage: str) -> None:
    placed = [ledger.placed[student] for student in sorted(ledger.placed)]
    board.offer(Plan(board.region.id, board.region.today, tuple(with_states(ledger.atlas, placed))), stage)


class WholeModel:
    """CP-SAT on the whole region, longer every turn: a plan and a bound where the region is small enough."""

    next_work = 0.0

    def take(self, board: Board, turn: Turn) -> float | None:
        """Offer what the solver makes of the best plan, and its bound."""
        limits = SolveLimits(_at(WHOLE_WORK, turn.number), turn.seed)
        if turn.number > 0:
            return self._at_length(board, limits)
        found = CpSatSolver().solve(board.region, board.best, limits)
        board.offer(found, "cp-sat")
        if found.certificate is not None:
            board.prove(found.certificate.bound, found.certificate.unplaced_bound, "cp-sat")
        return limits.deterministic_time

    def _at_length(self, board: Board, limits: SolveLimits) -> float:
        ledger = Ledger(board.atlas, board.best.placements)
        outcome = improve(ledger, board.places, groups_of(board.atlas), limits, Aim.AT_LENGTH)
        _offer(board, ledger, "cp-sat")
        board.prove(outcome.bound, 0, "cp-sat")
        return outcome.deterministic_time


def _at(series: tuple[float, ...], number: int) -> float:
    return series[min(number, len(series) - 1)]
