"""How a command gets at its settings: only when it asks, so that help and completion need none."""

from __future__ import annotations

from pathlib import Path

from deploy.terminal.failing import guarded
from deploy.terminal.showing import Call, Shown


class Opening:
    """What a command finds in its context."""

    def __init__(self, place: Path | None, shown: Shown) -> None:
        self._place = place
        self.shown = shown

    def __call__(self) -> Call:
        """The call with its settings; ends the process with one line where they are wrong."""
        from deploy.terminal.settings import place_of_settings, settings_from  # late: help and completion need none

        return Call(guarded(lambda: settings_from(place_of_settings(self._place))), self.shown)

    def faults(self) -> list[str]:
        """What is wrong with the settings, one line per variable; ends the process where --from names no such file."""
        from deploy.terminal.settings import faults_of, place_of_settings  # late: as above

        return guarded(lambda: faults_of(place_of_settings(self._place)))
