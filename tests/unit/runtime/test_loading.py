"""What a service loads is left alone by the garbage collector; what becomes garbage later is not."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from deploy.embedded.process import ROOT
from deploy.services import SERVICES
from shared.runtime.loading import lasting

STARTED = """
import gc, runpy, sys
from shared.runtime import process
before = gc.get_freeze_count()
process.run = lambda service: print(service.name, before, gc.get_freeze_count() > 50_000, gc.isenabled())
runpy.run_module(sys.argv[1], run_name="__main__")
"""
SET = {
    "ENTENTE_KAFKA": "127.0.0.1:1",
    "ENTENTE_MONGODB": "mongodb://127.0.0.1:1",
    "ENTENTE_ISSUER": "http://127.0.0.1:1",
    "PYTHONPATH": str(ROOT),
}


class Ring:
    """Reachable from itself: only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_made_meanwhile_is_never_looked_at_and_what_comes_later_is() -> None:
    with lasting():
        assert not gc.isenabled()
        ring = Ring()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert not any(found is ring for found in gc.get_objects())
    later = weakref.ref(Ring())
    gc.collect()
    assert later() is None


def test_where_loading_fails_the_collector_works_again() -> None:
    with pytest.raises(SystemExit), lasting():
        raise SystemExit(1)
    assert gc.isenabled()


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_loaded_so(service: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTED, f"services.{service}"], env=SET, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == [service, "0", "True", "True"], done.stderr
