"""`umpire rulebook diff`, `touches` and `schema`: what a change of the rules means, and help for whoever writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.terminal import output
from cli.terminal.context import office
from cli.terminal.errors import Exit, complain, told
from cli.terminal.options import Json
from domain.cases.views import CaseStatus, CaseView
from domain.clocks.engine import Clock
from domain.vocabulary import Lob
from rulebook.differences import changed_entries, differences
from rulebook.impact import Now, Standing, touched
from rulebook.law_changes import law_changes
from rulebook.rulebook import load_rulebook, rulebook_root
from rulebook.schemas import KINDS, schema_of
from store import cases
from store import criteria_traces as verdicts


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A rulebook folder.")],
    new: Annotated[
        Path | None, typer.Argument(metavar="[NEW]", help="Another one; the rulebook in use unless given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say in words what changed between two rulebook folders."""
    with told():
        found = differences(old, new or rulebook_root())
        if as_json:
            output.as_json([change._asdict() for change in found])
        else:
            output.say(*(str(change) for change in found), f"{len(found)} change(s).")


def touches(
    context: typer.Context,
    old: Annotated[
        Path | None,
        typer.Option("--since", metavar="FOLDER", help="The rulebook of before: its changes are looked for by name."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the open cases that the rulebook in use touches: whose clocks or criteria were made by other rules.

    Without --since this tells from what the cases hold (times, consequences, citations, guideline versions). With it also
    new rules, changed starts, and changes of who may decide, what needs authorization and what letters say are found.
    Nothing is changed: each case keeps the rules it pinned until it is looked at again.
    """
    with told():
        book = load_rulebook()
        changed = changed_entries(old, rulebook_root(), "clocks") if old is not None else frozenset()
        elsewhere = law_changes(old, rulebook_root()) if old is not None else ()
        now = Now(book.version, book.clocks, book.criteria, book.calendar, changed, elsewhere)
        with office(context).reading() as s:
            open_cases = [(view, view.lob) for view in cases.find(s, status=CaseStatus.OPEN) if view.lob is not None]
            found = [(view, why) for view, lob in open_cases if (why := touched(_standing(s, view, lob), now))]
        if as_json:
            output.as_json([{"case_id": view.case_id, "why": list(reasons)} for view, reasons in found])
            return
        rows = [(view.case_id, why) for view, reasons in found for why in reasons]
        if rows:
            output.table(("Case", "Touched by"), rows)
        output.say(f"{len(found)} of {len(open_cases)} open case(s) touched by rulebook {book.version}.")


def _standing(s: Any, view: CaseView, lob: Lob) -> Standing:
    stored = [clock for clock in cases.clocks(s, view.case_id) if isinstance(clock, dict)]
    known = Clock.model_fields
    judged = [line.verdict_id for line in cases.lines(s, view.case_id) if line.verdict_id is not None]
    used = [(verdict.guideline_id, verdict.verdict) for verdict in (verdicts.load(s, one) for one in judged)]
    return Standing(
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
        complain(f"No kind of file is called {kind}.", f"Kinds: {', '.join(KINDS)}.")
        raise typer.Exit(Exit.USAGE)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in [kind] if kind else KINDS:
            (folder / f"{name}.schema.json").write_text(json.dumps(schema_of(name), indent=2) + "\n", encoding="utf-8")
        output.say(f"Written to {folder}.")
        return
    if kind is None:
        output.table(("Kind", "Files"), [(name, one.files) for name, one in KINDS.items()])
        return
    output.as_json(schema_of(kind))
