"""What is logged while a test looks on, in the form of production."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import structlog

from shared.runtime.logging import configure


@contextmanager
def logged(log_format: Literal["json", "console"] = "json", level: str = "info") -> Iterator[io.StringIO]:
    """All lines of this process, until the block ends; then logging is as it was."""
    root, structured = logging.getLogger(), structlog.get_config()
    handlers, threshold = root.handlers[:], root.level
    stream = io.StringIO()
    configure(log_format, level, stream=stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(threshold)
        structlog.configure(**structured)
