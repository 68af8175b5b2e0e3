"""Who asks, for whom, and what for; free of how that was found out, so that a domain can decide on it."""

from dataclasses import dataclass
from enum import StrEnum

from shared.errors import Forbidden

BOARD = "board"
"""What a token and the audit call a board, which sees and does what a school does, of all its sites."""


class Role(StrEnum):
    """What kind of organisation asks: whoever runs Leerplek, a region, an institute, or who has school sites: a school or a board."""

    OPERATOR = "operator"
    REGION = "region"
    INSTITUTE = "institute"
    SCHOOL = "school"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and for what their token is good; `org` is the id of the region, institute, school (BRIN) or board (five digits), empty for an operator."""

    role: Role
    org: str
    scopes: frozenset[str]

    @property
    def is_board(self) -> bool:
        """Whether it is a board: its sites are those that name it."""
        return self.role is Role.SCHOOL and self.org.isdecimal()

    @property
    def name(self) -> str:
        """As `org` in a token writes it, such as institute/01VU: for the audit, and to tell one organisation's keys from another's."""
        kind = BOARD if self.is_board else self.role
        return f"{kind}/{self.org}" if self.org else str(self.role)

    def must_have(self, scope: str) -> None:
        """Raises Forbidden without this scope."""
        if scope not in self.scopes:
            raise Forbidden("scope-ontbreekt", f"Uw token geldt hier niet voor. Vraag een token met scope {scope}.")
