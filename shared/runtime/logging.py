"""Structured logs on stdout: one JSON object per line (or a line for a person), with correlation, and no people's data.

Lines of the standard library's loggers (uvicorn, aiokafka, pymongo) take the same road.
"""

from __future__ import annotations

import io
import logging
import sys
from typing import Any, Literal, TextIO

import structlog

from shared.runtime.masking import mask

QUIET = ("aiokafka", "pymongo", "motor", "httpx", "httpcore", "faststream", "asyncio", "uvicorn.error")
"""Chatty at info; their warnings are kept."""


def configure(
    log_format: Literal["json", "console"] = "json", log_level: str = "info", *, stream: TextIO | None = None
) -> None:
    """Send all logs of this process to `stream` (stdout) in that format. May be called again."""
    from shared.store.wording import traced  # loads the database driver: who only logs, and runs no service, needs none

    out = stream if stream is not None else sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="backslashreplace")
    level = logging.getLevelNamesMapping()[log_level.upper()]
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    name_event = structlog.processors.EventRenamer("message", replace_by="about")
    traces = structlog.processors.ExceptionRenderer(lambda raised: traced(raised[1]))
    after = [traces, name_event, mask, _renderer(log_format)]
    structlog.configure(
        processors=[*before, *after],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*before, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *after],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _renderer(log_format: str) -> Any:
    if log_format == "json":
        return structlog.processors.JSONRenderer(default=str)
    return structlog.dev.ConsoleRenderer(
        colors=False, event_key="message", timestamp_key="at", exception_formatter=structlog.dev.plain_traceback
    )


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines carry `area=name` and what is bound to the current task."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(area=name)
    return logger
