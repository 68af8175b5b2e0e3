"""Structured logs: one line per event, ids as fields, never personal data."""

import logging
import re
from typing import Literal

import structlog

QUIET = ("aiokafka", "faust", "mode", "sqlalchemy", "alembic", "httpx", "uvicorn.access", "aiosqlite", "mail.log")


_DETAIL = re.compile(r"^DETAIL: .*$", re.MULTILINE)


def hide_values(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Leaves out of an error what PostgreSQL tells of the row that it refused: that is what somebody sent."""
    if "exception" in event:
        event["exception"] = _DETAIL.sub("DETAIL: (left out)", str(event["exception"]))
    return event


def configure_logging(service: str, log_format: Literal["console", "json"]) -> None:
    """Sends structlog and the standard library's loggers to stderr in one form."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_values,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if log_format == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)
