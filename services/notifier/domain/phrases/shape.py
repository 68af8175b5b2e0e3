"""What a language must have to write every mail: one phrase book per language, alike down to the figures they name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from string import Formatter
from typing import Any

from services.notifier.domain.alerts import AlertKind, Level, News
from services.notifier.domain.contacts import Language, Role
from services.notifier.domain.doors import Behind


@dataclass(frozen=True, slots=True)
class Said:
    """Why something is so, and what can be done by the institute, or otherwise `at_school` and `in_region`.

    `measured` is a sentence with figures; it is left out when one of them is not known. `may_help` follows on `can` where nobody
    measured what helps: what was measured is told instead, and must not be contradicted.
    """

    why: str
    can: str
    at_school: str = ""
    in_region: str = ""
    measured: str = ""
    may_help: str = ""

    def can_for(self, role: Role, *, is_measured: bool = False) -> str:
        """What the one with this role can do; `is_measured`: by which measures is told beside it."""
        said = self._can(role)
        return f"{said} {self.may_help}" if said == self.can and self.may_help and not is_measured else said

    def _can(self, role: Role) -> str:
        if role in {Role.SCHOOL_TRAINER, Role.SCHOOL_LEADER} and self.at_school:
            return self.at_school
        return self.in_region if role is Role.PROGRAMME_MANAGER and self.in_region else self.can


@dataclass(frozen=True, slots=True)
class Counted:
    """A sentence for one and for several."""

    one: str
    several: str

    def of(self, count: int, **named: str) -> str:
        """The sentence for this many, with what else it names."""
        return (self.one if count == 1 else self.several).format(count=count, **named)


@dataclass(frozen=True, slots=True)
class Naming:
    """How things are called within a sentence."""

    roles: Mapping[Role, str]
    sectors: Mapping[str, str]
    tiers: Mapping[str, str]
    groups: Mapping[str, str]
    levers: Mapping[str, str]
    parties: Mapping[str, str]
    school: str
    school_in: str
    institute: str
    board: str
    region: Callable[[str], str]
    phase: Callable[[str], str]
    platform: str
    role_of: str
    student: str
    guide: str
    subject: str
    period: str
    period_from: str
    at: str
    was_at: str
    moved: str
    reported_by: str
    parked: str
    tier_concerned: str
    region_wide: str


@dataclass(frozen=True, slots=True)
class Framing:
    """The sentences around what is told: of every mail, and of the digest, the week and what was over the limit."""

    today: str
    before: str
    arrange: str
    preferably: str
    advice: str
    nothing_to_do: str
    you_reported: str
    preview: str
    levers: Counted
    levers_some: Counted
    helps_some: str
    also_asked: str
    number: str
    call: str
    call_by_mail: str
    name_and_role: str
    nobody_to_call: str
    questions: str
    the_role: str
    somebody: str
    somebody_of: str
    taken_on: str
    stands_in: str
    replaces: str
    escalated: str
    hides: Counted
    because: str
    and_last: str
    automatic: str
    news: Mapping[News, str]
    solved: str
    sections: Mapping[Level, str]
    section_solved: str
    and_more: Counted
    in_short: Counted
    page: str
    all_pages: str
    text_page: str
    text_all_pages: str
    doors: Mapping[Behind, str]
    whole: str
    answer: str
    answering: str
    calmer: str
    wishes: str
    finding_guide: str
    finding: Mapping[Role, str]
    meeting: str
    meeting_title: str
    meeting_about: str
    digest_subject: str
    digest_opening: Counted
    digest_urgent: Counted
    overflow_subject: str
    overflow_opening: Counted


@dataclass(frozen=True, slots=True)
class Weekly:
    """The words of a region's week."""

    subject: str
    opening: str
    counts: str
    count_columns: tuple[str, str, str, str]
    no_counts: str
    days: str
    days_told: str
    days_columns: tuple[str, str]
    weeks: str
    weeks_told: str
    weeks_columns: tuple[str, str]
    reasons: str
    reasons_told: str
    reasons_columns: tuple[str, str]
    nobody_waits: str
    shortages: str
    no_shortages: str
    oldest: str
    since: str
    unacknowledged: Counted
    gaps: Counted
    mails: Counted
    see_table: str
    short_reasons: Mapping[str, str]
    weekdays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parting:
    """The words to an address that gets no more mails."""

    changed_subject: str
    changed: str
    removed_subject: str
    removed: str
    right: str
    wrong: str
    because: str


@dataclass(frozen=True, slots=True)
class Phrases:
    """A language: `said` by kind of alert and by what `Case.reason` names ("": whatever it is)."""

    language: Language
    date: Callable[[date], str]
    moment: Callable[[datetime], str]
    hours: Callable[[int], str]
    subjects: Mapping[AlertKind, str]
    openings: Mapping[AlertKind, Counted]
    lost_at_school: Mapping[bool, Counted]
    closings: Mapping[AlertKind, str]
    no_search: str
    some_search: str
    said: Mapping[AlertKind, Mapping[str, Said]]
    still_unplaced: str
    naming: Naming
    framing: Framing
    weekly: Weekly
    parting: Parting

    def measured(self, sentence: str, figures: Mapping[str, object]) -> str:
        """The sentence with its figures; empty when one is not known. `{x-qh:hours}` is a time, `{x:one|several}` a count."""
        try:
            return _Figures(self.hours).vformat(sentence, (), figures)
        except KeyError:
            return ""


class _Figures(Formatter):
    def __init__(self, hours: Callable[[int], str]) -> None:
        self._hours = hours

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "hours":
            return self._hours(value)
        if "|" in format_spec:
            one, several = format_spec.split("|")
            return f"{value} {one if value == 1 else several}"
        return str(value)
