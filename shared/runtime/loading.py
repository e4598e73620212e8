"""Loading a service without the garbage collector, and keeping what was loaded out of its sight.

A service loads some 130,000 objects that live as long as its process: modules, models, the web application. While they
are made the collector goes through them again and again and finds next to nothing; and once the service answers, each
full collection would go through all of them and hold up everything else for 40 ms.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def lasting() -> Iterator[None]:
    """What is made in the block stays for the life of the process: no collection looks at it, during or after. What
    becomes garbage later is collected as ever."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
