"""What was put aside because it could not be applied: listed and offered again; `python -m shared.messaging.parked`."""

from shared.messaging.parked.topic import ParkedRecord, list_parked, replay

__all__ = ["ParkedRecord", "list_parked", "replay"]
