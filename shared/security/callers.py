"""Who asks, for whom, and what for; free of how that was found out, so that a domain can decide on it."""

from dataclasses import dataclass
from enum import StrEnum

from shared.errors import Forbidden


class Role(StrEnum):
    """What kind of organisation asks: whoever runs Leerplek, a region, an institute, or a school with all its sites."""

    OPERATOR = "operator"
    REGION = "region"
    INSTITUTE = "institute"
    SCHOOL = "school"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and for what their token is good; `org` is the id of the region, institute or school, empty for an operator."""

    role: Role
    org: str
    scopes: frozenset[str]

    @property
    def name(self) -> str:
        """As `org` in a token writes it, such as institute/01VU: for the audit, and to tell one organisation's keys from another's."""
        return f"{self.role}/{self.org}" if self.org else str(self.role)

    def must_have(self, scope: str) -> None:
        """Raises Forbidden without this scope."""
        if scope not in self.scopes:
            raise Forbidden("scope-ontbreekt", f"Uw token geldt hier niet voor. Vraag een token met scope {scope}.")
