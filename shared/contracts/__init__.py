"""The language between services: every event, its topic, key and version; JSON Schemas and the AsyncAPI document come from here."""
