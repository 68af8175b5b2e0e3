"""What people must know of a place that was lost, beside that it was: the figures, what would help, and the next date that matters."""

from collections.abc import Iterable
from dataclasses import replace

from services.matcher.domain.places import ChangedPlace, Place
from services.matcher.domain.signals.findings import Lack
from services.matcher.domain.signals.helping import Helping
from services.matcher.domain.signals.scene import Scene
from shared.contracts.signals import PlacementLost
from shared.contracts.vocabulary import Contract, SignalStatus


def explained(changes: Iterable[ChangedPlace], scene: Scene, helping: Helping) -> list[ChangedPlace]:
    """The same changes, where each signal of a place that was lost now tells that too; of a place found again nothing is left to do."""
    return [_explained(one, scene, helping) for one in changes]


def _explained(change: ChangedPlace, scene: Scene, helping: Helping) -> ChangedPlace:
    if not any(isinstance(one, PlacementLost) and one.status is SignalStatus.RAISED for one in change.events):
        return change
    return replace(change, events=tuple(_told(one, change.place, scene, helping) for one in change.events))


def _told(event: Contract, place: Place, scene: Scene, helping: Helping) -> Contract:
    if not isinstance(event, PlacementLost) or place.unplaced is None:
        return event
    days = (event.period_starts - scene.today).days
    period = scene.period_of(scene.facts.students[place.student].period_sets[0])
    return PlacementLost.model_validate(
        {
            **event.model_dump(),
            "figures": {"days-left": max(0, days), **place.unplaced.facts},
            "levers": helping.levers(Lack((place.student,))),
            "next_date": None if period is None else scene.next_of(*scene.milestones(period)),
        }
    )
