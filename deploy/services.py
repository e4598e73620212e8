"""The services there are, and where each is found unless somebody says otherwise."""

from __future__ import annotations

SERVICES = ("registration", "matching", "notifications")
"""In the order in which they are told of: that of a request's way through them."""

DATABASES = {name: name for name in SERVICES}
"""The database of each."""

PORTS = dict(zip(SERVICES, (8001, 8002, 8003), strict=True))
"""The port of each one's HTTP interface, where all are on one machine or behind one proxy."""
