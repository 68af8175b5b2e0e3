"""What organisations are called."""

from collections.abc import Collection, Mapping
from typing import Protocol


class Organisations(Protocol):
    """Names of organisations, within one transaction."""

    async def called(self, codes: Collection[str]) -> Mapping[str, str]:
        """What these boards, institutes, sites and regions are called, as far as that is known."""
        ...

    async def name_organisation(self, code: str, name: str, was: str) -> bool:
        """Keeps what a board or institute is called, if it is called `was` until now; an empty name is none. False when it is not."""
        ...
