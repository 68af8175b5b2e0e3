"""What capacity decides: pure functions from what holds and what is asked to what holds next and the event that tells it."""
