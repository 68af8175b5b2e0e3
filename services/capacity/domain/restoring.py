"""How something is put back as it was within a day, as long as nothing came after it: what held before holds again."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from services.capacity.domain.sites import OfferedWorkplace
from services.capacity.domain.supervisors import SupervisorRecord
from shared.contracts.availability import (
    Supervisor,
    SupervisorAbsenceReported,
    SupervisorDeparted,
    SupervisorEvent,
    SupervisorHoursChanged,
    SupervisorReturned,
    Workplace,
    WorkplaceChanged,
)
from shared.errors import Conflict

WITHIN = timedelta(days=1)


def check_undoable(held: int, undone: int, made_at: datetime, now: datetime) -> None:
    """Raises Conflict when version `undone` is not the one that holds, or was made more than a day ago."""
    if held != undone:
        detail = "Na deze wijziging is er nog iets gewijzigd. Maak eerst de laatste wijziging ongedaan."
        raise Conflict("niet-de-laatste", detail)
    if now - made_at > WITHIN:
        raise Conflict("te-laat", "Ongedaan maken kan binnen een dag. Wijzig het gegeven zelf.")


def restore_supervisor(
    held: SupervisorRecord, before: Supervisor | None, today: date
) -> tuple[SupervisorRecord, SupervisorEvent]:
    """The supervisor as they were; one who was registered by mistake (None before) departs today."""
    supervisor = held.supervisor.model_copy(update={"departs": today}) if before is None else before
    restored = replace(held, supervisor=supervisor, sequence=held.sequence + 1)
    kind = _kind(held.supervisor, supervisor)
    return restored, kind(region=held.region, sequence=restored.sequence, supervisor=supervisor)


def _kind(now: Supervisor, then: Supervisor) -> type[SupervisorEvent]:
    if now.departs != then.departs:
        return SupervisorReturned if then.departs is None else SupervisorDeparted
    if now.absences != then.absences:
        return SupervisorAbsenceReported if len(then.absences) > len(now.absences) else SupervisorReturned
    return SupervisorHoursChanged


def restore_workplace(held: OfferedWorkplace, before: Workplace | None) -> tuple[OfferedWorkplace, WorkplaceChanged]:
    """The workplace as it was; one that was offered by mistake (None before) has no seats."""
    workplace = held.workplace.model_copy(update={"seats": {}}) if before is None else before
    restored = replace(held, workplace=workplace, sequence=held.sequence + 1)
    return restored, WorkplaceChanged(region=held.region, sequence=restored.sequence, workplace=workplace)
