"""Consumer groups that this release has and the backup does not know, since it was taken before an upgrade.

A restore puts each to the beginning of its topic. Left where it stands, at the end, its view would lack everything the
topic holds, and the next event of whatever is older would be a gap. From the beginning it reads as it did when the
upgrade brought it: what a document has taken in its guard passes over.
"""

from __future__ import annotations

from collections.abc import Collection

from deploy.audit.expectations import GROUPS, TOLD_BY
from deploy.terminal.backups.file import Head
from deploy.terminal.failing import Exit, Failed


def newer_groups(head: Head, tell_again: Collection[str] = ()) -> dict[str, str]:
    """Group -> topic. Pure.

    Failed for one that tells people and is not in `tell_again`: the notices it has sent since the upgrade are not in
    the backup, so all of its topic would be told once more. Failed for a name there that is none of these.
    """
    newer = {
        group: topic
        for group, topic in GROUPS.items()
        if group.startswith(f"{head.service}.") and group not in head.groups
    }
    telling = [group for group in newer if tells(group)]
    if wrong := [group for group in tell_again if group not in telling]:
        raise Failed(f"--tell-again {wrong[0]}: no group that tells people and is unknown to this backup", Exit.USAGE)
    if silent := [group for group in telling if group not in tell_again]:
        named = " ".join(f"--tell-again {group}" for group in telling)
        raise Failed(
            f"this backup is older than {', '.join(silent)}, which would mail people again of everything on its topic "
            f"since the beginning: take a backup made since the upgrade, or accept that with {named}; "
            "nothing was changed"
        )
    return newer


def tells(group: str) -> bool:
    """Whether people are told by it."""
    return group in TOLD_BY.values()
