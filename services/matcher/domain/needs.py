"""How many hours of each tier a student needs."""

from services.matcher.domain.region import Student
from services.matcher.domain.settings import Needs, Norm, Settings
from services.matcher.domain.vocabulary import ANY


def needs_of(settings: Settings, student: Student) -> Needs | None:
    """The student's own needs, else the first norm that matches; None when the region has no norm for them."""
    if student.needs is not None:
        return student.needs
    return next((norm.needs for norm in settings.norms if _matches(norm, student)), None)


def _matches(norm: Norm, student: Student) -> bool:
    return norm.support == student.support and norm.route in (ANY, student.route) and norm.phase in (ANY, student.phase)
