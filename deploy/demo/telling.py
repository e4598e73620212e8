"""Telling the story on a terminal while it happens. Readable without colour: who, what, then what followed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.plain import plain, plain_lines

WIDTH = 118

Part = str | tuple[str, str]
"""A piece of a line: a text, or a text and its style."""


class Teller:
    """Prints one line per thing that happened, with the seconds since the story began.

    Whatever is told may come from elsewhere: every character of it is shown, and none is obeyed.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(width=WIDTH, markup=False, emoji=False, highlight=False, soft_wrap=False)
        self._began = time.monotonic()

    def begin(self) -> None:
        """The story's clock starts now."""
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the story began."""
        return time.monotonic() - self._began

    def chapter(self, title: str) -> None:
        """A new part of the story."""
        self.say()
        self.say((title, "bold"))

    def did(self, who: str, what: str) -> None:
        """Somebody did something."""
        self._line((who, "bold"), f" {what}")

    def followed(self, what: str) -> None:
        """An event followed."""
        self._line("  -> ", (what, "cyan"))

    def told(self, whom: str, of: str) -> None:
        """Somebody was told."""
        self._line(f"     told: {whom} ", (f"({of})", "dim"))

    def note(self, text: str) -> None:
        """A remark."""
        self._line((text, "dim"))

    def say(self, *parts: Part) -> None:
        """Something outside the story, without a time; an empty line where it is nothing."""
        self.console.print(_worded(parts))

    def quote(self, text: str) -> None:
        """The same with all its lines: such as the end of a log."""
        for line in plain_lines(text):
            self.say(line)

    def _line(self, *parts: Part) -> None:
        text = _worded([(f"{self.seconds:5.1f} s", "dim"), "  ", *parts])
        self.console.print(text, overflow="ellipsis", no_wrap=True)

    def table(self, title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
        """A table at the end."""
        table = Table(title=Text(plain(title), "table.title"), title_justify="left", show_lines=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text(plain(str(cell))) for cell in row))
        self.say()
        self.console.print(table)


def _worded(parts: Iterable[Part]) -> Text:
    """The parts as one line."""
    said = ((part, "") if isinstance(part, str) else part for part in parts)
    return Text.assemble(*((plain(text), style) for text, style in said))
