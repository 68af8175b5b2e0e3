"""The bodies of intake's requests and answers."""

from pydantic import Field

from services.intake.domain.decisions import Decision, Verdict
from services.intake.domain.imports import Import
from services.intake.domain.imports import Verdict as RowVerdictKind
from services.intake.domain.registrations import MismatchReport, Reference, Registration, RegistrationStatus
from services.intake.ports import Outcome, OutcomeState, Place, RegistrationFilter
from services.intake.ports.imports import Judged
from shared.contracts.vocabulary import (
    Contract,
    DeclineReason,
    EntityId,
    InstituteId,
    RegionId,
    Sequence,
)
from shared.web.paging import PageQuery


class RegistrationQuery(PageQuery):
    """Which registrations to list."""

    institute: InstituteId | None = Field(None, description="De opleiding die inschreef.")
    reference: Reference | None = Field(None, description="Het eigen kenmerk van de opleiding.")
    region: RegionId | None = Field(None, description="De regio waarin is ingeschreven.")
    status: RegistrationStatus | None = Field(None, description="Ingeschreven of ingetrokken.")

    def wanted(self) -> RegistrationFilter:
        """As the store knows it."""
        return RegistrationFilter(self.institute, self.reference, self.region, self.status)


class PlacementQuery(PageQuery):
    """Of which students to list what became of them."""

    institute: InstituteId | None = Field(None, description="De opleiding die inschreef.")
    reference: Reference | None = Field(None, description="Het eigen kenmerk van de opleiding.")
    region: RegionId | None = Field(None, description="De regio waarin is ingeschreven.")
    state: OutcomeState | None = Field(
        None,
        description="Hoe het ervoor staat: wacht nog op het plan, geplaatst, zonder plaats, afgelopen of ingetrokken.",
    )

    def wanted(self) -> RegistrationFilter:
        """As the store knows it."""
        return RegistrationFilter(self.institute, self.reference, self.region)


class MismatchQuery(PageQuery):
    """Which mismatch reports to list."""

    student: EntityId | None = Field(None, description="De student over wie het gaat.")


class DecisionBody(Contract):
    """What the institute decides; declining and asking for another place have a reason from the closed list."""

    decision: Verdict
    reason: DeclineReason | None = None
    offer: Sequence | None = Field(
        None, description="Het nummer van het aanbod van een andere plaats, als dit daarop antwoordt."
    )


def registration_body(registration: Registration, place: Place | None = None) -> dict[str, object]:
    """A registration as it is answered, with what the plan last said about the student."""
    body: dict[str, object] = {
        "id": registration.student.id,
        "region": registration.region,
        "reference": registration.reference,
        "status": registration.status,
        "sequence": registration.sequence,
        "student": registration.student.model_dump(mode="json"),
    }
    if place is not None:
        body["place"] = {"status": place.status, **place.body}
    return body


def kept_body(registration: Registration, doubt: str) -> dict[str, object]:
    """A registration as it is answered once it was made or changed; `doubt` is what to look at once more."""
    warnings = [{"pointer": "/subject", "detail": doubt}] if doubt else []
    return {**registration_body(registration), "warnings": warnings}


def placement_body(outcome: Outcome, answers: str | None) -> dict[str, object]:
    """What became of a student, another place that is looked for, and what the institute decided last.

    `answers` is where questions about the plan are answered.
    """
    held, place, switch, decision = outcome.registration, outcome.place, outcome.switch, outcome.decision
    student = held.student.id
    explanation = None if answers is None else f"{answers.rstrip('/')}/v1/students/{student}/explanation"
    return {
        "id": student,
        "student": student,
        "reference": held.reference,
        "region": held.region,
        "state": outcome.state,
        "place": None if place is None else {"status": place.status, **place.body},
        "switch": None if switch is None else {"status": switch.status, **switch.body},
        "decision": None if decision is None else decision_body(decision),
        "links": {"explanation": explanation},
    }


def decision_body(decision: Decision) -> dict[str, object]:
    """A decision as it is answered."""
    return {"decision": decision.verdict, **decision.event.model_dump(mode="json")}


def import_body(file: Import) -> dict[str, object]:
    """A file as it is answered."""
    return {
        "id": file.id,
        "kind": file.kind,
        "region": file.region,
        "status": file.status,
        "rows": file.rows,
        "done": file.done,
        "counts": {verdict.value: file.counts.get(verdict.value, 0) for verdict in RowVerdictKind},
        "warnings": file.doubted,
        "cleared": file.cleared,
        "created_at": file.created_at.isoformat(),
        "finished_at": None if file.finished_at is None else file.finished_at.isoformat(),
    }


def judged_body(row: Judged) -> dict[str, object]:
    """What became of a row, as it is answered."""
    told = row.verdict
    errors = [{"column": column or None, "detail": detail} for column, detail in told.wrong]
    warnings = [] if told.doubt is None else [{"column": told.doubt[0], "detail": told.doubt[1]}]
    return {
        "row": told.line,
        "verdict": told.verdict,
        "student": told.student,
        "errors": errors,
        "warnings": warnings,
    }


def mismatch_body(report: MismatchReport) -> dict[str, object]:
    """A mismatch report as it is answered."""
    return {
        **report.mismatch.model_dump(mode="json"),
        "region": report.region,
        "status": "open" if report.is_open else "withdrawn",
        "sequence": report.sequence,
    }
