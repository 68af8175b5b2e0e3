"""Facts as they arrive, in any order and however often, folded into what is known of a region."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar, cast

from services.matcher.domain import documents
from services.matcher.domain.facts import BOARD, Decision, Document, Fact, Mismatch, RegionFacts, Touched
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.region import Site
from shared.contracts.envelope import UnreadableEvent
from shared.contracts.region import LONGEST_LEAP

V = TypeVar("V")


class Folding:
    """The facts of a region while more are told: what changes is copied once, and the facts begun with stay as they were."""

    def __init__(self, facts: RegionFacts) -> None:
        """Begin with what is known."""
        self._facts = facts
        self._changed: dict[str, Any] = {}

    @property
    def facts(self) -> RegionFacts:
        """All that is known by now."""
        if self._changed:
            self._facts, self._changed = replace(self._facts, **self._changed), {}
        return self._facts

    def sequence_of(self, subject: str) -> int:
        """The last sequence that was told of this aggregate; 0 when it is unknown."""
        return int(self.known("sequences").get(subject, 0))

    def take(self, fact: Fact) -> Touched | None:
        """One more fact: what it touches, or None when it is not news. Raises RegionProblems when it cannot be read,
        UnreadableEvent when it cannot be true."""
        if not self._is_news(fact):
            return None
        touched = _FOLDS.get(fact.kind, _unused)(self, fact)
        self.put("sequences", fact.subject, fact.sequence)
        return touched

    def known(self, name: str) -> Any:
        """A field of the facts, as it is by now."""
        return self._changed.get(name, getattr(self._facts, name))

    def say(self, **fields: object) -> None:
        """Fields that are told as a whole."""
        self._changed.update(fields)

    def put(self, name: str, key: str, thing: object) -> None:
        """One thing of many; None when it ended."""
        if name not in self._changed:
            self._changed[name] = {**getattr(self._facts, name)}
        if thing is None:
            self._changed[name].pop(key, None)
        else:
            self._changed[name][key] = thing

    def _is_news(self, fact: Fact) -> bool:
        """A later sequence than was told of this aggregate; of days, which only go forward, a later day."""
        if fact.kind == "day":
            today = self.known("today")
            if fact.document is None:
                return False
            day = _day_in(fact.document)
            if today is not None and day > today + LONGEST_LEAP:
                raise UnreadableEvent(
                    f"a day begins that is more than {LONGEST_LEAP.days} days after the one before it"
                )
            return today is None or day > today
        return fact.sequence > self.sequence_of(fact.subject)


def fold(facts: RegionFacts, told: Iterable[Fact]) -> RegionFacts:
    """The facts with more; what is not newer changes nothing. Raises RegionProblems when one cannot be read."""
    folding = Folding(facts)
    for fact in told:
        folding.take(fact)
    return folding.facts


def _region(known: Folding, fact: Fact) -> Touched:
    if fact.document is None:
        known.say(settings=None)
    else:
        periods = [documents.period_from_document(period) for period in fact.document["periods"]]
        settings = documents.settings_from_document(fact.document["settings"])
        known.say(settings=settings, periods={period.id: period for period in periods})
    return Touched(everything=True)


def _day(known: Folding, fact: Fact) -> Touched:
    assert fact.document is not None, "a day that ended is no news"
    known.say(today=_day_in(fact.document))
    return Touched(everything=True)


def _day_in(document: Document) -> date:
    return date.fromisoformat(str(document["day"]))


def _site(known: Folding, fact: Fact) -> Touched:
    known.put("sites", fact.id, _read(fact, _site_in))
    return Touched(sites=frozenset({SiteId(fact.id)}))


def _site_in(document: object) -> Site:
    """Which board it has matters to who asks about a plan, and not to the plan."""
    fields = cast("Document", document)
    return documents.site_from_document({name: value for name, value in fields.items() if name != BOARD})


def _workplace(known: Folding, fact: Fact) -> Touched:
    known.put("workplaces", fact.id, _read(fact, documents.workplace_from_document))
    return Touched(workplaces=frozenset({WorkplaceId(fact.id)}))


def _supervisor(known: Folding, fact: Fact) -> Touched:
    known.put("supervisors", fact.id, _read(fact, documents.supervisor_from_document))
    return Touched(supervisors=frozenset({SupervisorId(fact.id)}))


def _student(known: Folding, fact: Fact) -> Touched:
    known.put("students", fact.id, _read(fact, documents.student_from_document))
    return Touched(students=frozenset({StudentId(fact.id)}))


def _read(fact: Fact, read: Callable[[object], V]) -> V | None:
    """What the document says, None when it ended."""
    return None if fact.document is None else read(fact.document)


def _school_decision(known: Folding, fact: Fact) -> Touched:
    known.put("school_decisions", fact.id, _decision(fact))
    return Touched(students=frozenset({StudentId(fact.id)}))


def _institute_decision(known: Folding, fact: Fact) -> Touched:
    known.put("institute_decisions", fact.id, _decision(fact))
    return Touched(students=frozenset({StudentId(fact.id)}))


def _decision(fact: Fact) -> Decision:
    document = fact.document or {}
    return Decision(
        document.get("agrees"),
        WorkplaceId(str(document.get("workplace"))),
        frozenset(PeriodId(str(period)) for period in document.get("periods", ())),
        tuple(WorkplaceId(str(one)) for one in document.get("refused", ())),
        document.get("offer"),
        document.get("reason"),
    )


def _mismatch(known: Folding, fact: Fact) -> Touched:
    """Of a report that is over the student whom it was about is touched, if it was known."""
    had = known.known("mismatches").get(fact.id)
    told = None if fact.document is None else _mismatch_in(fact.id, fact.document)
    known.put("mismatches", fact.id, told)
    return Touched(students=frozenset(one.student for one in (had, told) if one is not None))


def _mismatch_in(name: str, document: Document) -> Mismatch:
    reported_on = date.fromisoformat(str(document["reported_on"]))
    return Mismatch(name, StudentId(str(document["student"])), str(document["kind"]), reported_on)


def _unused(_known: Folding, _fact: Fact) -> Touched:
    """A kind of fact that changes nothing here; it is kept."""
    return Touched()


_FOLDS: Mapping[str, Callable[[Folding, Fact], Touched]] = {
    "region": _region,
    "day": _day,
    "site": _site,
    "workplace": _workplace,
    "supervisor": _supervisor,
    "student": _student,
    "school-decision": _school_decision,
    "institute-decision": _institute_decision,
    "mismatch": _mismatch,
}
