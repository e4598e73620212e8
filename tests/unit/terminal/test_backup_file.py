"""The file of a backup: what was written comes back, and a file that is not as it was written is told at once."""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.process import ROOT
from deploy.terminal.backups.file import FORMAT, Head, Writing, check, documents_of
from deploy.terminal.failing import Exit, Failed

HEAD = Head(
    format=FORMAT,
    service="matching",
    database="matching",
    taken_at="2027-03-01T09:00:00+00:00",
    groups={"matching.roster": {"registration.experts": [3, 0]}},
    lasts={"matching.roster": {"registration.experts": ["evt_1", None]}},
    ends={"matching.positions": [4, 4]},
    announces=[("positions", "matching.positions")],
)
ROWS: list[tuple[str, dict[str, Any]]] = [
    ("parked", {"_id": "a", "at": 2**53 + 1, "state": None}),
    ("roster", {"_id": "exp_1", "state": {"a.b": {"$x": [1.5, -0.0, "é\u202e", None, True, {}]}, "": ""}}),
    ("roster", {"_id": "exp_2", "state": {}}),
]


def written(place: Path) -> Path:
    writing = Writing(place / "sample.backup", HEAD)
    for collection, document in ROWS:
        writing.document(collection, document)
    writing.end()
    return writing.path


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = check(path)
    assert (whole.head, whole.counts) == (HEAD, {"parked": 1, "roster": 2})
    assert list(documents_of(path)) == ROWS
    assert path.stat().st_mode & 0o077 == 0, "people are in it"
    assert [found.name for found in tmp_path.iterdir()] == ["sample.backup"]


def test_a_file_of_a_version_that_kept_no_last_records_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr(Head, "model_dump", lambda head: {k: v for k, v in dict(head).items() if k != "lasts"})
        path = written(tmp_path)
    assert check(path).head == HEAD.model_copy(update={"lasts": {}})


def test_a_change_of_any_byte_and_a_cut_anywhere_are_found(tmp_path: Path) -> None:
    good = written(tmp_path).read_bytes()
    bad = tmp_path / "bad.backup"
    for at in range(len(good)):
        if 3 < at < 10:
            continue  # gzip's own note of time, flags and system: of no meaning for what is inside
        bad.write_bytes(good[:at] + bytes([good[at] ^ 0x55]) + good[at + 1 :])
        with pytest.raises(Failed, match="damaged or not a backup") as found:
            check(bad)
        assert found.value.code is Exit.USAGE
    for length in range(len(good)):
        bad.write_bytes(good[:length])
        with pytest.raises(Failed, match="damaged or not a backup"):
            check(bad)


def test_one_that_was_killed_while_it_was_taken_is_no_backup(tmp_path: Path) -> None:
    writing = Writing(tmp_path / "sample.backup", HEAD)
    for collection, document in ROWS:
        writing.document(collection, document)
    writing._zipped.close()
    writing._raw.close()
    assert [found.name for found in tmp_path.iterdir()] == ["sample.backup.part"]
    with pytest.raises(Failed, match="its end is missing"):
        check(tmp_path / "sample.backup.part")


def test_one_that_failed_leaves_nothing(tmp_path: Path) -> None:
    Writing(tmp_path / "sample.backup", HEAD).give_up()
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = written(tmp_path / "years" / "backups")
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    tmp_path.chmod(0o755)
    written(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755, "a folder of somebody's stays as it is"


def test_git_takes_no_backup() -> None:
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {"/backups/", "*.backup", "*.backup.part"} <= set(ignored)


class FullDisk(io.RawIOBase):
    """Takes nothing."""

    def writable(self) -> bool:
        return True

    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_said_so_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(handle: int, _: str) -> io.BufferedWriter:
        os.close(handle)
        return io.BufferedWriter(FullDisk(), buffer_size=1)

    monkeypatch.setattr(os, "fdopen", opened)
    with pytest.raises(Failed, match="cannot be written: No space left on device") as found:
        written(tmp_path)
    assert found.value.code is Exit.USAGE
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_or_read_is_said_so(tmp_path: Path) -> None:
    file = written(tmp_path)
    for place in (file, file / "below"):
        with pytest.raises(Failed, match=r"cannot be written: (File exists|Not a directory)") as found:
            written(place)
        assert found.value.code is Exit.USAGE
    for place, told in (
        (tmp_path, "cannot be read: Is a directory"),
        (tmp_path / "sample.backup" / "x", "cannot be read: Not a directory"),
        (tmp_path / "none", "is not there"),
    ):
        with pytest.raises(Failed, match=told) as found:
            check(place)
        assert found.value.code is Exit.USAGE
