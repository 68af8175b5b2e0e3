"""Events between services: outbox and relay out, consumers with their own offsets in, parking for what cannot be read."""
