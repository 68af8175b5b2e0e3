"""On which page of Leerplek the reader of a mail acts on what it tells: a door that opens for them, or none."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from services.notifier.domain.alerts import Alert, AlertKind
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.routing import ABOUT_GUIDANCE
from shared.contracts.placements import MoveCause
from shared.security.roles import PersonRole

SIGNS_IN = frozenset(role for role in Role if str(role) in {str(each) for each in PersonRole})
"""The roles in which somebody can sign in; the others have the links of their mails."""
OF_A_STUDENT = frozenset(
    {
        AlertKind.PROPOSED,
        AlertKind.CHANGED,
        AlertKind.SETTLED,
        AlertKind.LOST,
        AlertKind.UNPLACED,
        AlertKind.MISMATCH,
        AlertKind.DETECTED,
        AlertKind.AT_RISK,
    }
)


class Part(StrEnum):
    """Whose pages: the portal of schools and regions, those of institutes, or our own."""

    PORTAL = "portal"
    INSTITUTES = "institutes"
    MESSAGES = "messages"


class Behind(StrEnum):
    """What one finds behind a door."""

    STUDENT = "student"
    STUDENTS = "students"
    SUPERVISOR = "supervisor"
    SUPERVISORS = "supervisors"
    WORKPLACES = "workplaces"
    REGION = "region"
    HEARERS = "hearers"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Door:
    """A page: in which part of Leerplek, at which path, and what is there; `otherwise` the one where that part has no pages."""

    part: Part
    path: str
    behind: Behind
    otherwise: "Door | None" = None


def door_of(alert: Alert, reader: Contact) -> Door | None:
    """Where this reader acts on the alert, by the role in which they are mailed; None where they cannot sign in."""
    case = alert.case
    match reader.role:
        case Role.INSTITUTE_COORDINATOR if case.student and case.institute == reader.organisation:
            path = f"/opleidingen/{case.institute}/studenten/{quote(case.student)}"
            return Door(Part.INSTITUTES, path, Behind.STUDENT, otherwise=_of(alert))
        case Role.SCHOOL_TRAINER:
            return _at_school(alert, f"/vestigingen/{reader.organisation}")
        case Role.PROGRAMME_MANAGER if alert.kind in {AlertKind.SHORTAGE, AlertKind.FAIRNESS}:
            return Door(Part.PORTAL, f"/regios/{reader.organisation}", Behind.REGION)
        case Role.PROGRAMME_MANAGER | Role.OPERATOR if alert.kind is AlertKind.GAP:
            organisation = case.organisation or case.region
            return Door(Part.MESSAGES, f"/organisaties/{organisation}", Behind.HEARERS)
        case role if role in SIGNS_IN:
            return _of(alert)
        case _:
            return None


def _of(alert: Alert) -> Door:
    """The page of the alert itself, which is always there."""
    return Door(Part.MESSAGES, f"/meldingen/{quote(alert.id)}", Behind.ALERT)


def _at_school(alert: Alert, site: str) -> Door:
    case = alert.case
    supervisors = Door(Part.PORTAL, f"{site}/begeleiders", Behind.SUPERVISORS)
    match alert.kind:
        case AlertKind.OVERLOADED if case.supervisor:
            return Door(Part.PORTAL, f"{site}/begeleiders/{quote(case.supervisor)}", Behind.SUPERVISOR)
        case AlertKind.LOST if case.reason == MoveCause.WORKPLACE_ENDED:
            return Door(Part.PORTAL, f"{site}/leerwerkplekken", Behind.WORKPLACES)
        case AlertKind.LOST if case.reason == MoveCause.GUIDANCE_ENDED:
            return supervisors
        case AlertKind.AT_RISK if case.reason in ABOUT_GUIDANCE:
            return supervisors
        case AlertKind.SHORTAGE:
            workplaces = Door(Part.PORTAL, f"{site}/leerwerkplekken", Behind.WORKPLACES)
            return supervisors if case.tier else workplaces
        case kind if kind in OF_A_STUDENT:
            return Door(Part.PORTAL, f"{site}/studenten", Behind.STUDENTS)
        case _:
            return _of(alert)
