"""Telling what a case answered."""

from __future__ import annotations

import typer

from cli.terminal import output
from cli.terminal.errors import Exit, complain, refusals
from services.context import Reply, ReplyKind


def show(reply: Reply, as_json: bool = False) -> None:
    """The answer for people or programs, and the exit code that goes with it."""
    if as_json:
        output.as_json(reply)
    match reply.kind:
        case ReplyKind.ACCEPTED:
            if not as_json:
                output.say(reply.says)
        case ReplyKind.REFUSED:
            refusals(reply.refusals)
            raise typer.Exit(Exit.REFUSED)
        case ReplyKind.HANDED_ON | ReplyKind.KEPT:
            complain(reply.says, f"Look again with 'umpire show {reply.case_id}'.")
            raise typer.Exit(Exit.KEPT)
