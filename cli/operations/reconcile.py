"""`umpire reconcile`: open cases whose workflow is lost are started again as they stood."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from domain.plain_language.phrases import count_phrase


def reconcile(
    context: typer.Context,
    server_lost: Annotated[
        bool,
        typer.Option(
            "--server-lost",
            help="Also start cases that this Temporal server does not know: only when the server they ran on is gone.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Compare open cases with the workflows that run, and start again those whose workflow is lost.

    They continue as of their last journal entry, with the same receipt and clocks, and compliance gets a task. Exit code 0 when
    every open case runs now; otherwise the table says for each what to do.
    """
    from services.commands.reconciliation import ReconciledStatus, reconcile  # loads the Temporal client

    with handle_errors():
        found = cli_context(context).run_with_services(
            lambda services: reconcile(services, server_was_lost=server_lost)
        )
        if as_json:
            output.print_json(found)
        elif not found:
            output.print_lines("Every open case has its workflow.")
        else:
            rows = [(one.case_id, output.spell_out(one.status.value), one.says) for one in found]
            output.print_table(("Case", "Status", "What was found and done"), rows)
            restarted = sum(one.status is ReconciledStatus.RESTARTED for one in found)
            output.print_lines(
                f"{count_phrase(restarted, 'case')} started again; {len(found) - restarted} left for you to see to, as said "
                "above. Every other open case has its workflow."
            )
        if any(one.status is not ReconciledStatus.RESTARTED for one in found):
            raise typer.Exit(ExitCode.BROKEN)
