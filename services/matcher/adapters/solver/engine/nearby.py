"""Who is near an event: those who hold what the students that it is about could use, and those who wait for it."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from services.matcher.adapters.solver.compiled.indexing import hashes_of
from services.matcher.adapters.solver.engine.blocks import Blocks, Numbers
from services.matcher.domain.ids import StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Placement

GUIDE, WORKPLACE, TRAINER = 4, 3, 1
COLUMNS = 4
FIRST_SIZE = 256


class Roster:
    """Who holds what, in columns: workplace, guide, school trainer, institute trainer."""

    def __init__(self, blocks: Blocks, seed: int) -> None:
        """Nobody is placed."""
        self._blocks, self._seed = blocks, seed
        self._students: Numbers[StudentId] = Numbers()
        self._held = np.full((FIRST_SIZE, COLUMNS), -1, dtype=np.int32)
        self._hash = np.zeros(FIRST_SIZE, dtype=np.uint64)

    def note(self, student: StudentId, placement: Placement | None) -> None:
        """What a student has now. Who cannot be moved by a search, as in a team, is noted as having nothing."""
        is_new = student not in self._students.of
        row = self._students[student]
        if row >= len(self._held):
            self._held = np.concatenate([self._held, np.full_like(self._held, -1)])
            self._hash = np.concatenate([self._hash, np.zeros_like(self._hash)])
        if is_new:
            self._hash[row] = hashes_of(self._seed, [student])[0]
        blocks = self._blocks
        if placement is None:
            self._held[row] = -1
            return
        trainers = (-1 if one is None else blocks.people[one] for one in (placement.so, placement.io))
        self._held[row] = (
            blocks.workplaces[placement.workplace],
            blocks.people[placement.wpb[0].supervisor],
            *trainers,
        )

    def holders(self, students: Iterable[StudentId], most: int) -> list[StudentId]:
        """Those who hold most of what these students could use, most first, ties by hash."""
        of_workplace = np.zeros(len(self._blocks.workplaces.names) + 1, dtype=np.int32)
        of_person = np.zeros(len(self._blocks.people.names) + 1, dtype=np.int32)
        for one in students:
            block = self._blocks.of(one)
            of_workplace = _longer(of_workplace, len(self._blocks.workplaces.names) + 1)
            of_person = _longer(of_person, len(self._blocks.people.names) + 1)
            of_workplace[block.workplaces] += WORKPLACE
            of_person[block.guides] += GUIDE
            of_person[block.trainers] += TRAINER
        of_workplace[-1] = of_person[-1] = 0  # nothing held
        held = self._held[: len(self._students.names)]
        score = of_workplace[held[:, 0]] + of_person[held[:, 1:]].sum(axis=1)
        found = np.nonzero(score)[0]
        order = np.lexsort((self._hash[found], -score[found]))[:most]
        return [self._students.names[one] for one in found[order]]


def _longer(items: np.ndarray[tuple[int], np.dtype[np.int32]], size: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """With nothing for what was named since."""
    return items if len(items) >= size else np.concatenate([items, np.zeros(size - len(items), dtype=np.int32)])


def who_could_use(
    blocks: Blocks, waiting: Sequence[StudentId], people: Collection[SupervisorId], workplaces: Collection[WorkplaceId]
) -> list[StudentId]:
    """Those of the waiting for whom one of these people or workplaces would do."""
    persons = {blocks.people[one] for one in people}
    places = {blocks.workplaces[one] for one in workplaces}
    found = []
    for one in waiting:
        block = blocks.of(one)
        if not block.people.isdisjoint(persons) or not block.desks.isdisjoint(places):
            found.append(one)
    return found
