"""Telling the story on a terminal while it happens. Readable without colour: who, what, then what followed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table

WIDTH = 118


class Teller:
    """Prints one line per thing that happened, with the seconds since the story began."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(width=WIDTH, highlight=False, soft_wrap=False)
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
        self.console.print()
        self.console.print(f"[bold]{title}[/bold]")

    def did(self, who: str, what: str) -> None:
        """Somebody did something."""
        self._line(f"[bold]{who}[/bold] {what}")

    def followed(self, what: str) -> None:
        """An event followed."""
        self._line(f"  -> [cyan]{what}[/cyan]")

    def told(self, whom: str, of: str) -> None:
        """Somebody was told."""
        self._line(f"     told: {whom} [dim]({of})[/dim]")

    def note(self, text: str) -> None:
        """A remark."""
        self._line(f"[dim]{text}[/dim]")

    def _line(self, text: str) -> None:
        self.console.print(f"[dim]{self.seconds:5.1f} s[/dim]  {text}", overflow="ellipsis", no_wrap=True)

    def table(self, title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
        """A table at the end."""
        table = Table(title=title, title_justify="left", show_lines=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(str(cell) for cell in row))
        self.console.print()
        self.console.print(table)
