"""`umpire rulebook parity`: the worksheet of mental health and substance use beside medical and surgical benefits."""

from __future__ import annotations

from itertools import zip_longest
from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json
from domain.parity.worksheet import (
    BenefitSide,
    Classification,
    ParityEntry,
    ParityWorksheet,
    write_worksheet,
)
from domain.vocabulary import Lob
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.rulebook import load_rulebook

_NEED = {"required": "authorization", "not_required": "none", "forbidden": "none may be asked"}


def parity(
    lob: Annotated[
        Lob | None, typer.Option("--lob", help="One line of business; all that the parity law binds unless given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare what needs authorization and why: mental health and substance use beside medical and surgical benefits.

    By classification (45 CFR 146.136(c)(2)(ii)(A)), from the plan's list, the laws that forbid authorization and the
    guidelines. It ends with the differences that a person has to look at.
    """
    with handle_errors():
        book = load_rulebook()
        policy = book.review.parity
        if policy is None:
            problem, expected = "the file is missing", "the plan's benefits by side and classification"
            raise RulebookErrors((RulebookError("review/parity.yaml", 1, "", problem, expected),))
        lobs = [lob] if lob is not None else [one.lob for one in policy.applies]
        titles = {group.id: group.title for group in book.code_map.groups}
        rules, bans = book.review.requirements, book.review.authorization_bans
        sheets = [write_worksheet(policy, rules, bans, book.criteria.guidelines, titles, each) for each in lobs]
        if as_json:
            output.print_json(sheets)
            return
        for sheet in sheets:
            _print_sheet(sheet)


def _print_sheet(sheet: ParityWorksheet) -> None:
    law = sheet.law or "the parity law does not bind it; for comparison only"
    output.print_lines(f"{output.spell_out(sheet.lob.value)} ({law})")
    rows = [row for classification in Classification for row in _rows(sheet, classification)]
    output.print_table(("Classification", "Mental health and substance use", "Medical and surgical"), rows)
    output.print_lines(*(f"To look at: {found}." for found in sheet.to_look_at), "")


def _rows(sheet: ParityWorksheet, classification: Classification) -> list[tuple[str, str, str]]:
    pairs = zip_longest(*(sheet.of(classification, side) for side in BenefitSide))
    rows = [(classification.value, _cell(ours), _cell(theirs)) for ours, theirs in pairs]
    return rows or [(classification.value, "nothing on the list", "nothing on the list")]


def _cell(entry: ParityEntry | None) -> str:
    if entry is None:
        return ""
    judged = [f"{name} (may approve by rule)" if by_rule else name for name, by_rule in entry.guidelines.items()]
    criteria = f"; criteria {', '.join(judged)}" if judged else "; no criteria" if entry.need == "required" else ""
    return f"{entry.what}: {_NEED[entry.need]}, {entry.because} [{entry.rule_id}]{criteria}"
