"""Output of the results of callback messages and concerns, with the exit code."""

from __future__ import annotations

from collections.abc import Mapping

import typer

from cli.terminal import output
from cli.terminal.errors import print_error, print_issues
from cli.terminal.exit_codes import ExitCode
from services.context import SubmissionResult, SubmissionStatus

_CODES = {SubmissionStatus.STORED: ExitCode.STORED, SubmissionStatus.REFUSED: ExitCode.NOT_READABLE}


def print_results(outcomes: Mapping[str, SubmissionResult], as_json: bool) -> None:
    """Print each document's result by name (empty for typed input), and exit with the most severe code."""
    if as_json:
        output.print_json(
            [one.model_dump(mode="json") | ({"file": name} if name else {}) for name, one in outcomes.items()]
        )
    for name, one in outcomes.items():
        if not as_json:
            output.print_lines(f"{name}: {one.says}" if name else one.says)
        if one.problems:
            print_error("Not accepted:")
            print_issues(one.problems)
    codes = {_CODES.get(one.kind, ExitCode.OK) for one in outcomes.values()}
    raise typer.Exit(next((code for code in (ExitCode.NOT_READABLE, ExitCode.STORED) if code in codes), ExitCode.OK))
