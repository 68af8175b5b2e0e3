"""Identifiers, closed lists and units that more than one event uses."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
"""A lower-case word of the region's own lists: subject, route, phase."""

RegionId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{1,31}$")]
InstituteId = Annotated[str, StringConstraints(pattern=r"^\d{2}[A-Z]{2}$")]
"""BRIN of an institute, such as 01VU."""
SiteId = Annotated[str, StringConstraints(pattern=r"^\d{2}[A-Z]{2}\d{2}$")]
"""BRIN of a school and two digits for the location, such as 01AB00."""
BoardId = Annotated[str, StringConstraints(pattern=r"^\d{5}$")]
"""Who governs schools, such as 41234."""
PeriodId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,31}$")]
EntityId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""An id of a student, workplace, supervisor, mismatch or signal: meaningless outside Leerplek, never a person's number."""

PlainText = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line that a person reads; a control character fits in no database and no mail header."""

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
"""A day that a plan can be about; what lies outside is a slip."""
QuarterHours = Annotated[int, Field(ge=0, le=1000)]
"""Guidance per week in quarter hours."""
Minutes = Annotated[int, Field(ge=0, le=1440)]
Points = Annotated[int, Field(ge=0, le=10**9)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
SupportClass = Annotated[int, Field(ge=1, le=3)]
Sequence = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""Grows by one with every change of one aggregate; a reader ignores what is not newer than it has."""


class Contract(BaseModel):
    """Closed for its owner: an unknown field is refused. Readers pass `extra="ignore"` and so stay open."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Sector(StrEnum):
    """The four sectors of Dutch education with student teachers."""

    PRIMARY = "po"
    SECONDARY = "vo"
    VOCATIONAL = "mbo"
    SPECIAL = "so"


class Tier(StrEnum):
    """The three layers of guidance; each can be the bottleneck."""

    WORKPLACE_SUPERVISOR = "wpb"
    SCHOOL_TRAINER = "so"
    INSTITUTE_TRAINER = "io"


class SupervisorKind(StrEnum):
    """What somebody who guides is apart from that."""

    TEACHER = "teacher"
    RETIRED = "retired"
    ASSISTANT = "assistant"
    COACH = "coach"


class SiteRole(StrEnum):
    """Whether a site has the full training team (core), leans on one that has (shell), or neither."""

    CORE = "core"
    SHELL = "shell"
    NONE = "none"


class Weekday(StrEnum):
    """Days of the school week and weekend."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


class PlacementState(StrEnum):
    """Proposed by the matcher, settled by the people, started on the day."""

    PROPOSED = "proposed"
    SETTLED = "settled"
    STARTED = "started"


class Relief(StrEnum):
    """What lowers the hours a student needs."""

    PEER = "peer"
    SENIOR = "senior"


class MismatchKind(StrEnum):
    """What does not fit between a student and a place or supervisor; a closed list, so that nothing personal is written down."""

    SUBJECT = "subject"
    PHASE = "phase"
    TRAVEL = "travel"
    DAYS = "days"
    GUIDANCE_HOURS = "guidance-hours"
    GUIDANCE_MATCH = "guidance-match"
    WORKPLACE_CONTENT = "workplace-content"


class DeclineReason(StrEnum):
    """Why a student's institute declines a placement or asks for a switch."""

    TRAVEL = "travel"
    SUBJECT = "subject"
    PHASE = "phase"
    DAYS = "days"
    OWN_PLACE = "own-place"
    STUDY_DELAYED = "study-delayed"
    MISMATCH = "mismatch"


class RefusalReason(StrEnum):
    """Why a school refuses a placement; never a judgement of a person."""

    NO_HOURS = "no-hours"
    NO_SEAT = "no-seat"
    SUBJECT = "subject"
    DAYS = "days"
    CONFLICT_OF_INTEREST = "conflict-of-interest"


class SignalStatus(StrEnum):
    """The life of a signal: raised once, worsened any number of times, cleared once."""

    RAISED = "raised"
    WORSENED = "worsened"
    CLEARED = "cleared"


class SignalLevel(StrEnum):
    """How soon somebody must know."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
