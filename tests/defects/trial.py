"""A copy of the tree that may be spoiled, the tests run in it, and what their result means."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.defects.defect import Defect, NoLongerApplies, spoiled

TEST_SECONDS = 60
"""A test that takes longer has failed: it waits for what the defect has taken away."""

RUN_SECONDS = 240
"""A run of pytest that takes longer is ended, and has caught nothing."""

FAILED, PASSED = 1, 0
"""pytest's exit codes; 2 to 5 say that tests could not be run at all."""

Verdict = Literal["caught", "not caught", "no longer applies"]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of pytest: its exit code (None where it was ended), the tests by what became of them, what the first
    that did not pass said, the whole output."""

    code: int | None
    seconds: float
    output: str
    failed: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one defect. `caught_by` is the first test that failed and `detail` what it said; where it was not
    caught, `detail` is what an author needs to mend it."""

    defect: Defect
    verdict: Verdict
    seconds: float
    caught_by: str = ""
    detail: str = ""


@dataclass(slots=True)
class Copy:
    """A copy of the code: what git tracks and what it would, were it added."""

    root: Path
    run_seconds: float = RUN_SECONDS
    results: Path = field(init=False)

    def __post_init__(self) -> None:
        self.results = self.root.with_name(self.root.name + "-results.xml")

    @classmethod
    def of(cls, tree: Path, place: Path, run_seconds: float = RUN_SECONDS) -> Copy:
        """Copy the tree at `tree` to `place`, a folder that does not exist yet."""
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=tree, capture_output=True, check=True
        )
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (tree / name).is_file():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(tree / name, place / name)
        return cls(place, run_seconds)

    @contextmanager
    def with_defect(self, defect: Defect) -> Iterator[None]:
        """The copy is spoiled while this is open. Raises NoLongerApplies.

        The files get their old times back afterwards, so that byte code made of them holds good again.
        """
        kept: list[tuple[Path, bytes, os.stat_result]] = []
        try:
            for file, text in spoiled(self.root, defect).items():
                path = self.root / file
                kept.append((path, path.read_bytes(), path.stat()))
                path.write_text(text, "utf-8")
            yield
        finally:
            for path, content, stat in kept:
                path.write_bytes(content)
                os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def run(self, tests: Sequence[str], *, pristine: bool = False) -> Run:
        """Run these tests: a single one up to its first case that fails, several to the end. Only a `pristine` copy
        leaves byte code behind."""
        self.results.unlink(missing_ok=True)
        command = [
            sys.executable, "-m", "pytest", *tests, "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis",
            "--no-header", "--tb=short", f"--timeout={TEST_SECONDS}",
            f"--junitxml={self.results}", "-o", "junit_family=xunit1", *(["-x"] if len(tests) == 1 else []),
        ]  # fmt: skip
        foreign = ("PYTEST_", "COV_", "COVERAGE_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        if not pristine:
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
        began = time.monotonic()
        code, output = _ended(command, self.root, environment, self.run_seconds)
        return Run(code, time.monotonic() - began, output, **_results(self.results))


def _ended(command: Sequence[str], place: Path, environment: dict[str, str], seconds: float) -> tuple[int | None, str]:
    """Exit code and output; None where it took longer than `seconds` and was ended with all it had started."""
    process = subprocess.Popen(
        command,
        cwd=place,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return None, output.decode(errors="replace")
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    return process.returncode, output.decode(errors="replace")


def _results(path: Path) -> dict[str, Any]:
    found: dict[str, list[str]] = {"failed": [], "errors": [], "skipped": []}
    said = ""
    names = {"failure": "failed", "error": "errors", "skipped": "skipped"}
    if path.is_file():
        for case in ET.parse(path).getroot().iter("testcase"):
            said = said or next((c.get("message", "") for c in case if c.tag in ("failure", "error")), "")
            for outcome in {names[child.tag] for child in case if child.tag in names}:
                found[outcome].append(f"{case.get('file', case.get('classname', ''))}::{case.get('name', '')}")
    return {**{outcome: tuple(tests) for outcome, tests in found.items()}, "said": said}


def try_out(copy: Copy, defect: Defect) -> Trial:
    """Plant the defect, run its tests, take it out again."""
    began = time.monotonic()
    try:
        with copy.with_defect(defect):
            run = copy.run(defect.tests)
    except NoLongerApplies as error:
        return Trial(defect, "no longer applies", time.monotonic() - began, detail=str(error))
    hit = (*run.failed, *(run.errors if defect.at_startup else ()))
    unmoved = [test for test in defect.tests if not any(it == test or it.startswith(f"{test}[") for it in hit)]
    if run.code == FAILED and not unmoved:
        return Trial(defect, "caught", run.seconds, caught_by=hit[0], detail=run.said[:300])
    return Trial(defect, "not caught", run.seconds, detail=f"{_why(run, unmoved)}\n{run.output[-3000:]}")


def _why(run: Run, unmoved: Sequence[str]) -> str:
    if run.code is None:
        return f"its tests were ended after {run.seconds:.0f} s"
    if run.code == PASSED:
        return "its tests pass all the same"
    if run.code == FAILED:
        unbegun = f"; could not begin: {', '.join(run.errors)}" if run.errors else ""
        return f"these tests did not fail: {', '.join(unmoved)}{unbegun}"
    return f"its tests could not be run at all (pytest's exit code {run.code})"


def unspoiled(copy: Copy, tests: Sequence[str]) -> str:
    """Why these tests do not hold before anything is planted; empty where all pass and none is skipped."""
    run = copy.run(tests, pristine=True)
    if run.code == PASSED and not run.skipped:
        return ""
    wrong = ", ".join((*run.failed, *run.errors, *(f"{test} (skipped)" for test in run.skipped)))
    return f"{wrong or f'exit code {run.code}'}\n{run.output[-3000:]}"
