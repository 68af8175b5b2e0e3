"""A service that asks for tokens, and the keys to make them with."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import httpx

from shared.security.issuing import issue


class Opened(Protocol):
    """A service that can be spoken to."""

    @property
    def http(self) -> httpx.AsyncClient:
        """Speaks to it, as nobody."""
        ...


S = TypeVar("S", bound=Opened)


@dataclass
class Guarded(Generic[S]):
    """The service, its keys, and the scopes that it knows."""

    service: S
    keys: Path
    scopes: Collection[str]

    @property
    def http(self) -> httpx.AsyncClient:
        """Speaks to it, as nobody."""
        return self.service.http

    def token(self, org: str, *scopes: str) -> dict[str, str]:
        """A header for an organisation; without scopes, with all of them."""
        return {"Authorization": f"Bearer {issue(self.keys, org, scopes or self.scopes, 1)}"}
