"""The closed lists of a region file and a plan file."""

from enum import StrEnum


class Sector(StrEnum):
    """The sector of a site; a student is placed within their own."""

    PO = "po"
    VO = "vo"
    MBO = "mbo"
    SO = "so"


class SiteRole(StrEnum):
    """A core has the full training team; a shell leans on its core."""

    CORE = "core"
    SHELL = "shell"
    NONE = "none"


class Tier(StrEnum):
    """Workplace supervisor, school trainer and institute trainer."""

    WPB = "wpb"
    SO = "so"
    IO = "io"


class Kind(StrEnum):
    """What somebody who guides is apart from that; only teachers guide unless extra capacity is on."""

    TEACHER = "teacher"
    RETIRED = "retired"
    ASSISTANT = "assistant"
    COACH = "coach"


class PlacementState(StrEnum):
    """How firmly a placement is promised."""

    PROPOSED = "proposed"
    SETTLED = "settled"
    STARTED = "started"


class Relief(StrEnum):
    """What lowers the hours of workplace supervision that a student needs."""

    PEER = "peer"
    SENIOR = "senior"


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GROUP_ATTRIBUTES = ("route", "support", "subject", "institute", "phase", "sector")
EVERY_SITE = "*"
ANY = "*"
