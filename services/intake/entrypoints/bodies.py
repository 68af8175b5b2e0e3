"""The bodies of intake's requests and answers."""

from typing import Annotated, Literal

from pydantic import Field

from services.intake.domain import MismatchReport, Registration, RegistrationStatus
from services.intake.ports import Place, RegistrationFilter
from shared.contracts.registrations import Student, StudentNeeds
from shared.contracts.vocabulary import Contract, Day, EntityId, InstituteId, MismatchKind, RegionId
from shared.web.paging import PageQuery

Reference = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.:/-]*$")]


class NewRegistration(StudentNeeds):
    """A student to be registered; `reference` is the institute's own, to find the student again."""

    region: RegionId
    reference: Reference | None = None


class RegistrationQuery(PageQuery):
    """Which registrations to list."""

    institute: InstituteId | None = Field(None, description="De opleiding die inschreef.")
    reference: Reference | None = Field(None, description="Het eigen kenmerk van de opleiding.")
    region: RegionId | None = Field(None, description="De regio waarin is ingeschreven.")
    status: RegistrationStatus | None = Field(None, description="Ingeschreven of ingetrokken.")

    def wanted(self) -> RegistrationFilter:
        """As the store knows it."""
        return RegistrationFilter(self.institute, self.reference, self.region, self.status)


class MismatchQuery(PageQuery):
    """Which mismatch reports to list."""

    student: EntityId | None = Field(None, description="De student over wie het gaat.")


class NewMismatch(Contract):
    """What does not fit, for which student; no free text, so nothing personal is written down."""

    student: EntityId
    kind: MismatchKind
    reported_by: Literal["institute", "school"] = "institute"
    reported_on: Day | None = None


def student_of(identifier: str, needs: StudentNeeds) -> Student:
    """The student with this id and these needs."""
    fields = {name: getattr(needs, name) for name in StudentNeeds.model_fields}
    return Student(id=identifier, **fields)


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


def mismatch_body(report: MismatchReport) -> dict[str, object]:
    """A mismatch report as it is answered."""
    return {
        **report.mismatch.model_dump(mode="json"),
        "region": report.region,
        "status": "open" if report.is_open else "withdrawn",
        "sequence": report.sequence,
    }
