"""`umpire rulebook diff`, `impact` and `schema`: changes of the rulebook, their impact on cases, and JSON Schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors, print_error
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from domain.cases.views import CaseStatus, CaseView
from domain.clocks.engine import Clock
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import Lob
from rulebook.authoring.differences import changed_entry_names, find_differences
from rulebook.impact import CurrentRules, StoredCaseRules, explain_impact
from rulebook.law_changes import find_law_changes
from rulebook.rulebook import load_rulebook, rulebook_root
from rulebook.schemas import KINDS, schema_of
from store import cases, criteria_traces


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A rulebook folder.")],
    new: Annotated[
        Path | None, typer.Argument(metavar="[NEW]", help="Another one; the rulebook in use unless given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Describe the changes between two rulebook folders."""
    with handle_errors():
        found = find_differences(old, new or rulebook_root())
        if as_json:
            output.print_json([change._asdict() for change in found])
        else:
            output.print_lines(*(str(change) for change in found), f"{count_phrase(len(found), 'change')}.")


def impact(
    context: typer.Context,
    old: Annotated[
        Path | None,
        typer.Option("--since", metavar="FOLDER", help="The previous rulebook: its changes are found by name."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List open cases that the rulebook in use affects: their clocks or criteria were made by other rules.

    Without --since it compares the data of the cases (times, consequences, citations, guideline versions). With --since it
    also finds new rules, changed starts, and changes of deciders, authorization requirements and letter texts.
    Nothing is changed: each case keeps its pinned rules until its next review.
    """
    with handle_errors():
        book = load_rulebook()
        changed = changed_entry_names(old, rulebook_root(), "clocks") if old is not None else frozenset()
        elsewhere = find_law_changes(old, rulebook_root()) if old is not None else ()
        now = CurrentRules(book.version, book.clocks, book.criteria, book.calendar, changed, elsewhere)
        with cli_context(context).read_store() as s:
            open_cases = [(view, view.lob) for view in cases.find(s, status=CaseStatus.OPEN) if view.lob is not None]
            found = [
                (view, why) for view, lob in open_cases if (why := explain_impact(_load_case_rules(s, view, lob), now))
            ]
        if as_json:
            output.print_json([{"case_id": view.case_id, "why": list(reasons)} for view, reasons in found])
            return
        rows = [(view.case_id, why) for view, reasons in found for why in reasons]
        if rows:
            output.print_table(("Case", "Affected by"), rows)
        output.print_lines(
            f"{len(found)} of {count_phrase(len(open_cases), 'open case')} affected by rulebook {book.version}."
        )


def _load_case_rules(s: Any, view: CaseView, lob: Lob) -> StoredCaseRules:
    stored = [clock for clock in cases.clocks(s, view.case_id) if isinstance(clock, dict)]
    known = Clock.model_fields
    judged = [line.verdict_id for line in cases.lines(s, view.case_id) if line.verdict_id is not None]
    used = [(verdict.guideline_id, verdict.verdict) for verdict in (criteria_traces.load(s, one) for one in judged)]
    return StoredCaseRules(
        case_id=view.case_id,
        lob=lob,
        state=view.state,
        zone=view.zone,
        rulebook_version=view.rulebook_version,
        clocks=tuple(Clock.model_validate({k: v for k, v in one.items() if k in known}) for one in stored),
        guidelines=tuple((name, str(said.get("version"))) for name, said in used if isinstance(said, dict)),
    )


def schema(
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help=f"One of {', '.join(KINDS)}.")] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write every schema there as KIND.schema.json.")
    ] = None,
) -> None:
    """Print the JSON Schema of a kind of rulebook file, for editors; or write all of them to a folder."""
    if kind is not None and kind not in KINDS:
        print_error(f"There is no kind of file named {kind}.", f"Kinds: {', '.join(KINDS)}.")
        raise typer.Exit(ExitCode.USAGE)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in [kind] if kind else KINDS:
            (folder / f"{name}.schema.json").write_text(json.dumps(schema_of(name), indent=2) + "\n", encoding="utf-8")
        output.print_lines(f"Written to {folder}.")
        return
    if kind is None:
        output.print_table(("Kind", "Files"), [(name, one.files) for name, one in KINDS.items()])
        return
    output.print_json(schema_of(kind))
