"""Commands that look back: undo a change within a day, and say that what is known is still right."""

from datetime import date, datetime

from services.capacity import handlers
from services.capacity.domain import restoring
from services.capacity.domain.regions import check_periods
from services.capacity.ports import Store
from shared.audited import Change
from shared.contracts.availability import Supervisor, Workplace
from shared.errors import Conflict, NotFound

CHECKED = "nl.leerplek.site.checked"
"""What the audit calls it; no event, since nothing changed."""


async def undo(store: Store, aggregate: str, sequence: int, now: datetime, today: date) -> int:
    """Takes back the change that made this version of a supervisor or workplace, or gave a supervisor another name.

    Gives the version that holds then.

    Raises NotFound for anything else, Conflict when something came after it, when it is more than a day ago, or when what
    was before is not kept.
    """
    change = await store.change(aggregate, sequence)
    if change is None:
        raise NotFound("onbekende-wijziging", "Deze wijziging kennen we niet.")
    kind, _, identifier = aggregate.partition("/")
    if kind == "name":
        return await _undo_renaming(store, change, identifier, now)
    before = await store.version(aggregate, sequence - 1)
    if before is None and sequence > 1:
        raise Conflict("niet-bewaard", "Hoe het daarvoor was is niet bewaard. Wijzig het gegeven zelf.")
    if kind == "supervisor":
        held = await handlers.find_supervisor(store, identifier)
        restoring.check_undoable(held.sequence, sequence, change.at, now)
        if held.is_erased:
            raise Conflict(
                "naam-verwijderd", "De naam van deze begeleider is verwijderd. Dat is niet terug te draaien."
            )
        then = None if before is None else Supervisor.model_validate(before)
        restored, told = restoring.restore_supervisor(held, then, today)
        await store.save_supervisor(restored)
        await store.publish(told)
        return restored.sequence
    if kind == "workplace":
        offered = await handlers.find_workplace(store, identifier)
        restoring.check_undoable(offered.sequence, sequence, change.at, now)
        was = None if before is None else Workplace.model_validate(before)
        reopened, event = restoring.restore_workplace(offered, was)
        await store.save_workplace(reopened)
        await store.publish(event)
        return reopened.sequence
    raise NotFound("niet-terug-te-draaien", "Dit is niet terug te draaien.")


async def _undo_renaming(store: Store, change: Change, supervisor: str, now: datetime) -> int:
    """Names have no versions of their own: the newest time that somebody was renamed can be undone."""
    newest = (await store.last_changes([change.aggregate])).get(change.aggregate)
    if newest is None or newest.at != change.at:
        raise Conflict("niet-de-laatste", "Na deze wijziging is de naam nog eens gewijzigd.")
    restoring.check_undoable(newest.sequence, change.sequence, change.at, now)
    before = await store.name_before(supervisor, change.sequence)
    if before is None:
        raise Conflict("niet-bewaard", "De naam van daarvoor is niet bewaard. Wijzig de naam zelf.")
    held = await handlers.find_supervisor(store, supervisor)
    await handlers.rename_supervisor(store, held, before)
    return held.sequence


async def check_site(store: Store, site: str, period: str) -> None:
    """The school says that what is known of it is right for a period; it changes nothing."""
    where = await handlers.find_site(store, site)
    check_periods(await handlers.find_region(store, where.region), [period], "")
    await store.check_site(site, period)
    await store.note(CHECKED, f"site/{site}", where.sequence)
