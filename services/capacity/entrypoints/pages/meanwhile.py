"""Two people at one line: who was first reads nothing, who was second reads who it was, when and what, and loses nothing."""

from collections.abc import Mapping
from typing import Any

from services.capacity.entrypoints.pages.differences import differences
from services.capacity.entrypoints.pages.portal import Portal
from services.capacity.entrypoints.pages.saved import done
from services.capacity.entrypoints.pages.settings_history import settings_differences
from services.capacity.entrypoints.pages.signed_in import names_of
from services.capacity.entrypoints.pages.words import by_whom
from services.capacity.ports import Store
from shared.dutch import dutch_moment
from shared.web.forms import CHANGED_MEANWHILE, Form, changed_meanwhile

Body = Mapping[str, Any]
REGION = "region/"


async def tell_meanwhile(portal: Portal, store: Store, form: Form | None, aggregate: str, held: int) -> Body | None:
    """Says in `form.errors` who changed it since the form was shown, when and what; nothing where nobody did.

    Also where the form was sent back for something else: it is shown once more on top of the version that holds (`held`).
    Gives how it was when the form was first shown, None where nobody changed it or that is not kept.
    """
    if form is None or form.version in (None, held) or form.errors.get("", CHANGED_MEANWHILE) != CHANGED_MEANWHILE:
        return None
    change = (await store.last_changes([aggregate])).get(aggregate)
    if change is None:
        return None
    kept = await store.versions_of([aggregate])
    was, now = kept.get((aggregate, form.version or 0)), kept.get((aggregate, held))
    by = by_whom(change.actor, await names_of(portal.parts, [change.actor]))
    compare = settings_differences if aggregate.startswith(REGION) else differences
    what = (
        "; ".join(f"{each}: was {before}, nu {after}" for each, before, after in compare(was, now))
        if was and now
        else ""
    )
    form.errors[""] = changed_meanwhile(done(change), dutch_moment(change.at), by, what)
    return was
