"""What a planted defect is: a few exact replacements in the real code, and the tests that must notice them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Change:
    """One replacement. `old` must occur exactly once in the file when it is made."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Defect:
    """`sentence` says what would go wrong for whom. `tests` are pytest node ids, without parameters or with: all pass
    without the defect, and each fails with it. `at_startup`: an error before a test's first line is a catch too."""

    name: str
    sentence: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]
    at_startup: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.tests, str) or isinstance(self.changes, Change):
            raise TypeError(f"{self.name}: a comma is missing behind its only test or change")


class NoLongerApplies(Exception):
    """The code has moved away from under a defect: its replacements, or the defect itself, must be written anew."""


def missing_tests(root: Path, defect: Defect) -> list[str]:
    """Its tests whose file has no function of that name (any more), without importing anything."""
    return [test for test in defect.tests if not _defined(root, test)]


def _defined(root: Path, test: str) -> bool:
    file, _, name = test.partition("::")
    function = name.partition("[")[0].rpartition("::")[2]
    return (root / file).is_file() and f"def {function}(" in (root / file).read_text("utf-8")


def spoiled(root: Path, defect: Defect) -> dict[str, str]:
    """The files of the tree at `root` as the defect would have them, by path. Writes nothing.

    Raises NoLongerApplies where a text to replace does not occur exactly once, or where the result is no Python.
    """
    texts: dict[str, str] = {}
    for change in defect.changes:
        path = root / change.file
        if change.file not in texts:
            if not path.is_file():
                raise NoLongerApplies(f"{change.file} is gone")
            texts[change.file] = path.read_text("utf-8")
        found = texts[change.file].count(change.old)
        if found != 1:
            raise NoLongerApplies(f"{change.file} has {found} times instead of once: {change.old.strip()!r}")
        texts[change.file] = texts[change.file].replace(change.old, change.new)
    for file, text in texts.items():
        if text == (root / file).read_text("utf-8"):
            raise NoLongerApplies(f"{file} would stay as it is")
        if file.endswith(".py"):
            try:
                compile(text, file, "exec", dont_inherit=True)
            except SyntaxError as error:
                raise NoLongerApplies(f"{file} would be no Python: {error}") from error
    return texts
