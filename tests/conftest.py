"""Fixtures every test may ask for, and how hard the property tests look."""

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.servers"]

settings.register_profile("deep", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For `make deep`: --hypothesis-profile=deep. Tests that name a number of examples themselves keep it, and are run
again with other seeds."""

ONE_AT_A_TIME = ("tests/e2e/", "tests/integration/test_embedded_", "tests/unit/defects/")
"""Tests that start whole stacks or many processes: all on one worker, so that two of them never share the machine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group what must not run side by side; with one worker this changes nothing."""
    for item in items:
        if item.nodeid.startswith(ONE_AT_A_TIME):
            item.add_marker(pytest.mark.xdist_group("stacks"))
