"""Fixtures every test may ask for, and how hard the property tests look."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.servers"]

settings.register_profile("deep", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For `make deep`: --hypothesis-profile=deep. Tests that name a number of examples themselves keep it, and are run
again with other seeds."""
