"""Structured logs on standard error: one JSON line an event, without bodies, tokens or personal data."""

from __future__ import annotations

import logging
import sys

import structlog

_SECRET_KEYS = frozenset(
    {"access_token", "secret", "password", "token", "authorization", "cookie", "phone", "address", "ticket", "js_code"}
)


def _drop_secrets(_logger: object, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    # The last guard, not the first: callers do not pass secrets, and one who does by mistake leaks nothing.
    return {key: "***" if key.lower() in _SECRET_KEYS else value for key, value in event.items()}


def configure(level: str, process: str) -> None:
    """Set up logging for this process. `process` is its kind (http, gateway, worker …)."""
    logging.basicConfig(stream=sys.stderr, level=level.upper(), format="%(message)s", force=True)
    for chatty in ("alembic", "asyncio", "httpcore", "httpx", "procrastinate"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _drop_secrets,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger named after what speaks."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return bound
