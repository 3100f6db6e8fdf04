"""`umpire disclosures`: list of the criteria that were asked for, with whether they were sent."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json, Wide
from services.fitting_work import plan_zone
from services.queries.disclosures import DisclosureRow, SendingStatus, list_disclosures

_COLUMNS = ("Asked", "Sent", "Criteria", "Who asked", "How", "Where to", "By", "Letter")
_DEFAULT_LIMIT = 200


def disclosures(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of rows.")] = _DEFAULT_LIMIT,
    wide: Wide = False,
    as_json: Json = False,
) -> None:
    """List the criteria that were asked for, the latest first: by whom, how they went, and whether they were sent."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            found, zone = list_disclosures(s, limit + 1), plan_zone(s)
        more, found = len(found) > limit, found[:limit]
        if as_json:
            output.print_json(found)
            return
        if not found:
            output.print_lines("Nobody has asked for criteria yet.")
            return
        output.print_table(_COLUMNS, [_row(one, zone) for one in found], wide=wide)
        if more:
            output.print_lines(f"There are more; see them with --limit {limit * 10}.")


def _row(one: DisclosureRow, zone: str) -> tuple[str, ...]:
    sent = {
        SendingStatus.BY_PEOPLE: "by people",
        SendingStatus.TO_BE_SENT: "to be sent",
        SendingStatus.SENT: output.format_instant(one.sent_at, zone),
    }
    return (
        output.format_instant(one.at, zone),
        sent[one.sending],
        f"{one.guideline_id} {one.version}",
        ", ".join(filter(None, (one.caller_name, one.caller_organization))),
        output.spell_out(one.way.value),
        one.sent_to,
        one.by,
        one.letter_id or "",
    )
