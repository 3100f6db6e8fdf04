"""`umpire demo`: demonstration stories on a time-skipping server."""

from __future__ import annotations

import typer


def demo() -> None:
    """Run the stories on a time-skipping server and write their letters to out/."""
    from demo.run import main  # loads the worker, which no other command needs

    raise typer.Exit(main() or 0)
