"""Runs what answers questions about plans: HTTP, and the work that somebody asked for, beside the matcher's own process."""

import structlog

from services.matcher.bootstrap import MIGRATIONS, AnswersParts
from services.matcher.entrypoints.http import build_matcher_api
from shared.errors import TransientError
from shared.messaging.retry import until_possible
from shared.observability.logging import configure_logging
from shared.observability.metrics import serve_metrics
from shared.persistence.migrations import upgrade
from shared.process import run_until_stopped
from shared.web.api import Readiness, build_app
from shared.web.serving import serve_http

log = structlog.get_logger(__name__)


async def serve_answers(parts: AnswersParts) -> None:
    """Answers until it is told to stop."""
    settings, database = parts.settings, parts.database
    configure_logging("answers", settings.log_format)
    if settings.metrics_port is not None:
        serve_metrics(settings.http_host, settings.metrics_port)
    if not settings.checks_tokens:
        log.warning("no sign-in: everybody on this machine may ask everything; set JWKS_FILE to ask for tokens")
    await until_possible("database", lambda: upgrade(database, MIGRATIONS))

    async def check() -> Readiness:
        try:
            await database.ensure_writable()
        except TransientError as problem:
            return Readiness([str(problem)])
        return Readiness()

    parts.workshop.warm_up()
    log.info("service starts", port=settings.http_port)
    app = build_app(build_matcher_api(parts), check)
    try:
        await run_until_stopped(
            {"http": serve_http(app, settings.http_host, settings.http_port), "scenarios": parts.trying.run()}
        )
    finally:
        parts.workshop.close()
    await database.close()
