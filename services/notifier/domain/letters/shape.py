"""What a mail says, before it is laid out."""

from dataclasses import dataclass, replace
from enum import StrEnum

from services.notifier.domain.contacts import Language
from services.notifier.domain.doors import Door
from services.notifier.domain.letters.meetings import Meeting
from services.notifier.domain.mentions import Mention


class Tone(StrEnum):
    """How a section looks: from what cannot wait to what is over."""

    URGENT = "urgent"
    NOTE = "note"
    PLAIN = "plain"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Item:
    """One alert: what happened, why, what can be done, what would help, who else is asked, by when, whom to call (a mark, see `mentions`).

    `asks`: `can` is more than that there is nothing to do. `number` is the whole id of the student or supervisor, where there
    is one. `door` is where its reader acts on it; None where it is the letter's, or there is none.
    """

    what: str
    news: str = ""
    why: str = ""
    can: str = ""
    levers: str = ""
    also: str = ""
    by_when: str = ""
    call: str = ""
    number: str = ""
    asks: bool = False
    door: Door | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts of one kind: `items` in full, `more` in short, and how many are only counted; `call` when it is the same for all."""

    title: str = ""
    call: str = ""
    items: tuple[Item, ...] = ()
    more: tuple[Item, ...] = ()
    untold: int = 0

    def without_doors(self) -> "Group":
        """The same, with no page of its own for any item."""
        items, more = (tuple(replace(each, door=None) for each in told) for told in (self.items, self.more))
        return replace(self, items=items, more=more)

    def shortened(self) -> "Group":
        """With half of what is told in short, or in full when that is all there is."""
        if self.more:
            kept = len(self.more) // 2
            return replace(self, more=self.more[:kept], untold=self.untold + len(self.more) - kept)
        kept = len(self.items) // 2
        return replace(self, items=self.items[:kept], untold=self.untold + len(self.items) - kept)


@dataclass(frozen=True, slots=True)
class Section:
    """Groups that are equally urgent."""

    title: str
    tone: Tone
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers as a picture and as a table: `told` is what the picture shows, in a sentence. `is_series`: the rows are days in order."""

    title: str
    told: str
    columns: tuple[str, str]
    rows: tuple[tuple[str, int], ...]
    is_series: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers in rows; the first cell of each row says what they are of."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    told: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines under a title."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. `by_when` and `call` are set when they are the same for all; `notes` say why its reader gets it besides `because`.

    `finding` tells how to find out who a student is. What is said of persons is in `mentions`; marks stand for it elsewhere.
    `door` is where its reader acts, when it is the same for all. `signs_in`: its reader can open pages that ask who they are.
    Without `has_links` nothing in it can be acted on.
    """

    language: Language
    subject: str
    preheader: str
    opening: str
    notes: tuple[str, ...]
    by_when: str
    call: str
    sections: tuple[Section, ...]
    closing: str
    finding: str
    because: str
    mentions: tuple[Mention, ...]
    is_answerable: bool = False
    is_digest: bool = False
    door: Door | None = None
    signs_in: bool = True
    has_links: bool = True
    table: Table | None = None
    charts: tuple[Chart, ...] = ()
    listings: tuple[Listing, ...] = ()
    meetings: tuple[Meeting, ...] = ()

    @property
    def told(self) -> int:
        """How many alerts it tells of in full or in short."""
        return sum(len(group.items) + len(group.more) for section in self.sections for group in section.groups)

    def with_one_door(self) -> "Letter":
        """The same; where all its items are acted on at one page, that page is named once."""
        told = [item for section in self.sections for group in section.groups for item in (*group.items, *group.more)]
        doors = {item.door for item in told}
        if len(doors) != 1:
            return self
        sections = tuple(
            replace(section, groups=tuple(group.without_doors() for group in section.groups))
            for section in self.sections
        )
        return replace(self, door=doors.pop(), sections=sections)

    def shortened(self) -> "Letter":
        """The same with its longest group cut in half; what is left out is counted."""
        every = [group for section in self.sections for group in section.groups]
        longest = max(every, key=lambda group: len(group.items) + len(group.more))
        sections = tuple(
            replace(
                section,
                groups=tuple(group.shortened() if group is longest else group for group in section.groups),
            )
            for section in self.sections
        )
        return replace(self, sections=sections)
