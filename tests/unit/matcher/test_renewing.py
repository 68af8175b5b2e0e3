"""Where improving finds nothing more the whole plan is sought anew: once, until enough has happened, and the same again in a replay."""

import pytest

from services.matcher.adapters.planning import Desk
from services.matcher.adapters.solver.engine.engine import Engine
from services.matcher.domain.changes import Change, Suggestion
from services.matcher.domain.region import Region
from services.matcher.ports import Again, Held, Step
from tests.support.regions import invented_region

FULL = invented_region(2, 80, 8, scarcity=1.4)
"""What a first plan in haste leaves can be better here."""
TURNS = 12


def looked_at(desk: Desk, stamp: int, turn: int) -> tuple[Suggestion | None, int]:
    """What a turn finds, adopted if it changes anything, and the stamp after it."""
    found = desk.suggest(FULL.id, turn)
    if found is not None and found.after:
        desk.take(Step(FULL.id, stamp, stamp + 1, found))
        stamp += 1
    return found, stamp


def begun(of: Region) -> Desk:
    desk = Desk()
    desk.begin(of.id, 0, Held(of))
    return desk


def test_a_renewal_comes_after_improving_pays_is_found_again_and_rests_until_something_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Engine, "suggest", lambda *_: None)  # no turn makes it better
    desk, stamp, turn = begun(FULL), 1, 0
    desk.take(Step(FULL.id, 0, 1, Change(whole=FULL)))
    kept, renewals, values = desk._kept[FULL.id], [], [desk._kept[FULL.id].engine.value]
    while kept.touched and turn < TURNS:
        before, is_due = kept.engine.region, kept.is_renewal_due
        found, stamp = looked_at(desk, stamp, turn)
        assert found is not None
        if found.is_renewal:
            renewals.append((before, turn, found))
        assert is_due or not found.is_renewal
        values.append(kept.engine.value)
        turn += 1
    assert values == sorted(values, reverse=True)
    [(before, number, found)] = renewals
    assert found.after
    assert begun(before).suggest_again(FULL.id, Again(number, 0, is_renewal=True)) == found

    due = [kept.is_renewal_due]
    for one in sorted(FULL.students)[:2]:
        desk.take(Step(FULL.id, stamp, stamp + 1, Change(students={one: None})))
        stamp += 1
    while not due[-1] and len(due) < TURNS:
        _, stamp = looked_at(desk, stamp, turn)
        turn += 1
        due.append(kept.is_renewal_due)
    assert due[0] is False
    assert due[-1] is True
