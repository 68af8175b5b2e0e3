"""The metrics of every service, served on a port of their own."""

from prometheus_client import Counter, Gauge, Histogram, start_http_server

EVENTS_PUBLISHED = Counter("leerplek_events_published_total", "Messages acknowledged by Kafka.", ["topic"])
EVENTS_APPLIED = Counter("leerplek_events_applied_total", "Events applied and committed.", ["consumer", "type"])
EVENTS_PARKED = Counter("leerplek_events_parked_total", "Messages put aside with a reason.", ["consumer", "topic"])
OUTBOX_WAITING = Gauge("leerplek_outbox_waiting", "Outbox rows that Kafka has not acknowledged.")
OUTBOX_OLDEST_S = Gauge("leerplek_outbox_oldest_seconds", "Age of the oldest outbox row that waits.")
KAFKA_REACHABLE = Gauge("leerplek_kafka_reachable", "1 while a broker answers, 0 while none does.")
CONSUMER_LAG = Gauge("leerplek_consumer_lag", "Messages in a partition not applied yet.", ["topic", "partition"])
EVENT_AGE_S = Histogram(
    "leerplek_event_age_seconds",
    "From logged to applied.",
    ["consumer"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
WEBHOOKS = Counter("leerplek_webhooks_total", "Messages to webhooks that were tried, by how that went.", ["result"])
REQUESTS = Histogram(
    "leerplek_http_request_seconds",
    "Time to answer a request.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


def serve_metrics(host: str, port: int) -> None:
    """Answers `/metrics` from a thread, so that a busy service still tells how it is."""
    start_http_server(port, addr=host)
