"""What was put aside because it could not be applied: listed and offered again; `python -m shared.messaging.parked`."""
