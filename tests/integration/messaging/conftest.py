"""Faults are planted here: their log lines are left out."""

from tests.unit.messaging.conftest import quiet

__all__ = ["quiet"]
