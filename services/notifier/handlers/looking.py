"""What staff look at: one alert with who was told what and when and who did what, for whom it concerns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notifier.domain.alerts import Alert
from services.notifier.domain.contacts import Contact
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.modes import Mode, ModeSetting
from services.notifier.domain.notices import Told
from services.notifier.domain.routing import parties
from services.notifier.handlers.belonging import is_of
from services.notifier.handlers.caring import find_alert
from services.notifier.handlers.gathering import gather_knowledge, gather_related
from services.notifier.ports import Store
from services.notifier.ports.looking import Done
from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class AlertFile:
    """Everything that is known of one alert; `told` and `done` in order of time. `modes` are of whom it concerns and is not mailed.

    `own` are those of its contacts who are of the organisation that looks: of them it may know who they are, and what they read.
    """

    alert: Alert
    told: Sequence[Told]
    done: Sequence[Done]
    knowledge: Knowledge
    modes: Sequence[ModeSetting]
    own: Mapping[str, Contact]


async def open_file(store: Store, alert: str, organisation: str | None, now: datetime) -> AlertFile:
    """The file of an alert, for this organisation (None: for whoever runs Leerplek); raises NotFound where it does not concern it."""
    held = await find_alert(store, alert)
    told = sorted(await store.told([alert]), key=lambda each: (each.revision, each.at or now, each.role, each.contact))
    knowledge = await gather_knowledge(store, [held], now, await gather_related(store, [held]))
    there = parties(held, knowledge) | {
        knowledge.by_id[each.contact].organisation for each in told if each.contact in knowledge.by_id
    }
    if not await is_of(store, there, organisation):
        raise NotFound("onbekende-melding", "Deze melding kennen we niet.")
    modes = await store.modes()
    said = {each.organisation: each for name in sorted(there) if (each := modes.of(name)) is not None}
    kept = [each for each in said.values() if each.mode is not Mode.LIVE]
    theirs = {
        each for each in {one.organisation for one in knowledge.contacts} if await is_of(store, [each], organisation)
    }
    own = {each.id: each for each in knowledge.contacts if each.organisation in theirs}
    return AlertFile(held, told, await store.done_with(alert), knowledge, kept, own)
