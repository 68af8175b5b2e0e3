"""Registers several students in a few statements; each is judged as if it were alone."""

from collections.abc import Sequence

from services.intake.domain import registrations
from services.intake.domain.access import check_own
from services.intake.domain.registrations import NewRegistration, Registration, fellows_of, reference_taken
from services.intake.ports import Store
from shared.contracts.registrations import Student, StudentRegistered
from shared.errors import DomainError

Made = tuple[Registration, StudentRegistered]


async def register_many(
    store: Store, asked: Sequence[tuple[str | None, NewRegistration, Student]]
) -> list[Made | DomainError]:
    """For each (institute of whoever asks, what is asked, the student): what was made, to be published, or which rule says no.

    Raises Conflict when somebody else took a reference just now; then nothing may stay.
    """
    wanted = {(one.institute, one.reference) for _, one, _ in asked if one.reference is not None}
    taken = set(await store.by_reference(wanted))
    fellows = await store.institutes_of({each for _, _, student in asked for each in fellows_of(student)})
    found: list[Made | DomainError] = []
    for own, one, student in asked:
        try:
            check_own(one.institute, own)
            key = (one.institute, one.reference or "")
            if one.reference is not None and key in taken:
                raise reference_taken()
            known = await store.region(one.region)
            found.append(registrations.register(known, one.region, student, one.reference, fellows))
            taken.add(key)
        except DomainError as broken:
            found.append(broken)
    await store.save_many([made[0] for made in found if not isinstance(made, DomainError)], [])
    return found
