"""Output of a command's result."""

from __future__ import annotations

import typer

from cli.terminal import output
from cli.terminal.errors import print_error, print_issues, print_violations
from cli.terminal.exit_codes import ExitCode
from services.context import CommandResult, CommandStatus, SubmissionResult, SubmissionStatus


def print_result(reply: CommandResult, as_json: bool = False) -> None:
    """Print the result for people or programs, and exit with its code."""
    if as_json:
        output.print_json(reply)
    match reply.kind:
        case CommandStatus.ACCEPTED:
            if not as_json:
                output.print_lines(reply.says)
        case CommandStatus.REFUSED:
            print_violations(reply.refusals)
            raise typer.Exit(ExitCode.REFUSED)
        case CommandStatus.QUEUED | CommandStatus.STORED:
            print_error(reply.says, f"Check later with 'umpire show {reply.case_id}'.")
            raise typer.Exit(ExitCode.STORED)


def print_submission(result: SubmissionResult, as_json: bool = False) -> None:
    """Print the result of what was entered as an arrival, and exit with its code."""
    if as_json:
        output.print_json(result)
    elif result.kind is not SubmissionStatus.REFUSED:
        output.print_lines(result.says)
    if result.kind is SubmissionStatus.REFUSED:
        print_error(result.says)
        print_issues(result.problems)
        raise typer.Exit(ExitCode.REFUSED)
    if result.kind in (SubmissionStatus.STORED, SubmissionStatus.QUEUED):
        raise typer.Exit(ExitCode.STORED)
