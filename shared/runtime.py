"""What every service starts with: logs, metrics, database, topics, relay, consumers, watchdog, HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import structlog
from fastapi import FastAPI

from shared.clock import machine_clock
from shared.errors import Misconfigured, TransientError
from shared.hourly import hourly
from shared.messaging.consumer import Apply, ConsumerSettings, EventConsumer
from shared.messaging.reachable import KafkaWatch
from shared.messaging.relay import Relay
from shared.messaging.retry import until_possible
from shared.messaging.topics import TopicPlan, ensure_topics
from shared.messaging.watchdog import Progress, Watchdog
from shared.observability.logging import configure_logging
from shared.observability.metrics import serve_metrics
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.persistence.retention import forget_logs
from shared.process import run_until_stopped
from shared.settings import ServiceSettings
from shared.starting import EXIT_MISCONFIGURED
from shared.web.api import Readiness
from shared.web.serving import serve_http

log = structlog.get_logger(__name__)


class Runtime:
    """The parts of one service process; nothing runs or connects until `run_service`.

    A service is ready when it can take requests, so also while Kafka is away: what it accepts waits in the outbox. Only
    one that `needs_stream` is ready when it reads.
    """

    def __init__(
        self,
        name: str,
        settings: ServiceSettings,
        migrations: Path,
        topics: tuple[str, ...],
        *,
        needs_stream: bool = False,
    ) -> None:
        self.name = name
        self.settings = settings
        self.migrations = migrations
        self.migration_parts: dict[str, object] = {}
        self.start_checks: list[Callable[[], Awaitable[None]]] = []
        self.topics = topics
        self.database = Database(settings.database_url, busy_timeout_s=settings.busy_timeout_s)
        self.relay = Relay(self.database, settings.kafka_bootstrap, idempotence=not settings.is_embedded)
        self.kafka = KafkaWatch(settings.kafka_bootstrap)
        self.progress: list[Progress] = []
        self.excuses: list[Callable[[], bool]] = [
            lambda: self.kafka.is_away,
            lambda: bool(self.database.refusal),
        ]
        self.watchdog = Watchdog(
            self.progress, settings.stall_limit_s, is_excused=lambda: any(excuse() for excuse in self.excuses)
        )
        self._needs_stream = needs_stream

    def consumer(
        self,
        topics: tuple[str, ...],
        apply: Apply,
        after_commit: Callable[[], None] | None = None,
    ) -> EventConsumer:
        """A consumer of these topics in the service's own group, watched."""
        progress = Progress(f"{self.name} consumer")
        self.progress.append(progress)
        settings = ConsumerSettings(
            self.settings.kafka_bootstrap,
            f"leerplek-{self.name}",
            None if self.settings.is_embedded else self.settings.worker_instance,
            topics,
            self.settings.session_timeout_ms,
        )
        return EventConsumer(settings, self.database, apply, progress, after_commit or self.relay.wake)

    async def check(self) -> Readiness:
        """Whether this process can take requests, and what else is amiss."""
        try:
            await self.database.ensure_writable()
        except TransientError as problem:
            reasons = [str(problem)]
        else:
            reasons = self.watchdog.stalled()
        waits = (["kafka does not answer"] if self.kafka.is_away else []) + self.watchdog.waiting()
        spare = self.watchdog.spare()
        return Readiness(reasons + waits, spare) if self._needs_stream else Readiness(reasons, waits + spare)


async def run_service(
    runtime: Runtime,
    app: FastAPI,
    tasks: Mapping[str, Callable[[], Awaitable[None]]],
    without_kafka: Mapping[str, Callable[[], Awaitable[None]]] | None = None,
) -> None:
    """Migrates and checks, then runs HTTP and watchdog, and relay and the service's own tasks as soon as Kafka has the topics.

    Tasks that do `without_kafka` begin at once.

    So a service takes in what people send while Kafka is away: it waits in the outbox.
    """
    settings = runtime.settings
    configure_logging(runtime.name, settings.log_format)
    if settings.metrics_port is not None:
        serve_metrics(settings.http_host, settings.metrics_port)
    await until_possible(
        "database", lambda: upgrade(runtime.database, runtime.migrations, parts=runtime.migration_parts)
    )
    for check in runtime.start_checks:
        try:
            await until_possible("database", check)
        except Misconfigured as wrong:
            log.error("cannot start", problem=str(wrong))
            raise SystemExit(EXIT_MISCONFIGURED) from None
    topics_are_there = asyncio.Event()

    async def topics() -> None:
        plan = TopicPlan(settings.partitions, settings.replication)
        await until_possible("kafka", lambda: ensure_topics(settings.kafka_bootstrap, runtime.topics, plan))
        topics_are_there.set()
        await runtime.relay.run()

    async def after_topics(task: Callable[[], Awaitable[None]]) -> None:
        await topics_are_there.wait()
        await task()

    async def forget() -> None:
        days = settings.keep_audit_days, settings.keep_reads_days
        gone = await forget_logs(runtime.database, machine_clock(), *days)
        if gone:
            log.info("old lines of logs forgotten", number=gone)

    log.info("service starts", port=settings.http_port)
    await run_until_stopped(
        {
            "http": serve_http(app, settings.http_host, settings.http_port),
            "watchdog": runtime.watchdog.run(),
            "kafka watched": runtime.kafka.run(),
            "topics and relay": topics(),
            "outbox measured": runtime.relay.measure(),
            "old logs forgotten": hourly(forget),
            **{name: task() for name, task in (without_kafka or {}).items()},
            **{name: after_topics(task) for name, task in tasks.items()},
        }
    )
    await runtime.database.close()
