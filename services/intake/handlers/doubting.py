"""What is kept and yet looks like a slip of the pen: whoever sent it is asked to look once more."""

from collections.abc import Mapping, Sequence

from services.intake.domain.registrations import Registration
from services.intake.ports import Store
from shared.subjects import doubt_about


async def doubt_of(store: Store, registration: Registration) -> str:
    """What to look at once more, in Dutch; empty when nothing is strange."""
    return doubt_about([registration.student.subject], await store.subjects(registration.region))


async def doubts_of(store: Store, registrations: Sequence[Registration]) -> Mapping[str, str]:
    """The same of many at once, by student; who gives no doubt is absent."""
    known = {region: await store.subjects(region) for region in {each.region for each in registrations}}
    doubts = {each.student.id: doubt_about([each.student.subject], known[each.region]) for each in registrations}
    return {student: doubt for student, doubt in doubts.items() if doubt}
