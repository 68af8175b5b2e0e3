"""How fast people hear, and what it costs: 10,000 digests in the morning, one critical signal until its mail is accepted, an event, a page."""
