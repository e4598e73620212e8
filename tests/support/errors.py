"""Errors in words, for reports."""

from __future__ import annotations


def in_words(error: BaseException, most: int) -> list[str]:
    """The error, or each within a group of them and within groups in that; at most so many characters each."""
    if isinstance(error, BaseExceptionGroup):
        return [word for inner in error.exceptions for word in in_words(inner, most)]
    return [f"{type(error).__name__}: {error}"[:most]]
