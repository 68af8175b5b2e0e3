"""A better plan of the whole as a suggestion, and what of one still fits when it comes to be adopted."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from services.matcher.adapters.solver.engine.adopting import Trial
from services.matcher.adapters.solver.engine.answers import Answer, Moved
from services.matcher.adapters.solver.engine.proof import Proof
from services.matcher.adapters.solver.engine.state import State, places_for
from services.matcher.adapters.solver.repair import book_allowed
from services.matcher.adapters.solver.submodel import improve
from services.matcher.adapters.solver.valuation import groups_of
from services.matcher.domain.changes import Suggestion
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.ids import StudentId
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Placement, Plan

MENDED = 2
"""So many whose place has gone to somebody else by a suggestion get another one, by an exact model each, while an event may wait."""
MENDED_WITH = 20
"""Students who may move for one of them."""
MENDED_TIME = 0.05


def suggested(state: State, search: Callable[[State], None]) -> Suggestion | None:
    """What a search in the ledger finds, judged as a whole by the checker; the state is left as it was."""
    trial = Trial(state)
    before = trial.parts(())
    search(state)
    is_allowed = trial.seat(state.region.students)
    parts = trial.parts(trial.changed)
    put_out = trial.known.keys() - state.ledger.placed.keys()
    found = None
    if is_allowed and trial.changed and _is_better(parts, before, put_out) and _is_so(state, trial, parts):
        changed = sorted(trial.changed)
        was = {one: trial.known.get(one) for one in changed}
        found = Suggestion(was, {one: state.ledger.placed.get(one) for one in changed})
    trial.take_back()
    return found


def _is_so(state: State, trial: Trial, parts: Mapping[str, int]) -> bool:
    """The checker, asked about the whole plan, finds nothing and the same cost."""
    placed = state.ledger.placed
    region = replace(state.region, placements=tuple(trial.known[one] for one in sorted(trial.known)))
    plan = Plan(region.id, region.today, tuple(placed[one] for one in sorted(placed)))
    return not check(region, plan) and cost_parts(region, plan) == parts


def _is_better(parts: Mapping[str, int], before: Mapping[str, int], put_out: Collection[StudentId]) -> bool:
    firm = [one["unplaced"] + one["promises"] for one in (parts, before)]
    return sum(parts.values()) < sum(before.values()) and (not put_out or firm[0] < firm[1])


class Adoption:
    """One suggestion, taken over as far as it still fits: all of it at once, else each of its parts that shares nothing with others."""

    def __init__(self, state: State, proof: Proof) -> None:
        """Nothing is adopted yet."""
        self._state, self._proof = state, proof
        self._moves: list[Moved] = []
        self._paid = Counter[str]()

    def answer(self, suggestion: Suggestion) -> tuple[Answer | None, Proof]:
        """What was adopted, None when nothing was, and what is then proven."""
        before = sum(self._state.tally.parts().values())
        whole = sorted(suggestion.after)
        if not self._take(suggestion, whole):
            parts = _apart(suggestion)
            for part in parts if len(parts) > 1 else ():
                self._take(suggestion, part)
        if not self._moves:
            return None, self._proof
        state = self._state
        tally = state.tally.parts()
        as_it_stands = sum(tally.values())
        certificate = self._proof.certificate(
            tally | {name: tally[name] + points for name, points in self._paid.items()}
        )
        put_out = state.reasons(one.student for one in self._moves if one.after is None)
        return Answer(self._moves, certificate, before, as_it_stands - before, put_out), self._proof

    def _take(self, suggestion: Suggestion, students: Sequence[StudentId]) -> bool:
        """Adopt what is suggested for these students, as far as it is news and fits, if what comes of it is allowed and better."""
        state = self._state
        as_before = [
            one for one in students if one in state.region.students and state.held.get(one) == suggestion.before[one]
        ]
        if not as_before:
            return False
        trial = Trial(state)
        before = trial.parts(())
        is_allowed = trial.seat(_book(state, trial, {one: suggestion.after[one] for one in as_before}))
        parts = trial.parts(trial.changed)
        put_out = [one for one in trial.changed if one in trial.known and one not in state.ledger.placed]
        if not is_allowed or not _is_better(parts, before, put_out):
            trial.take_back()
            return False
        moves = trial.moves(trial.changed, {}, {})
        self._proof = self._proof.without_promises(state.atlas, trial.changed)
        self._paid.update(promises=parts["promises"], moves=parts["moves"])
        trial.adopt(moves)
        self._moves += moves
        return True


def _book(state: State, trial: Trial, suggested: Mapping[StudentId, Placement | None]) -> set[StudentId]:
    """Book what is suggested as far as it fits by now, whoever gets nothing of it as before, and whose place before has gone
    to somebody else by an exact model; whoever may differ."""
    ledger, seen = state.ledger, {*suggested}
    for one in suggested:
        if one in ledger.placed:
            ledger.remove(one)
    refused = book_allowed(ledger, [one for one in suggested.values() if one is not None])
    back = [trial.known[one.placement.student] for one in refused if one.placement.student in trial.known]
    for lost in book_allowed(ledger, back)[:MENDED]:
        student = lost.placement.student
        near = [one for one in state.roster.holders([student], MENDED_WITH) if one != student and one in ledger.placed]
        improve(ledger, places_for(state, [student, *near]), groups_of(state.atlas), SolveLimits(MENDED_TIME))
        seen.update(near)
    return seen


def _apart(suggestion: Suggestion) -> list[list[StudentId]]:
    """The students of a suggestion in parts that use nobody and nothing together, before or after."""
    users: dict[str, list[StudentId]] = defaultdict(list)
    for one in sorted(suggestion.after):
        for held in (suggestion.before[one], suggestion.after[one]):
            for name in _used(held) if held is not None else ():
                users[name].append(one)
    links: dict[StudentId, set[StudentId]] = {one: set() for one in suggestion.after}
    for together in users.values():
        for one in together:
            links[one].update(together)
    parts, seen = [], set[StudentId]()
    for one in sorted(links):
        if one not in seen:
            part = sorted(_reached(links, one))
            seen.update(part)
            parts.append(part)
    return parts


def _used(held: Placement) -> Iterator[str]:
    yield f"w/{held.workplace}"
    yield from (f"p/{share.supervisor}" for share in held.wpb)
    yield from (f"p/{one}" for one in (held.so, held.io) if one is not None)
    if held.duo_with is not None:
        yield f"d/{min(held.student, held.duo_with)}"


def _reached(links: Mapping[StudentId, set[StudentId]], first: StudentId) -> set[StudentId]:
    found, ahead = {first}, [first]
    while ahead:
        news = links[ahead.pop()] - found
        found |= news
        ahead += news
    return found
