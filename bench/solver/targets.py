"""What we want to reach (the first table of the design's "speed to reach"), and whether these traces reached it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.answering import ENGINE
from bench.solver.methods import BY_DATE, BY_SCARCITY, CP_SAT, OURS
from bench.solver.trace import Case, Sample, Trace

ALL_FAMILIES = "every family"
LARGE, SMALL = 2_000, 300
"""The sizes for which targets are set."""
ENOUGH_EVENTS = 200
LONG_SEARCH_S = 600
"""The best known is the best plan of so long a search on the same file."""


@dataclass(frozen=True, slots=True)
class Known:
    """The traces of one region by method, and the best plan that anybody ever found for it."""

    case: Case
    traces: Mapping[str, Trace]
    best: int
    searched_s: float
    """The longest that our solver was ever given for it."""

    def ours(self, seconds: float) -> Sample:
        """What our solver knew then."""
        return self.traces[OURS].at(seconds)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target, whether it was reached (None: not measured), and the figures that say so."""

    case: Case
    level: str
    target: str
    is_reached: bool | None
    found: str


Judge = Callable[[Known], tuple[bool | None, str]]


@dataclass(frozen=True, slots=True)
class Target:
    """One cell of the table: for which family, must or aim, in words, and how it is judged."""

    family: str
    level: str
    words: str
    judge: Judge


def _by(seconds: float, reaches: Callable[[Known, Sample], tuple[bool, str]]) -> Judge:
    """Judged at a moment; what is reached before counts, what was not given the time is not measured."""

    def judge(known: Known) -> tuple[bool | None, str]:
        trace = known.traces[OURS]
        reached, found = reaches(known, trace.at(seconds))
        return (reached, found) if reached or trace.ran(seconds) else (None, f"{found}; not given the time")

    return judge


def gap(most: float, seconds: float) -> Judge:
    """The proven gap is at most this."""

    def reaches(_: Known, at: Sample) -> tuple[bool, str]:
        found = at.gap
        return (False, "no plan and bound") if found is None else (found <= most, f"gap {found:.2%}")

    return _by(seconds, reaches)


def near_best(most: float, seconds: float) -> Judge:
    """The plan costs at most this part more than the best known, which means little before a long search was kept."""

    def judge(known: Known) -> tuple[bool | None, str]:
        at = known.ours(seconds)
        if at.value is None:
            return (False if known.traces[OURS].ran(seconds) else None), "no plan"
        above = (at.value - known.best) / max(1, known.best)
        found = f"{above:.1%} above {known.best / 1000:,.0f}k"
        if not known.traces[OURS].ran(seconds):
            return None, f"{found}; not given the time"
        if above <= most and known.searched_s < LONG_SEARCH_S:
            return None, f"{found}, found in {known.searched_s:.0f} s: keep a run with --marks {LONG_SEARCH_S} first"
        return above <= most, found

    return judge


def left_above_bound(most: int, seconds: float) -> Judge:
    """So many students more are left out than must be."""

    def reaches(_: Known, at: Sample) -> tuple[bool, str]:
        if at.unplaced is None:
            return False, "no plan"
        bound = at.unplaced_bound or 0
        return at.unplaced <= bound + most, f"{at.unplaced} unplaced, at least {bound}"

    return _by(seconds, reaches)


def left_out(part: float, seconds: float) -> Judge:
    """At most this part of the students is left out."""

    def reaches(known: Known, at: Sample) -> tuple[bool, str]:
        if at.unplaced is None:
            return False, "no plan"
        return at.unplaced <= part * known.case.students, f"{at.unplaced} of {known.case.students}"

    return _by(seconds, reaches)


def proven(seconds: float) -> Judge:
    """No plan is cheaper, and that is proven."""
    return _by(seconds, lambda _, at: (at.is_proven, f"gap {at.gap:.3%}" if at.gap is not None else "no plan"))


def beats_greedy(known: Known) -> tuple[bool | None, str]:
    """After a second the plan is better than both greedy ones."""
    ours, greedy = known.ours(1.0).value, [known.traces[one].last.value for one in (BY_DATE, BY_SCARCITY)]
    found = [one for one in greedy if one is not None]
    if ours is None or not found:
        return (False, "no plan") if found else (None, "greedy was not run")
    return ours < min(found) or known.ours(1.0).is_proven, f"{ours / 1000:,.0f}k against {min(found) / 1000:,.0f}k"


def beats_cp_sat(known: Known) -> tuple[bool | None, str]:
    """After 20 s the plan is at least as good as that of CP-SAT on the whole model in all the time that it had."""
    ours, trace = known.ours(20.0).value, known.traces[CP_SAT]
    theirs = trace.last.value
    shown = "no plan" if theirs is None else f"{theirs / 1000:,.0f}k"
    found = f"{(ours or 0) / 1000:,.0f}k against {shown} ({trace.ended})"
    if ours is None or not known.traces[OURS].ran(20.0) or not (trace.ran(120.0) or trace.seconds is None):
        return None, f"{found}; not given the time"
    return theirs is None or ours <= theirs, found


def events_within(median_s: float | None, p99_s: float) -> Judge:
    """An event is answered so fast."""

    def judge(known: Known) -> tuple[bool | None, str]:
        chain = _chain(known)
        if chain is None:
            return None, "not run"
        found = f"median {1000 * chain['median_s']:.1f} ms, p99 {1000 * chain['p99_s']:.0f} ms"
        return chain["p99_s"] <= p99_s and (median_s is None or chain["median_s"] <= median_s), found

    return judge


def moved_per_lost(most: float) -> Judge:
    """So few who had not lost their place are moved, for each place lost."""

    def judge(known: Known) -> tuple[bool | None, str]:
        chain = _chain(known)
        if chain is None or not chain["lost"]:
            return None, "not run" if chain is None else "no place was lost"
        moved, lost = chain["moved"], chain["lost"]
        return moved <= most * lost, f"{moved} moved, {lost} places lost"

    return judge


def drift(most: float) -> Judge:
    """After many repairs a fresh solve would hardly be better."""

    def judge(known: Known) -> tuple[bool | None, str]:
        chain = _chain(known)
        if chain is None:
            return None, "not run"
        found = f"{chain['drift']:.2%} above, after {chain['events']} events"
        enough = chain["events"] >= ENOUGH_EVENTS and known.traces[OURS].ran(60.0)
        return (chain["drift"] <= most, found) if enough else (None, f"{found}: too few or too short")

    return judge


def _chain(known: Known) -> Mapping[str, float] | None:
    """What the engine made of the events, as in the running matcher."""
    trace = known.traces.get(ENGINE)
    return None if trace is None else trace.chain


TARGETS: Mapping[int, Sequence[Target]] = {
    LARGE: (
        Target(ALL_FAMILIES, "must", "better than both greedy plans within 1 s", beats_greedy),
        Target(ALL_FAMILIES, "must", "at 20 s as good as CP-SAT on the whole model after 120 s", beats_cp_sat),
        Target("seats", "must", "gap at most 0.3 % in 10 s", gap(0.003, 10)),
        Target("seats", "aim", "gap at most 0.1 % in 4 s", gap(0.001, 4)),
        Target("hours", "must", "within 8 % of the best known after 20 s", near_best(0.08, 20)),
        Target("hours", "must", "within 2 % of the best known after 120 s", near_best(0.02, 120)),
        Target("hours", "must", "gap at most 20 % in 120 s", gap(0.20, 120)),
        Target("hours", "aim", "gap at most 8 % in 60 s", gap(0.08, 60)),
        Target("trainers", "must", "within 15 % of the best known after 20 s", near_best(0.15, 20)),
        Target("trainers", "must", "within 5 % of the best known after 120 s", near_best(0.05, 120)),
        Target("trainers", "must", "gap at most 40 % in 120 s", gap(0.40, 120)),
        Target("trainers", "aim", "gap at most 10 % in 60 s", gap(0.10, 60)),
        Target("periods", "must", "unplaced at most 2 above the bound in 60 s", left_above_bound(2, 60)),
        Target("periods", "aim", "gap at most 0.5 % in 20 s", gap(0.005, 20)),
        Target("incremental", "must", "gap at most 1.5 % in 60 s", gap(0.015, 60)),
        Target("incremental", "aim", "gap at most 0.3 % in 20 s", gap(0.003, 20)),
        Target("levers", "must", "unplaced at most 1 % in 120 s", left_out(0.01, 120)),
        Target("levers", "aim", "unplaced at most 3 above the bound in 60 s", left_above_bound(3, 60)),
        Target("incremental", "must", "an event: median 5 ms, p99 150 ms", events_within(0.005, 0.150)),
        Target("incremental", "aim", "an event: p99 50 ms", events_within(None, 0.050)),
        Target("incremental", "must", "moved at most 0.7 for each place lost", moved_per_lost(0.7)),
        Target("incremental", "aim", "moved at most 0.3 for each place lost", moved_per_lost(0.3)),
        Target("incremental", "must", "after 200 events at most 1 % above a fresh solve", drift(0.01)),
        Target("incremental", "aim", "after 200 events at most 0.2 % above a fresh solve", drift(0.002)),
    ),
    SMALL: (
        Target(ALL_FAMILIES, "must", "gap at most 1 % in 60 s", gap(0.01, 60)),
        Target(ALL_FAMILIES, "aim", "proven optimum in 60 s", proven(60)),
    ),
}


def verdicts(known: Sequence[Known]) -> Iterator[Verdict]:
    """Each target for each region that it is about, in the order of the table."""
    for size, targets in TARGETS.items():
        for target in targets:
            for one in known:
                if one.case.students == size and target.family in (ALL_FAMILIES, one.case.family):
                    reached, found = target.judge(one)
                    yield Verdict(one.case, target.level, target.words, reached, found)
