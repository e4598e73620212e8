"""What the program calls itself in its hints."""

from __future__ import annotations

from runpy import run_module

import pytest


def test_its_name_is_that_of_the_command_also_where_an_image_calls_it_as_a_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["__main__.py", "trace"])
    monkeypatch.setattr("logging.disable", lambda level: None)
    with pytest.raises(SystemExit) as ended:
        run_module("deploy.terminal", run_name="__main__", alter_sys=False)
    assert (ended.value.code, capsys.readouterr().err) == (
        2,
        "Missing argument 'correlation'; see 'entente trace --help'\n",
    )
