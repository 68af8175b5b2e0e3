"""How the settings of a region were before: each version beside the one before it, in the words of the forms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.capacity.bootstrap import Parts
from services.capacity.entrypoints.pages.setting_fields import COSTS, FAIRNESS, LEVERS, written_steps
from services.capacity.entrypoints.pages.signed_in import names_of
from services.capacity.entrypoints.pages.words import by_whom
from services.capacity.ports import Store

SHOWN = 40
LABELS = {
    **{f"settings.{each.path}": (each.label, each.kind.write) for each in (*COSTS, *FAIRNESS)},
    **{f"settings.{each.path}": (each.label, each.kind.write) for lever in LEVERS for each in lever.fields},
    "settings.fairness.steps": ("Prijs van een achterstand", written_steps),
}
WHOLE = {
    "name": "Naam",
    "institutes": "Opleidingen",
    "periods": "Periodes",
    "settings.norms": "Normen",
    "settings.related": "Verwante vakken",
    "settings.fairness.groups": "Groepen",
}


@dataclass(frozen=True, slots=True)
class Version:
    """One version: when and by whom it was made, and what changed: what, before and after."""

    number: int
    at: datetime | None
    by: str
    changes: tuple[tuple[str, str, str], ...]


async def versions_of(parts: Parts, store: Store, region: str) -> list[Version]:
    """The versions that are kept, the newest first."""
    aggregate = f"region/{region}"
    bodies = await store.versions(aggregate, SHOWN + 1)
    made = {each.sequence: each for each in await store.changes_of([aggregate], SHOWN + 1)}
    names = await names_of(parts, [each.actor for each in made.values()])
    found = []
    for number in sorted(bodies, reverse=True)[:SHOWN]:
        change = made.get(number)
        before = bodies.get(number - 1)
        changes = tuple(settings_differences(before, bodies[number])) if before is not None else ()
        by = "" if change is None else by_whom(change.actor, names)
        found.append(Version(number, None if change is None else change.at, by, changes))
    return found


def settings_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Between two versions as they are kept: what, how it was (empty: not there), how it is now."""
    was, now = dict(_flat(before)), dict(_flat(after))
    for path in now:
        if path in WHOLE and was.get(path) != now[path]:
            yield WHOLE[path], _counted(was.get(path)), _counted(now[path])
        elif was.get(path) != now[path] and path not in ("sequence", "region"):
            label, write = LABELS.get(path, (_lever(path), _plain))
            yield label, write(was[path]) if path in was else "", write(now[path])


def _flat(document: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        path = f"{within}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, path + ".")
        else:
            yield path, value


def _lever(path: str) -> str:
    lever = next((each for each in LEVERS if path == f"settings.levers.{each.name}.on"), None)
    return f"Hefboom {lever.title}" if lever else path.removeprefix("settings.")


def _plain(value: Any) -> str:
    return {True: "aan", False: "uit"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _counted(value: Any) -> str:
    """A list by what is in it, shortly."""
    if not isinstance(value, list):
        return str(value)
    names = [str(each.get("id", "")) if isinstance(each, dict) else str(each) for each in value]
    return ", ".join(filter(None, names)) or f"{len(value)} regels"
