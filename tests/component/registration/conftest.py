"""The service under test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.component.registration.front import Front


@pytest.fixture(scope="session")
def _built() -> Front:
    return Front()


@pytest.fixture
def front(_built: Front) -> Front:
    """Registration in memory, with nothing in it. Built once: making the application takes longer than most tests."""
    return _built.renew()


@pytest.fixture
async def fresh_front() -> AsyncIterator[Front]:
    """A registration of its own."""
    made = Front()
    yield made
    await made.http.aclose()
