"""Nobody looks at what the matcher does: for a replay, and for tests."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from services.matcher.domain.ids import RegionId
from services.matcher.ports import Commit, Handled, RegionState


class Unwatched:
    """Counts nothing and tells nothing."""

    @contextmanager
    def working(self) -> Iterator[None]:
        """Around the work on one batch."""
        yield

    def handled(self, batch: Handled) -> None:
        """A batch was kept."""

    def kept(self, commit: Commit, states: Mapping[RegionId, RegionState]) -> None:
        """Plans and facts are in the database."""

    def only(self, states: Collection[RegionState]) -> None:
        """These are the regions of this matcher from now on."""

    def waits_for_machine(self) -> None:
        """An event is tried again."""
