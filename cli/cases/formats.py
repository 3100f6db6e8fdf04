"""`umpire schema` and `umpire facts`: the formats that may be sent, and the facts that criteria ask for."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.errors import handle_errors, print_error
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from domain.plain_language.phrases import count_phrase
from interop.plain.schema import SCHEMA_NAMES
from services.queries.request_formats import format_schema


def schema(
    name: Annotated[str, typer.Argument(metavar="FORMAT", help=f"One of {', '.join(SCHEMA_NAMES)}.")],
) -> None:
    """Print the JSON Schema of a plain format, with words for every property and value."""
    found = next((one for one in SCHEMA_NAMES if one == name), None)
    if found is None:
        print_error(f"There is no format named {name}.", f"Formats: {', '.join(SCHEMA_NAMES)}.")
        raise typer.Exit(ExitCode.USAGE)
    output.print_json(format_schema(found))


def facts(
    service: Annotated[
        str | None,
        typer.Argument(
            metavar="[SERVICE]", help="A code, service group, level of care, guideline, or words of a title."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the facts that criteria ask for: id, question, value and unit, and the services that ask."""
    with handle_errors():
        from rulebook.rulebook import load_rulebook
        from services.queries.fact_catalog import FactSources, list_facts

        book = load_rulebook()
        groups = {group.id: group.title for group in book.code_map.groups}
        sources = FactSources(book.criteria.guidelines, book.criteria.dictionary, groups, book.code_map.groups_of)
        found = list_facts(sources, service)
        if as_json:
            output.print_json(list(found))
            return
        for one in found:
            unit = f" in {one.unit}" if one.unit else ""
            read = f" ({one.unit_words})" if one.unit_words not in (None, one.unit) else ""
            values = f": {', '.join(one.values)}" if one.values else ""
            age = f"; at most {count_phrase(one.max_age_days, 'day')} old" if one.max_age_days else ""
            output.print_lines(
                one.fact_id,
                f"  {one.question}",
                f"  Value: {one.value_kind}{unit}{read}{values}. Needs {one.needs}{age}.",
                f"  Asked for: {'; '.join(one.services)}.",
            )
        output.print_lines(f"{count_phrase(len(found), 'fact')}. Facts that the plan itself knows are not listed.")
