"""What the development issuer logs: no variable of any frame, among which tokens are."""

from __future__ import annotations

import pytest
import structlog
import uvicorn

from deploy.identity import __main__ as issuer
from tests.support.logs import logged


def test_a_fault_is_logged_without_variables(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(_: uvicorn.Server, **__: object) -> None:
        token = "eyJ" + "Quetzal"
        try:
            raise RuntimeError(f"a token of {len(token)} characters")
        except RuntimeError:
            structlog.get_logger().exception("unexpected fault")

    monkeypatch.setattr(issuer, "die_with_parent", lambda: None)
    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setattr("sys.argv", ["identity", "--dir", str(tmp_path)])
    with logged():
        structlog.reset_defaults()
        issuer.main()
    out, err = capsys.readouterr()
    assert "RuntimeError: a token of 10 characters" in err
    assert "eyJQuetzal" not in out + err
    assert out == ""
