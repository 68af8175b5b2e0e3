"""The parts of Leerplek that have pages, and which of them somebody may go to: one sign-in leads to all of these."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.security.roles import PersonRole, Position


class Place(StrEnum):
    """A part with pages of its own; the value stands in addresses."""

    PORTAL = "portaal"
    INSTITUTES = "opleidingen"
    MESSAGES = "berichten"


@dataclass(frozen=True, slots=True)
class Way:
    """A link to a part: what it is called for whoever looks, and whether they are there now."""

    word: str
    address: str
    is_here: bool


_MESSAGES = {Place.MESSAGES: "Meldingen"}
_WORDS: Mapping[PersonRole, Mapping[Place, str]] = {
    PersonRole.SCHOOL_TRAINER: {Place.PORTAL: "School", **_MESSAGES},
    PersonRole.BOARD: {Place.PORTAL: "Scholen"},
    PersonRole.INSTITUTE_COORDINATOR: {Place.INSTITUTES: "Studenten", **_MESSAGES},
    PersonRole.PROGRAMME_MANAGER: {Place.PORTAL: "Regio", **_MESSAGES},
    PersonRole.OPERATOR: {Place.PORTAL: "Scholen", Place.INSTITUTES: "Opleidingen", **_MESSAGES},
}


def ways_of(position: Position, there: Collection[Place], here: Place, portal: str) -> tuple[Way, ...]:
    """The parts that somebody may go to, of those that are `there`; `portal` is the address where people sign in, which knows them all."""
    known = {Place.PORTAL, *there}
    return tuple(
        Way(word, f"{portal}/naar/{place}", place is here)
        for place, word in _WORDS[position.role].items()
        if place in known
    )
