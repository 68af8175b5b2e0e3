"""What is sealed of a contact: who they are, and what they wish; as flat text, since absence and quiet hours are theirs to tell."""

import json
from datetime import date, datetime, time
from typing import Any

from services.notifier.adapters.seals import Personal
from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Absence, Contact, Language, Preferences, QuietHours, Role, Wish


def person_of(contact: Contact) -> Personal:
    """What is sealed of this contact."""
    own: dict[str, str | None] = {"email": contact.email, "name": contact.name, "phone": contact.phone}
    if contact.preferences != Preferences():
        own["preferences"] = json.dumps(preferences_body(contact.preferences))
    if contact.absence is not None:
        own["absence"] = json.dumps(absence_body(contact.absence))
    if contact.stopped is not None:
        own["stopped"] = contact.stopped
    if contact.doubted_at is not None:
        own["doubted"] = contact.doubted_at.isoformat()
    return own


def contact_of(identifier: str, organisation: str, role: str, version: int, person: Personal) -> Contact:
    """The contact of whom this was sealed."""
    preferences, absence, doubted = (person.get(each) for each in ("preferences", "absence", "doubted"))
    return Contact(
        identifier,
        organisation,
        Role(role),
        person["email"] or "",
        person["name"],
        person["phone"],
        version,
        _preferences(json.loads(preferences)) if preferences else Preferences(),
        _absence(json.loads(absence)) if absence else None,
        person.get("stopped"),
        datetime.fromisoformat(doubted) if doubted else None,
    )


def preferences_body(preferences: Preferences) -> dict[str, Any]:
    """Preferences as JSON."""
    quiet = preferences.quiet_hours
    return {
        "wish": preferences.wish,
        "by_kind": dict(sorted(preferences.by_kind.items())),
        "quiet_hours": [f"{quiet.start:%H:%M}", f"{quiet.until:%H:%M}"] if quiet else None,
        "language": preferences.language,
        "weekly": preferences.weekly,
    }


def absence_body(absence: Absence) -> dict[str, Any]:
    """An absence as JSON."""
    return {"start": absence.start.isoformat(), "until": absence.until.isoformat(), "substitute": absence.substitute}


def _preferences(body: dict[str, Any]) -> Preferences:
    quiet = body["quiet_hours"]
    return Preferences(
        Wish(body["wish"]),
        {AlertKind(kind): Wish(wish) for kind, wish in body["by_kind"].items()},
        QuietHours(time.fromisoformat(quiet[0]), time.fromisoformat(quiet[1])) if quiet else None,
        Language(body["language"]),
        body["weekly"],
    )


def _absence(body: dict[str, Any]) -> Absence:
    return Absence(date.fromisoformat(body["start"]), date.fromisoformat(body["until"]), body["substitute"])
