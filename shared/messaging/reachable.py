"""Knows whether Kafka answers, by asking now and then: what a service shows, and never what it decides by."""

import asyncio

import structlog
from aiokafka.conn import collect_hosts

from shared.messaging.raw_requests import is_kafka_ready
from shared.observability.metrics import KAFKA_REACHABLE

log = structlog.get_logger(__name__)

ASK_EVERY_S = 2.0


class KafkaWatch:
    """Whether one of the brokers at `bootstrap` answers; away until one has."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._is_away: bool | None = None

    @property
    def is_away(self) -> bool:
        """True while no broker answers."""
        return self._is_away is not False

    async def run(self) -> None:
        """Asks until cancelled; every change is logged, and a metric tells how it is."""
        while True:
            is_away = not await asyncio.to_thread(_answers, self._bootstrap)
            if is_away != self._is_away:
                log.info("kafka is away" if is_away else "kafka answers")
            self._is_away = is_away
            KAFKA_REACHABLE.set(not is_away)
            await asyncio.sleep(ASK_EVERY_S)


def _answers(bootstrap: str) -> bool:
    return any(is_kafka_ready(f"{host}:{port}") for host, port, _ in collect_hosts(bootstrap))
