"""Webhooks of the organisations whose data a service holds: routes, tables, what is sent and how; each service keeps its own."""
