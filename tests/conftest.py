"""Fixtures every test may ask for, and how hard the property tests look."""

import pytest
import structlog
from hypothesis import HealthCheck, is_hypothesis_test, settings

pytest_plugins = ["tests.support.servers", "tests.support.scheduling"]

settings.register_profile("plain", deadline=None)
settings.load_profile("plain")
"""Without Hypothesis' deadline of 200 ms for an example: beside other workers one takes longer now and then."""
settings.register_profile("deep", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For `make deep`: --hypothesis-profile=deep. Tests that name a number of examples themselves keep it, and are run
again with other seeds."""

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)
"""structlog's own default draws tracebacks with all their locals: 5 s for one that went through the web framework."""

SLOWEST_FIRST = (
    "/real/cluster/test_primary_killed",  # 130 s of work for both cores; those of `away` mostly wait beside it
    "/real/away/test_store_away",
    "/real/away/",
    "/real/cluster/",
    "/tests/e2e/",
    "/tests/integration/terminal/",
    "/tests/integration/",
    "/tests/component/runtime/",
)


SHOWN_BY_OTHERS = (
    "/tests/e2e/",
    "/tests/contract/test_compatibility",
    "/tests/contract/test_relied_on",
    "/tests/contract/test_tolerance",
    "/tests/component/matching/test_crashes",
    "/tests/component/notifications/test_mail_server_away",
    "/tests/component/registration/test_bad_input",
    "/tests/component/registration/test_large_terms",
    "/tests/component/runtime/test_process",
    "/tests/integration/notifications/",
    "/tests/integration/store/test_away",
    "/tests/integration/store/test_interleavings",
    "/tests/integration/store/test_size",
    "/tests/integration/store/test_values",
    "/tests/integration/terminal/",
    "/tests/integration/test_embedded",
    "/tests/unit/defects/",
    "/tests/unit/examples/",
    "/tests/unit/house/",
)
"""Files that walk the same lines a hundredfold, or start processes of their own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that start whole systems come first, so that two workers end together (the sort keeps a file's order).

    Coverage looks away (`no_cover`) from what shows it nothing new and costs a third more time under its tracer.
    """
    items.sort(key=lambda item: next((n for n, part in enumerate(SLOWEST_FIRST) if part in str(item.path)), 99))
    for item in items:
        shown = any(part in str(item.path) for part in SHOWN_BY_OTHERS)
        if shown or (isinstance(item, pytest.Function) and is_hypothesis_test(item.obj)):
            item.add_marker("no_cover")
