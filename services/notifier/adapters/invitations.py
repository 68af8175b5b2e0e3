"""Meetings as an iCalendar file (RFC 5545): something to put in one's own calendar, to which nobody has to answer."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from icalendar import Calendar, Event

from services.notifier.domain.letters.meetings import Meeting

PRODUCT = "-//Leerplek//Notifier//NL"


def write_invitations(meetings: Sequence[Meeting], domain: str, written_at: datetime) -> str:
    """The file that proposes these meetings, or takes them back; one that does both proposes, and says which are off."""
    if not meetings:
        return ""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if all(each.is_cancelled for each in meetings) else "PUBLISH")
    for meeting in meetings:
        calendar.add_component(_event(meeting, domain, written_at))
    written: bytes = calendar.to_ical()
    return written.decode()


def _event(meeting: Meeting, domain: str, written_at: datetime) -> Event:
    event = Event()
    identifier = hashlib.sha256(meeting.id.encode()).hexdigest()[:32]
    event.add("uid", f"{identifier}.gesprek@{domain}")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", written_at.astimezone(UTC))
    event.add("dtstart", meeting.starts.astimezone(UTC))
    event.add("dtend", meeting.ends.astimezone(UTC))
    event.add("summary", meeting.title)
    event.add("description", meeting.about)
    event.add("location", meeting.place)
    event.add("status", "CANCELLED" if meeting.is_cancelled else "TENTATIVE")
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event
