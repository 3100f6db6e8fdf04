"""Telling what became of a message or of a concern, and the exit code that goes with it."""

from __future__ import annotations

from collections.abc import Mapping

import typer

from cli.terminal import output
from cli.terminal.errors import Exit, complain, problems
from services.context import Outcome, OutcomeKind

_CODES = {OutcomeKind.KEPT: Exit.KEPT, OutcomeKind.REFUSED: Exit.NOT_READABLE}


def tell(outcomes: Mapping[str, Outcome], as_json: bool) -> None:
    """Say it for each document by its name (empty for what was typed), and end the command with the gravest code."""
    if as_json:
        output.as_json(
            [one.model_dump(mode="json") | ({"file": name} if name else {}) for name, one in outcomes.items()]
        )
    for name, one in outcomes.items():
        if not as_json:
            output.say(f"{name}: {one.says}" if name else one.says)
        if one.problems:
            complain("Not taken:")
            problems(one.problems)
    codes = {_CODES.get(one.kind, Exit.OK) for one in outcomes.values()}
    raise typer.Exit(next((code for code in (Exit.NOT_READABLE, Exit.KEPT) if code in codes), Exit.OK))
