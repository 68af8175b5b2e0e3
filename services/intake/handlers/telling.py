"""What an institute's system tells in events of its own: the state of a student, a mismatch, a decision, by its own reference."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

import uuid_utils
from pydantic import Field

from services.intake import handlers
from services.intake.domain.codes import InstituteCode, Own
from services.intake.domain.decisions import Verdict
from services.intake.domain.registrations import NewRegistration, Reference, Registration
from services.intake.handlers.importing import student_of
from services.intake.ports import Store
from shared.contracts.vocabulary import Contract, Day, DeclineReason, EntityId, MismatchKind, Sequence
from shared.errors import DomainError, NotFound

PREFIX, SUFFIX = "nl.leerplek.student.", ".v1"


class Told(Contract):
    """Which student it is about: by the number that Leerplek gave, or by how the institute calls them."""

    student: EntityId | None = None
    institute: InstituteCode | None = None
    reference: Annotated[Reference, Own] | None = None


class ToldRegistration(NewRegistration):
    """The student as they are now; the reference is needed, to find them again."""

    reference: Annotated[Reference, Own]


class ToldMismatch(Told):
    """What does not fit."""

    kind: MismatchKind
    reported_by: Literal["institute", "school"] = "institute"
    reported_on: Day | None = None


class ToldSolved(Contract):
    """Which report was solved, or made by mistake."""

    mismatch: EntityId


class ToldDecision(Told):
    """What the institute decided: about the place, or about the offer with this number."""

    reason: DeclineReason | None = None
    offer: Annotated[Sequence | None, Field(description="Het nummer van het aanbod, als het daarover gaat.")] = None


MODELS: Mapping[str, type[Contract]] = {
    "registered": ToldRegistration,
    "changed": ToldRegistration,
    "withdrawn": Told,
    "mismatch-reported": ToldMismatch,
    "mismatch-withdrawn": ToldSolved,
    "placement-confirmed": ToldDecision,
    "placement-declined": ToldDecision,
    "switch-requested": ToldDecision,
}
_VERDICTS: Mapping[str, Verdict] = {
    "placement-confirmed": "confirm",
    "placement-declined": "decline",
    "switch-requested": "switch",
}


def model_of(type_name: str) -> type[Contract]:
    """What an event of this type holds; raises DomainError for a type that nobody tells here."""
    model = MODELS.get(type_name.removeprefix(PREFIX).removesuffix(SUFFIX))
    if model is None or not (type_name.startswith(PREFIX) and type_name.endswith(SUFFIX)):
        known = ", ".join(f"{PREFIX}{name}{SUFFIX}" for name in MODELS)
        raise DomainError("onbekend-type", f"Dit type kennen we hier niet. Wel: {known}.", pointer="/type")
    return model


async def told(store: Store, type_name: str, data: Any, today: date) -> dict[str, object]:
    """Does what an event tells, and gives the ids it is about; raises ValidationError for data of another form."""
    content = model_of(type_name).model_validate(data)
    match content:
        case ToldRegistration():
            return {"student": (await _as_it_is_now(store, content)).student.id}
        case ToldSolved():
            report = await handlers.withdraw_mismatch(store, content.mismatch)
            return {"student": report.mismatch.student, "mismatch": report.mismatch.id}
        case ToldMismatch():
            student = await _student(store, content)
            reported = (content.reported_on or today, content.reported_by)
            mismatch = str(uuid_utils.uuid7())
            await handlers.report_mismatch(store, mismatch, student, content.kind, reported=reported)
            return {"student": student, "mismatch": mismatch}
        case ToldDecision():
            student = await _student(store, content)
            verdict = _VERDICTS[type_name.removeprefix(PREFIX).removesuffix(SUFFIX)]
            await handlers.decide(store, student, verdict, content.reason, content.offer)
            return {"student": student}
        case _:
            assert isinstance(content, Told)
            student = await _student(store, content)
            await handlers.withdraw_student(store, student, lambda _: None)
            return {"student": student}


async def _as_it_is_now(store: Store, asked: NewRegistration) -> Registration:
    """Registers or changes: whichever brings about what was told."""
    key = (asked.institute, str(asked.reference))
    held = (await store.by_reference({key})).get(key)
    if held is None:
        student = student_of(str(uuid_utils.uuid7()), asked)
        return await handlers.register_student(store, asked.region, student, asked.reference)
    if held.region != asked.region:
        detail = f"Deze student is ingeschreven in regio {held.region}. Trek die inschrijving eerst in."
        raise DomainError("andere-regio", detail, pointer="/data/region")
    return await handlers.change_student(store, student_of(held.student.id, asked), lambda _: None)


async def _student(store: Store, named: Told) -> str:
    if named.student is not None:
        return (await handlers.find_registration(store, named.student)).student.id
    institute = named.institute or store.own
    if institute is None or named.reference is None:
        raise DomainError(
            "student-ontbreekt", "Noem de student: met student, of met institute en reference.", pointer="/data"
        )
    found = (await store.by_reference({(institute, named.reference)})).get((institute, named.reference))
    if found is None:
        raise NotFound("onbekende-student", "Met dit kenmerk is niemand ingeschreven.", pointer="/data/reference")
    return found.student.id
