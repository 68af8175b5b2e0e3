"""What an organisation's sign-in tells of somebody, and what that makes them here, by rules that the operator writes."""

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from shared.errors import DomainError, Forbidden, Misconfigured
from shared.security.roles import PersonRole, Position

NOTHING_FITS = (
    "Uw organisatie heeft u aangemeld, maar gaf geen rol door die Leerplek kent. Vraag wie Leerplek bij u beheert om toegang. "
    "Er is niets van u bewaard."
)
LONGEST = 300
"""Longer values are not looked at."""


class ClaimRule(BaseModel):
    """Whoever has all these claims, each with a value that its pattern fits as a whole, is this of that organisation.

    Named groups of the patterns can be used in `org`: "{brin}".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: PersonRole
    org: str = ""
    when: dict[str, re.Pattern[str]] = Field(min_length=1)

    def positions(self, claims: Mapping[str, Any]) -> list[Position]:
        """What the rule makes of these claims, once for each combination of values that fits."""
        fitting = [
            [fits.groupdict() for value in _values(claims.get(name)) if (fits := pattern.fullmatch(value))]
            for name, pattern in self.when.items()
        ]
        found = []
        for groups in itertools.product(*fitting):
            named = {name: text or "" for each in groups for name, text in each.items()}
            try:
                found.append(Position(self.role, self.org.format(**named)))
            except DomainError:
                continue  # such as a school that the provider writes in another way: no position of ours
        return found


class ClaimMapping(BaseModel):
    """Where the name and address stand in the claims, and the rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "name"
    email: str = "email"
    rules: tuple[ClaimRule, ...] = Field(min_length=1)

    @field_validator("rules")
    @classmethod
    def _names_what_it_uses(cls, rules: tuple[ClaimRule, ...]) -> tuple[ClaimRule, ...]:
        for rule in rules:
            named = {name: "" for pattern in rule.when.values() for name in pattern.groupindex}
            try:
                rule.org.format(**named)
            except (KeyError, IndexError, ValueError) as wrong:
                raise ValueError(f"org {rule.org!r} names a group that no pattern has") from wrong
        return rules


DEFAULT = ClaimMapping(
    rules=(
        ClaimRule(
            role=PersonRole.SCHOOL_TRAINER,
            org="{org}",
            when={"leerplek": re.compile("school-trainer/(?P<org>[0-9A-Z]{4,6})")},
        ),
        ClaimRule(role=PersonRole.BOARD, org="{org}", when={"leerplek": re.compile(r"board/(?P<org>\d{5})")}),
        ClaimRule(
            role=PersonRole.INSTITUTE_COORDINATOR,
            org="{org}",
            when={"leerplek": re.compile("institute-coordinator/(?P<org>[0-9A-Z]{4})")},
        ),
        ClaimRule(
            role=PersonRole.PROGRAMME_MANAGER,
            org="{org}",
            when={"leerplek": re.compile("programme-manager/(?P<org>[A-Z0-9-]{2,32})")},
        ),
        ClaimRule(role=PersonRole.OPERATOR, when={"leerplek": re.compile("operator")}),
    )
)
"""For a provider that can be told to add a claim of ours, `leerplek`, with positions such as board/41234."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in at which provider, what they are called, and what they are."""

    issuer: str
    subject: str
    name: str
    email: str
    positions: tuple[Position, ...]


def identity_of(claims: Mapping[str, Any], mapping: ClaimMapping) -> Identity:
    """Who these checked claims are about; raises Forbidden when no rule fits."""
    positions = tuple(sorted({each for rule in mapping.rules for each in rule.positions(claims)}))
    if not positions:
        raise Forbidden("geen-toegang", NOTHING_FITS)
    name, email = (next(iter(_values(claims.get(where))), "") for where in (mapping.name, mapping.email))
    return Identity(str(claims["iss"]), str(claims["sub"]), name, email, positions)


def read_mapping(path: Path | None) -> ClaimMapping:
    """The rules in a file of JSON, those of our own claim where it is empty; raises Misconfigured."""
    if path is None:
        return DEFAULT
    try:
        text = path.read_text(encoding="utf-8")
        return ClaimMapping.model_validate(json.loads(text)) if text else DEFAULT
    except (OSError, ValueError, ValidationError) as wrong:
        told = wrong.errors()[0]["msg"] if isinstance(wrong, ValidationError) else type(wrong).__name__
        raise Misconfigured(f"{path} bevat geen regels voor het aanmelden: {told}") from wrong


def _values(claim: Any) -> Sequence[str]:
    """The values of a claim, which may be one or a list, short enough to be what we look for."""
    several = claim if isinstance(claim, list) else [claim]
    return [each for each in several if isinstance(each, str) and len(each) <= LONGEST]
