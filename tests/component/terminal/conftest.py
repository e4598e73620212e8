"""Where the terminal looks when a test says nothing of it: nowhere, or where nobody is."""

from __future__ import annotations

import pytest

from deploy.embedded.process import free_port
from deploy.services import SERVICES
from tests.support.terminal import pairs


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA", "MONGODB", "FROM"):
        monkeypatch.delenv(f"ENTENTE_{name}", raising=False)


@pytest.fixture
def _nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("ENTENTE_KAFKA", f"127.0.0.1:{port}")
    monkeypatch.setenv("ENTENTE_MONGODB", "mongodb://127.0.0.1:1")
    monkeypatch.setenv("ENTENTE_ISSUER", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("ENTENTE_SERVICES", pairs(dict.fromkeys(SERVICES, f"http://127.0.0.1:{port}")))
