"""How often somebody who waits for something that is away may have asked for it."""

from __future__ import annotations

from shared.messaging.backoff import Pauses


def most_attempts(policy: Pauses, seconds: float) -> int:
    """With every attempt answered at once and no chance added to the pauses."""
    attempts, spent = 1, 0.0
    while (spent := spent + min(policy.first * policy.factor ** (attempts - 1), policy.cap)) <= seconds:
        attempts += 1
    return attempts
