"""`make defects` fails where it should: on a defect nothing catches, and on one that the code has moved away from."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.process import ROOT
from tests.defects.__main__ import run, show
from tests.defects.catalogue import DEFECTS, ON_REAL_SERVERS
from tests.defects.defect import Change, Defect, NoLongerApplies, missing_tests, spoiled

CODE = "def double(n: int) -> int:\n    return n * 2\n\n\ndef check(n: int) -> bool:\n    return n > 0\n"
TESTS = """
import pytest
from code_of import double

@pytest.fixture
def two():
    assert double(1) == 2
    return 2

def test_double(): assert double(2) == 4
def test_nothing(): pass
@pytest.mark.parametrize("n", [0, 1, 2])
def test_odd(n): assert double(n) % 2 == 0
def test_of_two(two): pass
@pytest.mark.skip
def test_later(): pass
"""
UNUSED = " ".join(f"-p no:{plugin}" for plugin in ("anyio", "asyncio", "hypothesispytest", "pytest_cov", "xdist"))
"""Plugins that a tiny project needs not: loading them is most of a run of it."""
TIMES = Change("code_of.py", "n * 2", "n * 3")


def defect(name: str, *tests: str, change: Change = TIMES, at_startup: bool = False) -> Defect:
    return Defect(name, f"Sample: {name}.", (change,), tuple(f"test_it.py::{t}" for t in tests), at_startup)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tiny project under git, with something that git ignores."""
    root = tmp_path / "tree"
    root.mkdir()
    for name, text in {
        "code_of.py": CODE,
        "test_it.py": TESTS,
        "pytest.ini": f"[pytest]\npythonpath = .\naddopts = {UNUSED}\n",
        ".gitignore": "ignored/\n",
    }.items():
        (root / name).write_text(text)
    (root / "ignored").mkdir()
    (root / "ignored/test_it.py").write_text("raise RuntimeError\n")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def outcome(tree: Path, *defects: Defect, copies: int = 1) -> tuple[int, dict[str, Any], list[str]]:
    """Exit code, report and lines of a run."""
    lines: list[str] = []
    report = tree.parent / "build" / "defects.json"
    code = run(defects, tree, report, copies=copies, say=lines.append)
    return code, json.loads(report.read_text("utf-8")), lines


def verdicts(report: dict[str, Any]) -> dict[str, str]:
    return {trial["name"]: trial["verdict"] for trial in report["trials"]}


def test_a_caught_defect_names_its_test_and_leaves_the_tree_alone(tree: Path) -> None:
    code, report, lines = outcome(tree, defect("a", "test_double"), defect("b", "test_double", "test_odd"), copies=2)
    assert code == 0
    assert report["ok"] is True
    assert (report["caught"], report["defects"]) == (2, 2)
    assert [trial["caught_by"] for trial in report["trials"]] == ["test_it.py::test_double"] * 2
    assert sum("caught by test_it.py::test_double in" in line for line in lines) == 2
    assert (tree / "code_of.py").read_text() == CODE


def test_a_defect_that_nothing_catches_fails_the_run_and_the_next_one_starts_clean(tree: Path) -> None:
    other = Change("code_of.py", "n > 0", "n > 1")
    code, report, lines = outcome(
        tree,
        defect("seen", "test_double"),
        defect("unseen", "test_nothing"),
        defect("half seen", "test_double", "test_nothing"),
        defect("other", "test_double", change=other),
    )
    assert code == 1
    assert verdicts(report) == {
        "seen": "caught",
        "unseen": "not caught",
        "half seen": "not caught",
        "other": "not caught",
    }
    assert any("unseen: NOT CAUGHT - its tests pass all the same" in line for line in lines)


def test_a_defect_that_no_longer_applies_fails_the_run(tree: Path) -> None:
    gone = defect("gone", "test_double", change=Change("code_of.py", "n * 5", "n * 6"))
    code, report, lines = outcome(tree, gone, defect("seen", "test_double"))
    assert code == 1
    assert verdicts(report) == {"gone": "no longer applies", "seen": "caught"}
    assert any("gone: NO LONGER APPLIES - code_of.py has 0 times instead of once: 'n * 5'" in line for line in lines)
    listed: list[str] = []
    assert show([gone, defect("seen", "test_double")], tree, listed.append) == 1
    assert listed[0].startswith("gone: NO LONGER APPLIES")
    assert show([defect("seen", "test_double")], tree, listed.append) == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change("code_of.py", "def ", "async def "), "2 times"),
        (Change("gone.py", "a", "b"), "gone.py is gone"),
        (Change("code_of.py", "n * 2", "n * 2"), "stay as it is"),
        (Change("code_of.py", "n * 2", "n *"), "no Python"),
    ],
)
def test_a_text_must_be_found_exactly_once_and_leave_python(tree: Path, change: Change, said: str) -> None:
    with pytest.raises(NoLongerApplies, match=said):
        spoiled(tree, defect("x", "test_double", change=change))


def test_code_that_cannot_be_imported_is_no_catch_and_an_error_before_a_test_only_at_startup(tree: Path) -> None:
    unimportable = Change("code_of.py", "def double", "def triple")
    code, report, _ = outcome(
        tree,
        defect("unimportable", "test_double", change=unimportable),
        defect("fixture", "test_of_two"),
        defect("start-up", "test_of_two", at_startup=True),
    )
    assert code == 1
    assert verdicts(report) == {"unimportable": "not caught", "fixture": "not caught", "start-up": "caught"}
    assert "exit code" in report["trials"][0]["detail"]
    assert "could not begin" in report["trials"][1]["detail"]


@pytest.mark.parametrize("test", ["test_unknown", "test_later"])
def test_a_named_test_that_is_missing_or_skipped_fails_before_anything_is_planted(tree: Path, test: str) -> None:
    code, report, _ = outcome(tree, defect("a", test))
    assert code == 1
    assert report["unspoiled"]["ok"] is False
    assert report["trials"] == []


def test_the_catalogue_is_sound() -> None:
    """Each still applies to the code as it is, and names tests that are there: seen here, long before a run."""
    names = [one.name for one in (*DEFECTS, *ON_REAL_SERVERS)]
    assert len(set(names)) == len(names) >= 14
    for one in (*DEFECTS, *ON_REAL_SERVERS):
        assert one.name.replace("-", "").isalnum()
        assert one.name == one.name.lower()
        assert one.sentence.endswith(".")
        assert one.tests
        assert not [change.file for change in one.changes if change.file.startswith("tests/")], "in the real code only"
        assert spoiled(ROOT, one)
        assert missing_tests(ROOT, one) == []
