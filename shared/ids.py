"""Identifiers: opaque, prefixed by their kind, sortable by time of creation or derived from what they identify."""

from __future__ import annotations

import secrets
import time
import uuid

NAMESPACE = uuid.UUID("5d1c7f0e-7d6b-5c43-9f0a-0f6d2a3b9e11")


def new_id(prefix: str) -> str:
    """A fresh id such as `req_0199…`: 48 bits of milliseconds, then 80 random bits, so ids sort by time."""
    return f"{prefix}_{int(time.time() * 1000):012x}{secrets.token_hex(10)}"


def derived_id(prefix: str, *parts: str) -> str:
    """The same id for the same parts, always: what makes a repeated step find its first result."""
    return prefix + "_" + uuid.uuid5(NAMESPACE, "\x1f".join(parts)).hex
