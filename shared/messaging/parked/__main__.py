"""The commands about parked messages, in every image: `python -m shared.messaging.parked list|replay TOPIC --kafka …`."""

from shared.messaging.parked.commands import parked

if __name__ == "__main__":
    parked(prog_name="python -m shared.messaging.parked")
