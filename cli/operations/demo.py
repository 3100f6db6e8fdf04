"""`umpire demo`: the stories, told on a server whose time is moved by hand."""

from __future__ import annotations

import typer


def demo() -> None:
    """Run the stories on a time-skipping server and write their letters to out/."""
    from demo.run import main  # loads the worker and everything in it, which no other command needs

    raise typer.Exit(main() or 0)
